from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import AccountKeyRow, AccountRow, CorpusRow, KeyCountRow
from app.accounts.observation import RejectedLine
from app.accounts.rows import account_to_wire, to_account
from app.accounts.schemas import AccountIn
from app.accounts.service import ImportResult, import_accounts, purge_expired
from app.problems import NotFoundError
from app.settings import Settings
from app.storage import Database, utc_now
from matchers.keys import account_keys
from tests.accounts.conftest import SCOPE, Put, find, hashes

Json = dict[str, Any]
FULL: Json = {
    "handle": "JaneDoe",
    "account_id": "42",
    "display_name": "Jane Doe",
    "bio": "Cellist",
    "avatar": hashes("jane"),
    "profile_url": "https://x.com/janedoe",
    "created_at": "2015-03-01T00:00:00Z",
    "followers": 10,
    "following": 0,
    "posts": 7,
    "verified": True,
    "verified_kind": "government",
    "protected": False,
    "bot": False,
    "labels": ["parody"],
    "links": [{"url": "https://example.org", "verified": True}],
    "source": "feed",
    "observed_at": "2026-01-01T00:00:00Z",
}


def counts(result: ImportResult) -> tuple[int, int, int, int, int]:
    return result.inserted, result.updated, result.unchanged, result.suppressed, result.rejected


def test_everything_told_comes_back(put: Put, db: Database) -> None:
    put(FULL)
    told = account_to_wire(find(db, handle="janedoe")).model_dump(mode="json", exclude_none=True)
    assert len(told.pop("id")) == 20
    assert told["avatar"]["hashes"].pop("probes") == []
    assert told == FULL | {"platform": "x"}
    # and what comes back can be imported again
    assert counts(put(told)) == (0, 0, 1, 0, 0)


def test_the_same_twice_is_unchanged(put: Put) -> None:
    records = [FULL, {"handle": "b"}, {"display_name": "Only A Name"}, {"account_id": "7", "avatar": hashes(7)}]
    assert counts(put(*records)) == (4, 0, 0, 0, 0)
    assert counts(put(*records)) == (0, 0, 4, 0, 0)
    assert counts(put(*records, *records)) == (0, 0, 8, 0, 0)


def test_absent_is_unchanged_and_null_is_cleared(put: Put, db: Database) -> None:
    put(FULL)
    assert counts(put({"handle": "janedoe", "bio": None, "observed_at": "2026-01-02T00:00:00Z"})) == (0, 1, 0, 0, 0)
    row = find(db, handle="janedoe")
    assert (row.bio, row.display_name, row.followers) == (None, "Jane Doe", 10)
    cleared = dict.fromkeys(("avatar", "labels", "links", "followers", "verified", "created_at"))
    put({"handle": "janedoe", **cleared})
    account = to_account(find(db, handle="janedoe"))
    assert (account.avatar, account.labels, account.links) == (None, (), ())
    assert (account.followers, account.verified, account.created_at) == (None, None, None)


def test_older_never_overwrites_newer(put: Put, db: Database) -> None:
    put({"handle": "jane", "bio": "new", "observed_at": "2026-02-01T00:00:00Z"})
    assert counts(put({"handle": "jane", "bio": "old", "observed_at": "2026-01-01T00:00:00Z"})) == (0, 0, 1, 0, 0)
    assert find(db, handle="jane").bio == "new"
    # within one file, too
    put(
        {"handle": "kim", "bio": "new", "observed_at": "2026-02-01T00:00:00Z"},
        {"handle": "kim", "bio": "old", "observed_at": "2026-01-01T00:00:00Z"},
    )
    assert find(db, handle="kim").bio == "new"


def test_an_unchanged_account_is_still_seen_more_recently(put: Put, db: Database) -> None:
    put({"handle": "jane", "bio": "a", "observed_at": "2026-01-01T00:00:00Z"})
    put({"handle": "jane", "bio": "a", "observed_at": "2026-03-01T00:00:00Z"})
    put({"handle": "jane", "bio": "b", "observed_at": "2026-02-01T00:00:00Z"})
    assert find(db, handle="jane").bio == "a"


def test_the_stable_id_outlives_the_handle(put: Put, db: Database) -> None:
    put({"account_id": "1", "handle": "old", "display_name": "Jane"})
    assert counts(put({"account_id": "1", "handle": "new"})) == (0, 1, 0, 0, 0)
    assert find(db, handle="new").account_id == "1"
    with pytest.raises(NotFoundError):
        find(db, handle="old")


def test_a_handle_that_passes_on_leaves_its_former_owner(put: Put, db: Database) -> None:
    put({"account_id": "1", "handle": "jane"})
    assert counts(put({"account_id": "2", "handle": "jane"})) == (1, 0, 0, 0, 0)
    assert find(db, handle="jane").account_id == "2"
    assert find(db, account_id="1").handle is None


def test_an_older_sighting_does_not_take_the_handle(put: Put, db: Database) -> None:
    put({"account_id": "1", "handle": "jane", "observed_at": "2026-02-01T00:00:00Z"})
    put({"account_id": "2", "handle": "jane", "observed_at": "2026-01-01T00:00:00Z"})
    assert find(db, handle="jane").account_id == "1"
    assert find(db, account_id="2").handle is None


def test_handles_can_go_round_in_one_batch(put: Put, db: Database) -> None:
    put({"account_id": "1", "handle": "a"}, {"account_id": "2", "handle": "b"})
    put({"account_id": "1", "handle": "b"}, {"account_id": "2", "handle": "a"})
    assert find(db, handle="a").account_id == "2"
    assert find(db, handle="b").account_id == "1"


def test_an_account_first_known_by_handle_learns_its_id(put: Put, db: Database) -> None:
    put({"handle": "jane", "bio": "kept"})
    put({"handle": "jane", "account_id": "1"})
    assert find(db, account_id="1").bio == "kept"
    # one known by id takes over the entry that stood for it under its new handle
    put({"handle": "jane2"})
    put({"handle": "jane2", "account_id": "1"})
    assert find(db, handle="jane2").account_id == "1"
    assert size(db) == 1


def size(db: Database) -> int:
    with db.read() as session:
        counted = session.scalar(select(CorpusRow.accounts)) or 0
        assert counted == session.scalar(select(func.count()).select_from(AccountRow))
        return counted


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ("JaneDoe", "janedoe"),
        ("@janedoe", "JANEDOE"),
        ("https://x.com/janedoe?lang=en", "janedoe"),
        ("twitter.com/JaneDoe", "janedoe"),
        ("  janedoe ", "janedoe"),
        ("jane\x00doe", "janedoe"),
    ],
)
def test_handles_are_one_account_however_written(put: Put, given: str, same: str) -> None:
    put({"handle": given})
    assert counts(put({"handle": same})) in {(0, 0, 1, 0, 0), (0, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"platform": None, "handle": "a"}, "platform is missing"),
        ({"observed_at": "2999-01-01T00:00:00Z", "handle": "a"}, "future"),
        ({"handle": "a", "avatar": {"base64": "!!"}}, "base64"),
        ({"handle": "a", "avatar": {"base64": "aGVsbG8="}}, "picture"),
    ],
)
def test_what_cannot_be_stored_is_rejected_with_its_reason(put: Put, record: Json, reason: str) -> None:
    result = put({"handle": "good"}, record, {"handle": "good2"})
    assert counts(result) == (2, 0, 0, 0, 1)
    assert result.errors[0].line == 2
    assert reason in result.errors[0].reason


def test_rejected_lines_are_passed_on_and_their_report_is_bounded(db: Database, settings: Settings) -> None:
    items = [(n, RejectedLine(n, "broken")) for n in range(1, 2501)]
    result = import_accounts(db, settings, [*items, (2501, AccountIn(platform="x", handle="a"))])
    assert (result.rejected, len(result.errors), result.inserted) == (2500, 1000, 1)
    assert result.to_wire()["errors"][0] == {"line": 1, "reason": "broken"}


@pytest.mark.parametrize(("stored", "sizes"), [(1, [1000, 1001]), (200_000, [500, 1000, 1001])])
def test_a_large_index_is_locked_for_fewer_accounts_at_a_time(
    put: Put, db: Database, settings: Settings, stored: int, sizes: list[int]
) -> None:
    put({"handle": "first"})
    with db.write() as session:
        session.execute(update(CorpusRow).values(accounts=stored))
    taken: list[int] = []
    items = [(n, RejectedLine(n, "broken")) for n in range(1, 1002)]
    import_accounts(db, settings, items, on_batch=taken.append)
    assert taken == sizes


def test_corpora_are_apart(put: Put, db: Database, settings: Settings) -> None:
    put({"handle": "jane", "display_name": "Jane Doe"})
    other = settings.model_copy(update={"corpus": "other"})
    result = import_accounts(db, other, [(1, AccountIn(platform="x", handle="jane", display_name="Jane Doe"))])
    assert result.inserted == 1
    with db.read() as session:
        keys = list(session.scalars(select(AccountKeyRow.key)))
    assert len(keys) == len(set(keys))


def stored_keys(db: Database, row: AccountRow) -> set[int]:
    with db.read() as session:
        return set(session.scalars(select(AccountKeyRow.key).where(AccountKeyRow.account == row.id)))


def test_keys_follow_the_account(put: Put, db: Database) -> None:
    put(FULL)
    row = find(db, account_id="42")
    assert stored_keys(db, row) == account_keys(to_account(row), SCOPE.key_space)
    put({"account_id": "42", "handle": "somebody_else", "display_name": "Zoltan Petrescu", "avatar": None})
    row = find(db, account_id="42")
    assert stored_keys(db, row) == account_keys(to_account(row), SCOPE.key_space)


def test_common_keys_are_counted_exactly(put: Put, db: Database) -> None:
    def counted() -> dict[int, int]:
        with db.read() as session:
            actual = dict(session.execute(select(AccountKeyRow.key, func.count()).group_by(AccountKeyRow.key)).all())
            stored = dict(session.execute(select(KeyCountRow.key, KeyCountRow.accounts)).all())
        assert stored == {key: count for key, count in actual.items() if count > 32}
        return stored

    put(*({"account_id": str(n), "handle": f"unrelated{n}", "display_name": "John Smith"} for n in range(30)))
    counted()
    put(*({"account_id": str(n), "handle": f"unrelated{n}", "display_name": "John Smith"} for n in range(30, 60)))
    assert 60 in counted().values()
    put(*({"account_id": str(n), "display_name": f"Zoltan {n}"} for n in range(20)))
    counted()
    put(*({"account_id": str(n), "display_name": f"Zoltan {n}"} for n in range(20, 50)))
    counted()


def test_expired_accounts_are_gone_at_once_and_purged_later(put: Put, db: Database, settings: Settings) -> None:
    put({"handle": "kept"})
    seen = AccountIn(platform="x", handle="seen"), AccountIn(platform="x", handle="kept")
    import_accounts(db, settings, enumerate(seen), expires_at=utc_now() - timedelta(seconds=1))
    with pytest.raises(NotFoundError):
        find(db, handle="seen")
    assert purge_expired(db) == 1
    assert purge_expired(db) == 0
    # what was imported for good stays, though a source whose accounts expire saw it too
    assert find(db, handle="kept").expires_at is None
    assert size(db) == 1


def test_a_new_picture_address_outdates_the_hashes_of_the_old_one(put: Put, db: Database) -> None:
    put({"handle": "a", "avatar": {"url": "https://example.org/1.jpg"}})
    put({"handle": "a", "avatar": hashes(1)})
    assert find(db, handle="a").avatar_url is None
    put({"handle": "a", "avatar": {"url": "https://example.org/1.jpg"}})
    assert to_account(find(db, handle="a")).avatar is not None
    put({"handle": "a", "avatar": {"url": "https://example.org/2.jpg"}})
    assert to_account(find(db, handle="a")).avatar is None
    assert account_to_wire(find(db, handle="a")).avatar is not None


def test_moments_without_a_zone_are_read_as_utc(put: Put, db: Database) -> None:
    put({"handle": "a", "created_at": "2020-05-01"})
    assert find(db, handle="a").created_at == datetime(2020, 5, 1, tzinfo=UTC)
