from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.alignment import Edit, align
from matchers.background import letter_bits

WORTH = 4.0
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def test_a_copy_is_found_inside_and_costs_nothing() -> None:
    found = align("janedoe", "realjanedoe22", WORTH)
    assert found is not None
    assert (found.gain, found.start, found.end, found.edits) == (28.0, 4, 11, ())


@pytest.mark.parametrize(
    ("theirs", "edit", "cost"),
    [
        ("janed0e", Edit("swap", "o", 5, 6), 3.5),
        ("janetoe", Edit("other", "d", 4, 5), 9.0),
        ("janedie", Edit("other", "o", 5, 6), 6.0),
        ("jnaedoe", Edit("turned", "an", 1, 3), 5.0),
        ("jaknedoe", Edit("added", "", 2, 3), 5.0),
        ("jannedoe", Edit("doubled", "", 3, 4), 2.5),
    ],
)
def test_each_kind_of_edit_has_its_cost(theirs: str, edit: Edit, cost: float) -> None:
    found = align("janedoe", theirs, WORTH)
    assert found is not None
    assert found.edits == (edit,)
    assert found.gain == pytest.approx(7 * WORTH - cost)


@pytest.mark.parametrize(
    ("own", "theirs", "kind", "cost"),
    [
        ("martha", "rnartha", "pair", 3.0),
        ("bernard", "bemard", "pair", 3.0),
        ("edward", "edvvard", "pair", 3.0),
        ("claude", "daude", "pair", 3.0),
    ],
)
def test_two_letters_that_look_like_one(own: str, theirs: str, kind: str, cost: float) -> None:
    found = align(own, theirs, WORTH)
    assert found is not None
    assert [edit.kind for edit in found.edits] == [kind]
    assert found.gain == pytest.approx(len(own) * WORTH - cost)


@pytest.mark.parametrize(
    ("own", "theirs", "cost"), [("johnsmith", "jonsmith", 6.0), ("janedoe", "jandoe", 4.0), ("annadoe", "anadoe", 3.0)]
)
def test_a_letter_left_out_earns_nothing_and_costs_by_what_it_is(own: str, theirs: str, cost: float) -> None:
    found = align(own, theirs, WORTH)
    assert found is not None
    assert [edit.kind for edit in found.edits] == ["left_out"]
    assert found.gain == pytest.approx((len(own) - 1) * WORTH - cost)


def test_nothing_in_common_is_nothing() -> None:
    assert align("janedoe", "xyzzy", WORTH) is None


@given(st.text(LETTERS, min_size=1, max_size=15), st.text(LETTERS, min_size=1, max_size=20))
def test_no_pair_gains_more_than_a_copy_and_edits_lie_inside(own: str, theirs: str) -> None:
    found = align(own, theirs, WORTH)
    if found is not None:
        assert 0 < found.gain <= WORTH * len(own)
        assert 0 <= found.start <= found.end <= len(theirs)
        assert all(found.start <= edit.start <= edit.end <= found.end for edit in found.edits)


@given(st.text(LETTERS, min_size=1, max_size=15), st.text(LETTERS, max_size=5), st.text(LETTERS, max_size=5))
def test_a_copy_gains_fully_wherever_it_stands(own: str, front: str, back: str) -> None:
    found = align(own, front + own + back, WORTH)
    assert found is not None
    assert found.gain == pytest.approx(WORTH * len(own))


def test_rare_handles_carry_more_bits_than_common_ones() -> None:
    assert sum(letter_bits("johnsmith")) < sum(letter_bits("elonmuskx"))


@given(st.text(max_size=40))
def test_every_letter_has_positive_bounded_bits(text: str) -> None:
    bits = letter_bits(text)
    assert len(bits) == len(text)
    assert all(0 <= b <= 8 for b in bits)
