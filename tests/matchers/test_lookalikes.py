"""The lookalikes of a handle: distinct accounts, allowed by the platform, and such as our own judge recognises."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.handles import compare_handles
from matchers.lookalike_tables import COSTS
from matchers.lookalike_twists import find_boundaries, list_twists
from matchers.lookalikes import Lookalike, Syntax, apply_twists, find_difference, lookalikes
from matchers.profile import Account, Handle, Subject
from matchers.text import fold, skeleton
from matchers.world import DEFAULT_WORLD

_X = re.compile(r"[A-Za-z0-9_]{4,15}")
X = Syntax(allows=lambda handle: _X.fullmatch(handle) is not None, year=2026)
HANDLES = ("janedoe", "elonmusk", "McFaul", "RepJaneDoe", "adaezebrandvold", "kim_lee_99", "william.moore")


def found(handle: str, limit: int = 50, syntax: Syntax = X) -> dict[str, Lookalike]:
    return {one.handle: one for one in lookalikes(handle, "x", limit, syntax)}


@pytest.mark.parametrize(
    ("handle", "lookalike", "kind", "summary"),
    [
        ("McFaul", "McFauI", "capital_i", "capital I in place of small l"),
        ("janedoe", "janed0e", "looks_alike", "0 in place of o"),
        ("janedoe", "janecloe", "looks_alike", "cl in place of d"),
        ("kimlee", "kirnlee", "looks_alike", "rn in place of m"),
        ("wanda", "vvanda", "looks_alike", "vv in place of w"),
        ("janedoe", "jane_doe", "separator", "_ added"),
        ("janedoe", "janedoe_", "separator", "_ added"),
        ("jane_doe", "janedoe", "separator", "_ left out"),
        ("janedoe", "realjanedoe", "affix", "real added in front"),
        ("janedoe", "janedoeofficial", "affix", "official added at the end"),
        ("repjanedoe", "janedoe", "affix", "rep left out"),
        ("janedoe", "janedoe1", "number", "1 added at the end"),
        ("janedoe", "janedoe2026", "number", "2026 added at the end"),
        ("janedoe", "jandoe", "left_out", "e left out"),
        ("janedoe", "jannedoe", "doubled", "n doubled"),
        ("janedoe", "jaendoe", "swapped", "n and e swapped"),
        ("elonmusk", "alonmusk", "vowel", "a in place of e"),
        ("janedoe", "janedow", "neighbour", "w in place of e"),
    ],
)
def test_what_impostors_do_is_found_and_said(handle: str, lookalike: str, kind: str, summary: str) -> None:
    one = found(handle, 300)[lookalike]
    assert (one.kind, one.summary) == (kind, summary)


def test_the_likeliest_come_first() -> None:
    order = list(found("janedoe", 300))
    for earlier, later in (
        ("janedoe_", "-janedoe"),
        ("jandoe", "anedoe"),
        ("janed0e", "jan3doe"),
        ("realjanedoe", "drjanedoe"),
        ("janedoe1", "janedoe_007"),
        ("jane_doe", "j_anedoe"),
    ):
        assert order.index(earlier) < (order.index(later) if later in order else len(order)), (earlier, later)


def test_the_first_screen_shows_many_ways() -> None:
    kinds = {one.kind for one in lookalikes("williammoore", "x", 20, X)}
    assert len(kinds) >= 6


@pytest.mark.parametrize("handle", HANDLES)
def test_costs_rise_and_a_shorter_list_is_the_beginning_of_a_longer(handle: str) -> None:
    long = lookalikes(handle, "x", 400, X)
    assert len(long) == 400
    assert all(one.cost <= two.cost + 0.01 for one, two in pairwise(long))
    assert lookalikes(handle, "x", 40, X) == long[:40]


@pytest.mark.parametrize("handle", HANDLES)
def test_our_own_judge_recognises_them(handle: str) -> None:
    subject = Subject(handles=(Handle(handle, "x"),))
    bits = []
    for one in lookalikes(handle, "x", 30, X):
        finding = compare_handles(subject, Account("x", handle=one.handle), DEFAULT_WORLD)
        bits.append(finding.bits if finding else 0.0)
    assert sum(b > 8 for b in bits) >= 27, bits


@given(st.text(max_size=80), st.sampled_from(["x", "bluesky", "mastodon", None]), st.booleans())
def test_every_lookalike_is_another_account_that_may_exist(text: str, platform: str | None, foreign: bool) -> None:
    syntax = Syntax(
        allows=lambda h: len(h) <= 30 and (foreign or h.isascii()),
        other_scripts=foreign,
        home=".bsky.social" if platform == "bluesky" else None,
    )
    listed = lookalikes(text, platform, 30, syntax)
    keys = [syntax.key(one.handle) for one in listed]
    assert len(set(keys)) == len(keys) <= 30
    assert syntax.key(text.strip(" @")) not in keys
    assert all(syntax.allows(one.handle) for one in listed)
    assert all(one.summary and one.summary.isprintable() for one in listed if text.isprintable())


def test_capitals_only_where_readers_see_them() -> None:
    assert "McFauI" in found("McFaul")
    hidden = found("McFaul", 200, Syntax(allows=X.allows, shows_case=False))
    assert "capital_i" not in {one.kind for one in hidden.values()}


def test_what_is_equal_on_the_platform_is_no_lookalike() -> None:
    same = Syntax(key=skeleton)
    assert skeleton("janedoe") not in {skeleton(handle) for handle in found("janedoe", 300, same)}


def test_other_alphabets_only_where_the_platform_takes_them() -> None:
    assert all(handle.isascii() for handle in found("janedoe", 300))
    foreign = [one for one in lookalikes("janedoe", "x", 300, Syntax(other_scripts=True)) if one.kind == "script"]
    assert foreign
    assert {fold(one.handle) for one in foreign} == {"janedoe"}


def test_a_full_handle_takes_no_affix() -> None:
    listed = found("adaezebrandvold", 200)
    assert all(len(handle) <= 15 for handle in listed)
    assert "affix" not in {one.kind for one in listed.values()}


@pytest.mark.parametrize(
    ("handle", "platform", "home", "expected"),
    [
        ("jane.com", "bluesky", ".bsky.social", "jane.bsky.social"),
        ("jane.bsky.social", "bluesky", ".bsky.social", "janne.bsky.social"),
        ("@jane@fosstodon.org", "mastodon", "@mastodon.social", "jane@mastodon.social"),
        ("@jane@fosstodon.org", "mastodon", "@mastodon.social", "jane_@fosstodon.org"),
    ],
)
def test_hosts_are_kept_or_exchanged_whole(handle: str, platform: str, home: str, expected: str) -> None:
    listed = [one.handle for one in lookalikes(handle, platform, 60, Syntax(home=home))]
    assert expected in listed
    assert all(one.endswith((home, handle.lstrip("@")[4:])) for one in listed)


@pytest.mark.parametrize("handle", ["", "jo", "49151234567", "___", "\u202e", "@", "12 34", "a" * 65])
def test_who_cannot_be_told_has_no_lookalikes(handle: str) -> None:
    assert lookalikes(handle, None, 10, Syntax()) == ()


def test_a_platform_that_takes_nothing_costs_little() -> None:
    start = time.process_time()
    assert lookalikes("janedoe", None, 200, Syntax(allows=lambda _: False)) == ()
    assert time.process_time() - start < 1.0


def test_fifty_lookalikes_are_quick() -> None:
    lookalikes("janedoe", "x", 50, X)
    times = []
    for _ in range(10):
        start = time.process_time()
        lookalikes("adaezebrandvold", "x", 50, X)
        times.append(time.process_time() - start)
    assert min(times) < 0.005


@pytest.mark.parametrize(
    ("handle", "between"),
    [("janedoe", {4}), ("JaneDoe", {4}), ("repqzxwv", {3}), ("jane99", {4}), ("qzxwv", set())],
)
def test_words_of_a_handle(handle: str, between: set[int]) -> None:
    assert find_boundaries(handle) == between


def test_the_holders_name_shows_where_words_end() -> None:
    assert find_boundaries("elonmusk") == set()
    assert find_boundaries("elonmusk", ("Elon R. Musk",)) == {4}
    order = [one.handle for one in lookalikes("elonmusk", "x", 20, X, ("Elon Musk",))]
    assert "elon_musk" in order


def test_every_twist_changes_what_it_says() -> None:
    for twist in list_twists("jane_doe1", shows_case=True, other_scripts=True, year=2026):
        assert "jane_doe1"[twist.start : twist.end].lower() == twist.own.lower() or twist.start == twist.end
        assert apply_twists("jane_doe1", (twist,)) != "jane_doe1"
        assert twist.cost >= 0
    assert all(cost >= 0 for cost in COSTS.values())


def test_the_letters_that_differ_are_told() -> None:
    assert find_difference("janedoe", "janedoe") == []
    assert find_difference("janed0e", "janedoe") == [(5, 6)]
    assert find_difference("the_janedoe", "janedoe") == [(0, 4)]
