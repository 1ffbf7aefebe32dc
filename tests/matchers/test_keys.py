from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matchers.keys import WEIGHTS, account_keys, subject_probes
from matchers.photo_keys import BAND_BITS, BANDS
from matchers.photos import GATE
from matchers.profile import Account, Handle, Photo, Subject

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def probe_keys(subject: Subject, corpus: str = "default") -> set[int]:
    return {probe.key for probe in subject_probes(subject, corpus)}


def shared(subject: Subject, account: Account) -> set[int]:
    return probe_keys(subject) & account_keys(account, "default")


def handle_subject(handle: str) -> Subject:
    return Subject(handles=(Handle(handle, "x"),))


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("janedoe", "janed0e"),
        ("janedoe", "jane_doe_official"),
        ("janedoe", "realjanedoe1990"),
        ("janedoe", "jndoe"),
        ("janedoe", "jаnedoe"),
        ("medwards", "mdwrds"),
        ("edna211", "egna211"),
        ("mcfaul", "McFauI"),
        ("steamcommunity", "stearncomrnunlty"),
        ("discord", "dicsord-ru"),
        ("x601", "x601_backup"),
        ("jane.bsky.social", "jane.com"),
        # Nothing but the first letter and the number, which no other key holds.
        ("karl4417", "kbn_xz44170"),
        ("jd", "JD"),
    ],
)
def test_lookalike_handles_share_a_key(own: str, theirs: str) -> None:
    assert shared(handle_subject(own), Account("bluesky", theirs))


@pytest.mark.parametrize(
    ("own", "theirs"),
    [
        ("Jane Doe", "Doe Jane"),
        ("Jane Doe", "Jаne Dоe"),
        ("Jane Doe", "Jnae Doe"),
        ("Jane Doe", "J. Doe"),
        ("Jane Doe", "Jane Doe Official ✓"),
        ("Robert Miller", "Bob Miller"),
        ("Jane Doe", "Jane Doe-Miller"),
        ("Katarzyna", "Katarzina"),
        ("🔥🔥", "🔥🔥"),
    ],
)
def test_similar_names_share_a_key(own: str, theirs: str) -> None:
    assert shared(Subject(names=(own,)), Account("x", display_name=theirs))


@pytest.mark.parametrize("handle", ["janedoe", "doejane", "jdoe", "jane.doe_", "janedooe", "Jane_Doe99"])
def test_a_handle_built_from_the_name_shares_a_key_with_the_name(handle: str) -> None:
    assert shared(Subject(names=("Jane Doe",)), Account("x", handle))
    assert shared(handle_subject("janedoe"), Account("x", "zzzzzzz", display_name="Jane Doe"))


def test_strangers_share_no_key() -> None:
    subject = Subject(names=("Jane Doe",), handles=(Handle("janedoe", "x"),))
    assert not shared(subject, Account("x", "bob_smith", display_name="Bob Smith"))


def test_keys_are_the_same_in_every_process() -> None:
    # Written down: an index made yesterday must be readable tomorrow. A change here needs a new KEY_VERSION.
    assert min(account_keys(Account("x", "jane"), "default")) == 27914490695732
    assert len(account_keys(Account("x", "janedoe", display_name="Jane Doe"), "default")) == 19


def test_a_corpus_has_keys_of_its_own() -> None:
    account = Account("x", "janedoe", display_name="Jane Doe")
    assert not account_keys(account, "one") & account_keys(account, "two")


def test_probes_are_distinct_and_the_heaviest_first() -> None:
    probes = subject_probes(Subject(names=("Jane Doe",), handles=(Handle("janedoe", "x"),)), "default")
    weights = [probe.weight for probe in probes]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == max(WEIGHTS.values())
    assert len({probe.key for probe in probes}) == len(probes)


def photo(value: int, gate: float = 1.0, probes: tuple[int, ...] = ()) -> Photo:
    return Photo(views={"whole": value}, probes=probes, gate=gate, side=400)


@given(st.integers(0, 2**256 - 1), st.sets(st.integers(0, 255), max_size=11))
def test_a_photo_with_fewer_changed_bits_than_bands_shares_one(value: int, flipped: set[int]) -> None:
    changed = value ^ sum(1 << bit for bit in flipped)
    assert shared(Subject(photos=(photo(value),)), Account("x", avatar=photo(changed)))


@given(st.integers(0, 2**256 - 1), st.integers(0, BAND_BITS - 1))
def test_the_plain_photo_is_found_with_one_changed_bit_in_every_band(value: int, bit: int) -> None:
    changed = value
    for band in range(BANDS):
        changed ^= 1 << (4 + band * BAND_BITS + bit)
    assert shared(Subject(photos=(photo(value, probes=(value,)),)), Account("x", avatar=photo(changed)))


def test_number_of_photo_keys() -> None:
    probes = subject_probes(Subject(photos=(photo(3, probes=(3, 2**255 - 19)),)), "default")
    assert len(probes) == BANDS * BAND_BITS + 2 * BANDS
    assert len(account_keys(Account("x", avatar=photo(3)), "default")) == BANDS


def test_a_flat_picture_has_no_keys() -> None:
    flat = photo(2**255 - 19, gate=GATE / 2)
    assert not account_keys(Account("x", avatar=flat), "default")
    assert not subject_probes(Subject(photos=(flat,)), "default")


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_account_has_bounded_stable_keys_and_is_found_by_itself(handle: str, name: str) -> None:
    account = Account("x", handle, display_name=name)
    keys = account_keys(account, "default")
    assert keys == account_keys(Account("x", handle, display_name=name), "default")
    assert all(0 <= key < 2**63 for key in keys)
    assert len(keys) < 200
    own = Subject(names=(name,), handles=(Handle(handle, "x"),))
    assert bool(keys) == bool(keys & probe_keys(own))


@st.composite
def one_edit(draw: st.DrawFn) -> tuple[str, str]:
    own = draw(st.text(LETTERS, min_size=5, max_size=20))
    at = draw(st.integers(0, len(own) - 1))
    letter = draw(st.sampled_from(LETTERS + "0123456789_.-"))
    edits = [own[:at] + own[at + 1 :], own[:at] + letter + own[at:], own[:at] + letter + own[at + 1 :]]
    if at:
        edits.append(own[: at - 1] + own[at] + own[at - 1] + own[at + 1 :])
    return own, draw(st.sampled_from(edits))


@given(one_edit())
def test_every_lookalike_one_edit_away_shares_a_key(pair: tuple[str, str]) -> None:
    own, theirs = pair
    assume(len([c for c in theirs if c.isalnum()]) >= 4)
    assert shared(handle_subject(own), Account("x", theirs))


@pytest.mark.data
def test_real_lookalikes_share_a_key(data_dir: Path) -> None:
    with (data_dir / "names" / "phish_lookalike_labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::5]
    found = sum(bool(shared(handle_subject(row["target"]), Account("x", row["lookalike"]))) for row in rows)
    assert found / len(rows) > 0.99


@pytest.mark.parametrize(
    ("own", "theirs"), [("discord", "disordgifts"), ("steamcommunity", "steancommynity"), ("jsblackwood", "jblckwod")]
)
def test_several_edits_leave_keys_that_tell(own: str, theirs: str) -> None:
    weights = {probe.key: probe.weight for probe in subject_probes(handle_subject(own), "default")}
    common = account_keys(Account("x", theirs), "default") & weights.keys()
    # In an index where each key is unique this much makes a candidate: see app.accounts.retrieval.
    assert sum(weights[key] for key in common) >= 1.75


@pytest.mark.parametrize(
    "shown", ["Joe Wilson-Miller", "Joe Miller Wilson", "Joe Wilson Fanclub", "Joseph Wilson-Miller"]
)
def test_a_common_name_with_another_part_shares_the_key_of_a_whole_name(shown: str) -> None:
    weights = {probe.key: probe.weight for probe in subject_probes(Subject(names=("Joe Wilson",)), "default")}
    common = account_keys(Account("x", display_name=shown), "default") & weights.keys()
    assert max(weights[key] for key in common) >= WEIGHTS["name"]


def kinds_shared(subject: Subject, account: Account) -> int:
    return len(shared(subject, account))


def test_a_common_name_is_crossed_with_what_tells_its_bearers_apart() -> None:
    common, rare = "John Smith", "Adaeze Brandvold"
    for name, crossed in ((common, True), (rare, False)):
        subject = Subject(names=(name,), handles=(Handle("xq_1987", "x"),))
        theirs = Account("x", "qqqqq1987", display_name=name)
        without = Account("x", "qqqqq", display_name=name)
        assert (kinds_shared(subject, theirs) > kinds_shared(subject, without)) is crossed


def test_a_common_name_is_crossed_with_pieces_of_the_photo() -> None:
    # One bit is turned over in every band; the last piece of 12 bits holds none of them.
    value = 2**255 - 19
    changed = value ^ sum(1 << 4 + band * BAND_BITS + 20 for band in range(BANDS))
    subject = Subject(names=("John Smith",), photos=(photo(value, probes=(1,)),))
    assert len(shared(subject, Account("x", display_name="John Smith", avatar=photo(changed)))) > len(
        shared(subject, Account("x", display_name="John Smith"))
    )
