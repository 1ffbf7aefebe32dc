"""One account from several sources counts once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.scans.pool import Pool
from app.sources.contract import Candidate, Picture
from matchers.profile import Account, Photo, Subject
from matchers.world import World

SUBJECT = Subject(names=("Adaeze Brandvold",))
OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
AVATAR = Photo(views={"whole": 5}, gate=0.5, side=300)


def _pool() -> Pool:
    return Pool(SUBJECT, World(), {})


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Account("x", "Jane_Doe"), Account("x", "@jane_doe"), True),
        (Account("x", "jane", "7"), Account("x", "jane_new", "7"), True),
        (Account("x", "jane", "7"), Account("x", "jane"), True),
        (Account("x", "jane", "7"), Account("x", "jane", "8"), False),
        (Account("x", "jane"), Account("instagram", "jane"), False),
        (Account("x", display_name="Jane"), Account("x", display_name="Jane"), False),
        (Account("mastodon", "Jane@Fosstodon.org"), Account("mastodon", "jane@fosstodon.org"), True),
        (Account("mastodon", "jane@a.example"), Account("pleroma", "jane@a.example"), True),
        (Account("mastodon", "jane@a.example"), Account("mastodon", "jane@b.example"), False),
    ],
)
def test_who_is_the_same(first: Account, second: Account, same: bool) -> None:
    pool = _pool()
    pool.add([Candidate(first, "a")])
    pool.add([Candidate(second, "b")])
    assert [entry.sources for entry in pool.entries] == ([("a", "b")] if same else [("a",), ("b",)])


def test_the_newer_sighting_counts_and_the_older_fills_in() -> None:
    pool = _pool()
    known = Account("x", "jane", "7", "Jane", "old", avatar=AVATAR, followers=3)
    seen = Account("x", "jane", "7", "Jane D.", followers=0)
    pool.add([Candidate(seen, "net", NEW, picture=Picture("https://a.example/p"), may_keep=False)])
    pool.add([Candidate(known, "index", OLD, row_id=12)])
    (entry,) = pool.entries
    account = entry.candidate.account
    assert (account.display_name, account.bio, account.avatar, account.followers) == ("Jane D.", "old", AVATAR, 0)
    assert (entry.candidate.row_id, entry.candidate.may_keep) == (12, False)
    assert entry.candidate.picture is not None


def test_two_that_turn_out_to_be_one_become_one() -> None:
    pool = _pool()
    pool.add([Candidate(Account("x", "jane"), "a"), Candidate(Account("x", account_id="7"), "b")])
    assert len(pool.entries) == 2
    touched = pool.add([Candidate(Account("x", "jane", "7"), "c")])
    assert len(pool.entries) == len(touched) == 1
    assert set(pool.entries[0].sources) == {"a", "b", "c"}


def test_a_comparison_keeps_its_id_when_more_is_known() -> None:
    pool = _pool()
    entries = pool.add([Candidate(Account("x", "jane", display_name="Adaeze Brandvold"), "a")])
    (before,) = pool.judge(entries)
    again = pool.add([Candidate(Account("x", "jane", display_name="Adaeze Brandvold", bio="x"), "b")])
    pool.judge(again)
    assert [(item.id, item.sources) for item in pool.judged] == [(before.id, ("a", "b"))]
