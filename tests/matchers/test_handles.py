from __future__ import annotations

import csv
import sys
import timeit
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.evidence import Finding
from matchers.handles import CAP, DIFFERS_BITS, compare_handles
from matchers.profile import Account, Handle, Subject
from matchers.world import DEFAULT_WORLD

JANE = Subject(names=("Jane Doe",), handles=(Handle("janedoe", "x"),))


def compare(
    handle: str | None, platform: str = "x", name: str | None = None, subject: Subject = JANE
) -> Finding | None:
    return compare_handles(subject, Account(platform, handle, display_name=name), DEFAULT_WORLD)


def found(handle: str, platform: str = "x", name: str | None = None, subject: Subject = JANE) -> Finding:
    finding = compare(handle, platform, name, subject)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("handle", "platform", "code", "told"),
    [
        ("janedoe", "x", "handle.same", "The handle is the same: janedoe"),
        ("JaneDoe", "x", "handle.same", "The handle is the same: JaneDoe"),
        ("janedoe", "instagram", "handle.same_elsewhere", "The same handle, janedoe, on another platform"),
        ("janedoe.bsky.social", "bluesky", "handle.same_elsewhere", "The same handle, janedoe, on another platform"),
        ("janed0e", "x", "handle.looks_same", "Handle janed0e looks like janedoe: 0 in place of o"),
        ("jane_doe", "x", "handle.looks_same", "Handle jane_doe looks like janedoe: _ added"),
        ("jаnedoe", "x", "handle.looks_same", "Handle jаnedoe looks like janedoe: a look-alike letter in place of a"),
        ("janédoe", "x", "handle.looks_same", "Handle janédoe looks like janedoe: é in place of e"),
        ("jnaedoe", "x", "handle.lookalike", "Handle jnaedoe resembles janedoe: a and n swapped"),
        ("jandoe", "x", "handle.lookalike", "Handle jandoe resembles janedoe: e left out"),
        ("janedoe84", "x", "handle.lookalike", "Handle janedoe84 resembles janedoe: 84 added at the end"),
        ("real_janedoe", "x", "handle.lookalike", "Handle real_janedoe resembles janedoe: real added in front"),
        ("doejane", "x", "handle.from_name", "Handle doejane is built from the name Jane Doe"),
        ("jdoe", "x", "handle.from_name", "Handle jdoe is built from the name Jane Doe"),
        ("bobsmith", "x", "handle.differs", "The handle is a different one"),
    ],
)
def test_what_is_found_and_how_it_is_told(handle: str, platform: str, code: str, told: str) -> None:
    finding = found(handle, platform)
    assert (finding.code, finding.summary) == (code, told)


@pytest.mark.parametrize(
    ("handle", "spans"),
    [
        ("janed0e", [(5, 6)]),
        ("@janed0e", [(6, 7)]),
        ("jane_doe", [(4, 5)]),
        ("janedoe_official", [(7, 16)]),
        ("realjanedoe99", [(0, 4), (11, 13)]),
        ("jаnedoe", [(1, 2)]),
        ("jandoe", []),
    ],
)
def test_spans_show_the_differing_characters(handle: str, spans: list[tuple[int, int]]) -> None:
    finding = found(handle)
    assert [(span.start, span.end) for span in finding.spans] == spans
    assert all(span.side == "candidate" and span.field == "handle" for span in finding.spans)


def test_capital_i_for_l() -> None:
    finding = found("McFauI", subject=Subject(handles=(Handle("McFaul", "x"),)))
    assert finding.summary == "Handle McFauI looks like McFaul: capital I in place of small l"
    assert [(span.start, span.end) for span in finding.spans] == [(5, 6)]


def test_the_same_local_part_on_another_server() -> None:
    subject = Subject(handles=(Handle("@jane_roe@good.example", "mastodon"),))
    assert found("@jane_roe@evil.example", "mastodon", subject=subject).code == "handle.same_elsewhere"
    assert found("@jane_roe@good.example", "mastodon", subject=subject).code == "handle.same"


def test_the_handle_on_the_same_platform_is_the_one_told() -> None:
    subject = Subject(handles=(Handle("janedoe", "x"), Handle("janedoe", "instagram")))
    assert found("janedoe", "instagram", subject=subject).code == "handle.same"


def test_the_own_name_of_a_namesake_explains_the_handle() -> None:
    stranger, namesake = found("janedoe_", name="Kim Lee"), found("janedoe_", name="Jane Doe")
    assert stranger.params["explained_by_own_name"] is False
    assert namesake.params["explained_by_own_name"] is True
    assert namesake.bits == pytest.approx(0.15 * stranger.bits)
    assert namesake.summary.endswith("the account's own name explains it too")


@pytest.mark.parametrize("handle", ["janed0e", "jnaedoe", "jаnedoe", "janedooe"])
def test_a_misspelt_copy_keeps_full_weight_whatever_its_name(handle: str) -> None:
    assert found(handle, name="Jane Doe").bits == found(handle, name=None).bits


@pytest.mark.parametrize(
    ("handle", "name"),
    [("johndoe", "John Doe"), ("jenny_doe", "Jennifer Doe"), ("janetdoe", "Janet Doe"), ("jane_foe", "Jane Foe")],
)
def test_relatives_and_similar_names_gain_little(handle: str, name: str) -> None:
    assert found(handle, name=name).bits < 5


def test_an_office_that_both_wear_says_little() -> None:
    subject = Subject(handles=(Handle("RepMaxMiller", "x"),))
    assert found("RepTomBaker", subject=subject).bits <= 0
    assert (
        found("RepMaxMiller_", subject=subject).bits
        < found("MaxMiller", subject=Subject(handles=(Handle("maxmiller"),))).bits + 5
    )


def test_all_vowels_left_out() -> None:
    finding = found("jndrsn_", subject=Subject(handles=(Handle("jeanderson", "x"),)))
    assert finding.summary == "Handle jndrsn_ resembles jeanderson: the vowels left out, _ added at the end"
    assert finding.bits > 5


@pytest.mark.parametrize("handle", [None, "", "@", "jd", "🔥🔥🔥", "_._"])
def test_nothing_to_compare_is_no_evidence(handle: str | None) -> None:
    assert compare(handle) is None


def test_no_handle_and_no_name_on_the_subject_is_no_evidence() -> None:
    assert compare("janedoe", subject=Subject()) is None
    assert compare("bobsmith", subject=Subject(names=("Jane Doe",))) is None


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_compared(own: str, own_name: str, handle: str, name: str) -> None:
    subject = Subject(names=(own_name,), handles=(Handle(own, "x"),))
    finding = compare(handle, "x", name, subject)
    if finding is not None:
        assert DIFFERS_BITS <= finding.bits <= CAP
        assert all(0 <= span.start < span.end <= len(handle) for span in finding.spans)


@given(st.text("abcdefghijklmnopqrstuvwxyz_", min_size=3, max_size=20), st.text(max_size=20))
def test_identity_is_maximal(own: str, other: str) -> None:
    subject = Subject(handles=(Handle(own, "x"),))
    same, different = compare(own, subject=subject), compare(other, subject=subject)
    if same is not None and different is not None:
        assert same.bits >= different.bits


@pytest.mark.data
def test_handles_of_clones_named_in_the_press(data_dir: Path) -> None:
    with (data_dir / "names" / "press_cases.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "clone"]
    assert len(rows) >= 10
    for row in rows:
        subject = Subject(names=(row["real_name"],), handles=(Handle(row["real_handle"], "x"),))
        assert found(row["other_handle"], subject=subject).bits >= 12, row["other_handle"]


@pytest.mark.data
def test_legislators_who_share_a_surname_do_not_imitate_each_other(data_dir: Path) -> None:
    with (data_dir / "names" / "congress_handles.csv").open(encoding="utf-8") as file:
        people = [row for row in csv.DictReader(file) if row["twitter"]]
    pairs = [(a, b) for a in people for b in people if a is not b and a["last"] == b["last"]]
    assert len(pairs) > 100
    for a, b in pairs:
        subject = Subject(names=(a["official_full"],), handles=(Handle(a["twitter"], "x"),))
        assert found(b["twitter"], name=b["official_full"], subject=subject).bits < 10, (a["twitter"], b["twitter"])


@pytest.mark.data
def test_real_lookalikes_stand_out_from_other_handles(data_dir: Path) -> None:
    with (data_dir / "names" / "phish_lookalike_labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["target"] == "steamcommunity"][::10]
    with (data_dir / "names" / "congress_handles.csv").open(encoding="utf-8") as file:
        strangers = [row["twitter"] for row in csv.DictReader(file) if row["twitter"]]
    subject = Subject(handles=(Handle("steamcommunity"),))
    assert all(found(handle, subject=subject).bits <= 0 for handle in strangers)
    recognised = sum(found(row["lookalike"], subject=subject).bits > 12 for row in rows)
    assert recognised / len(rows) > 0.98


@pytest.mark.skipif(sys.gettrace() is not None, reason="timing under a tracer says nothing")
def test_a_stranger_costs_microseconds() -> None:
    accounts = [Account("x", f"{a}{b}smith", display_name="Bob Smith") for a in "bcfghk" for b in "aeiou"]
    once = min(timeit.repeat(lambda: [compare_handles(JANE, a, DEFAULT_WORLD) for a in accounts], number=10, repeat=5))
    # The aim is 10 us; a loaded machine gets slack.
    assert once / 10 / len(accounts) < 100e-6


@pytest.mark.parametrize("handle", ["verabuchanan", "verabuchanan_", "vera.buchanan"])
def test_the_same_handle_is_never_called_a_different_one(handle: str) -> None:
    subject = Subject(names=("Vera Buchanan",), handles=(Handle("verabuchanan", "x"),))
    account = Account("instagram", handle, display_name="Vera Buchanan-Miller")
    finding = compare_handles(subject, account, DEFAULT_WORLD)
    assert finding is not None
    assert finding.code in {"handle.same_elsewhere", "handle.looks_same"}
    assert finding.params["explained_by_own_name"]
    assert 0 < finding.bits < 10


@pytest.mark.parametrize(
    ("own", "name", "theirs"),
    [("repjoewilson", "Joe Wilson", "rpjwlsn"), ("congressmanraja", "Raja Krishnamoorthi", "cngrssmnrj")],
)
def test_vowels_left_out_of_an_office_too(own: str, name: str, theirs: str) -> None:
    found = compare_handles(Subject((name,), (Handle(own, "x"),)), Account("x", theirs), DEFAULT_WORLD)
    assert found is not None
    assert found.code == "handle.lookalike"


@pytest.mark.parametrize(
    ("name", "own", "handle"),
    [
        ("김민준", "minjunkim", "minjun_kim"),
        ("김민준", "minjunkim", "kimminjun7"),
        ("陈小明", "xiaomingchan", "chan_xiaoming"),
    ],
)
def test_a_name_in_another_script_explains_its_romanised_handle(name: str, own: str, handle: str) -> None:
    subject = Subject(names=(name,), handles=(Handle(own, "x"),))
    finding = compare_handles(subject, Account("x", handle, display_name=name), DEFAULT_WORLD)
    assert finding is not None
    assert finding.bits < 10
