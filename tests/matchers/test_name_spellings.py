"""Names: the spellings of one name, and names that only look like spellings of one another."""

from __future__ import annotations

import pytest

from matchers.name_spellings import load_sexes, load_spellings, spelling_keys
from matchers.names import compare_names
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD


def bits(own: str, theirs: str) -> float:
    finding = compare_names(Subject(names=(own,)), Account("x", display_name=theirs), DEFAULT_WORLD)
    assert finding is not None
    return finding.bits


def test_tables_hold_what_they_say() -> None:
    assert len(load_spellings()) > 40_000
    assert load_sexes()["danielle"] == "f"
    assert load_sexes()["daniel"] == "m"
    assert "robin" not in load_sexes()


@pytest.mark.parametrize(
    ("one", "other"), [("mohammed", "muhammad"), ("yevgeny", "evgeny"), ("sergey", "serguei"), ("yusuf", "yousef")]
)
def test_spellings_share_a_name(one: str, other: str) -> None:
    assert spelling_keys(one, None) & spelling_keys(other, None)


def test_another_script_is_looked_up_by_itself() -> None:
    assert spelling_keys("mhmd", "محمد") & spelling_keys("mohammed", None)
    assert not spelling_keys("zzyzx", None)


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("Mohammed Haddad", "Muhammad Haddad"),
        ("Mohamed Salah", "محمد صلاح"),
        ("John Smith", "ジョン・スミス"),
        ("John Smith", "约翰·史密斯"),
        ("Giorgos Papadopoulos", "George Papadopoulos"),
        ("Yevgeny Petrov", "Eugene Petrov"),
        ("Pyotr Tchaikovsky", "Peter Chaikovski"),
        ("'Abd al-Aziz al-Nuristani", "Abdul Aziz Nooristani"),
    ],
)
def test_one_name_in_other_spellings(own: str, theirs: str) -> None:
    assert bits(own, theirs) > 9


@pytest.mark.parametrize(
    ("own", "sibling"),
    [
        ("Daniel Weber", "Danielle Weber"),
        ("Julian Weber", "Julia Weber"),
        ("Alexander Petrov", "Alexandra Petrov"),
        ("Ivan Petrov", "Ivana Petrova"),
        ("Hassan Ali", "Hussein Ali"),
        ("Christian Weber", "Christina Weber"),
    ],
)
def test_siblings_are_two_people(own: str, sibling: str) -> None:
    assert bits(own, sibling) < 2
    assert bits(sibling, own) < 2


@pytest.mark.parametrize(("own", "other"), [("Marie Weber", "Maria Weber"), ("Anna Weber", "Hanna Weber")])
def test_related_names_are_less_than_the_same(own: str, other: str) -> None:
    finding = compare_names(Subject(names=(own,)), Account("x", display_name=other), DEFAULT_WORLD)
    assert finding is not None
    assert finding.code == "name.similar"
    assert finding.bits < bits(own, own) - 1
