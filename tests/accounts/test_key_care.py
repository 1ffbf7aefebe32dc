"""Keys are rebuilt where another version made them, checked against their rows, and mended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, update

from app.accounts.corpora import AccountIdentity, lock_corpus, suppression_digests
from app.accounts.erasures import Erasures, erase_again
from app.accounts.kept import drop_kept
from app.accounts.key_check import Findings, check_keys
from app.accounts.key_rebuild import count_outdated, rebuild_keys
from app.accounts.key_repair import repair_keys
from app.accounts.keyed_rows import ACCOUNTS, KeyedRows
from app.accounts.models import AccountKeyRow, AccountRow, CorpusRow, KeyCountRow
from app.accounts.rows import to_account
from app.accounts.schemas import AccountIn
from app.accounts.service import delete_account, erase, erase_now, import_accounts, purge_expired
from app.settings import Settings
from app.storage import Database, utc_now
from app.storage.engines import WRITES
from app.subjects.keyed_rows import SUBJECTS
from app.subjects.models import SubjectKeyRow
from app.subjects.protected import ProtectedSubjects
from app.subjects.schemas import SubjectIn
from matchers.keys import account_keys
from matchers.profile import AccountRef
from tests.accounts.conftest import SCOPE, Put, find, hashes

# Forty share the parts of their names and the runs of their handles: there are common keys.
CROWD = [
    {"handle": f"janedoe{n}", "display_name": "Jane Doe", "avatar": hashes(n) if n % 3 else None} for n in range(40)
]


def _check(db: Database, rows: KeyedRows = ACCOUNTS) -> Findings:
    return check_keys(db, rows, everything=True)


def _pairs(db: Database) -> set[tuple[int, int]]:
    with db.read() as session:
        return {(row[0], row[1]) for row in session.execute(select(AccountKeyRow.key, AccountKeyRow.account))}


def _counts(db: Database) -> dict[int, int]:
    with db.read() as session:
        return {row[0]: row[1] for row in session.execute(select(KeyCountRow.key, KeyCountRow.accounts))}


def _run(db: Database, *statements: Any) -> None:
    with db.write() as session:
        for statement in statements:
            session.execute(statement, execution_options={"synchronize_session": False})


def _spoil_keys(db: Database) -> None:
    """As if another version had made the keys: each account under a key of its own and a common one, counted."""
    with db.write() as session:
        ids = session.scalars(select(AccountRow.id)).all()
        session.execute(delete(AccountKeyRow))
        session.execute(delete(KeyCountRow))
        session.execute(insert(AccountKeyRow), [{"key": key, "account": one} for one in ids for key in (1, 1000 + one)])
        session.execute(insert(KeyCountRow).values(key=1, accounts=len(ids)))
        session.execute(update(AccountRow).values(key_version=0))


def test_a_rebuild_makes_the_keys_that_an_import_makes(db: Database, put: Put) -> None:
    put(*CROWD)
    pairs, counts = _pairs(db), _counts(db)
    assert counts
    _spoil_keys(db)
    assert count_outdated(db, ACCOUNTS) == 40
    told: list[tuple[int, int]] = []
    assert rebuild_keys(db, ACCOUNTS, lambda done, total: told.append((done, total)), batch=7) == 40
    assert told[-1] == (40, 40)
    assert len(told) == 6
    assert (_pairs(db), _counts(db)) == (pairs, counts)
    assert rebuild_keys(db, ACCOUNTS) == 0


def test_a_rebuild_that_was_broken_off_goes_on_with_the_rest(db: Database, put: Put) -> None:
    put(*CROWD)
    pairs, counts = _pairs(db), _counts(db)
    _spoil_keys(db)

    def stop(done: int, _total: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild_keys(db, ACCOUNTS, stop, batch=10)
    half = _check(db)
    # Nothing is wrong half-way, but for what is left.
    assert (half.outdated, half.wrong, half.lost, half.miscounted, half.sizes) == (20, {}, [], [], {})
    assert rebuild_keys(db, ACCOUNTS, batch=10) == 20
    assert (_pairs(db), _counts(db)) == (pairs, counts)


def test_an_import_during_a_rebuild_wins(db: Database, put: Put) -> None:
    put(*CROWD)
    _spoil_keys(db)
    read = ACCOUNTS.read
    imported = threading.Event()

    def read_then_import(session: Any, ids: Sequence[int]) -> Any:
        content = read(session, ids)
        if not imported.is_set():
            # The rows that were just read change before their keys are written.
            imported.set()
            worker = threading.Thread(target=put, args=({"handle": "janedoe1", "display_name": "Quite Another"},))
            worker.start()
            worker.join()
        return content

    # The import has made the keys of one.
    assert rebuild_keys(db, replace(ACCOUNTS, read=read_then_import)) == 39
    assert _check(db).tell() == []
    assert _check(db).checked == 40


def test_a_whole_index_has_no_findings(db: Database, put: Put) -> None:
    put(*CROWD)
    found = _check(db)
    assert (found.tell(), found.rows, found.checked) == ([], 40, 40)


def _leave_two_more(db: Database) -> None:
    """Two keys more than the row of one account knows of, as if data had changed from which keys are made."""
    _run(db, insert(AccountKeyRow).values(key=7, account=1), insert(AccountKeyRow).values(key=8, account=1))
    _run(db, update(AccountRow).where(AccountRow.id == 1).values(key_count=AccountRow.key_count + 2))


def _exchange_a_key(db: Database) -> None:
    """As many keys as the row says, of which one is not made any more."""
    first = min(key for key, account in _pairs(db) if account == 1)
    this = (AccountKeyRow.key == first) & (AccountKeyRow.account == 1)
    _run(db, delete(AccountKeyRow).where(this), insert(AccountKeyRow).values(key=7, account=1))


@pytest.mark.parametrize("spoil", [_spoil_keys, _leave_two_more, _exchange_a_key])
def test_an_erasure_before_a_rebuild_removes_every_key(
    db: Database, put: Put, spoil: Callable[[Database], None]
) -> None:
    put(*CROWD)
    spoil(db)
    with db.write() as session:
        assert erase(session, SCOPE, AccountRef("x", handle="janedoe0")).accounts == 1
    assert 1 not in {account for _, account in _pairs(db)}
    found = _check(db)
    assert (found.lost, found.miscounted if spoil is _spoil_keys else [], found.sizes) == ([], [], {})
    rebuild_keys(db, ACCOUNTS)
    assert _check(db).wrong == {}


@contextmanager
def _walks(db: Database) -> Iterator[list[bool]]:
    """Of each statement that looks for the keys of accounts, which is a walk over all keys, whether it has the lock."""
    seen: list[bool] = []

    def note(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "account_keys.account" in statement and statement.startswith("SELECT"):
            seen.append(connection.get_execution_options().get(WRITES, False))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def _expire(db: Database) -> None:
    _run(db, update(AccountRow).where(AccountRow.id <= 3).values(expires_at=utc_now() - timedelta(seconds=1)))


def _purge(db: Database) -> None:
    _expire(db)
    assert purge_expired(db) == 3


def _drop(db: Database) -> None:
    _expire(db)
    drop_kept(db, SCOPE, [1, 2, 9])


def _erase_again(db: Database, *handles: str, page: int = 2_000) -> int:
    with db.write() as session:
        secret = lock_corpus(session, SCOPE).secret
    named = [AccountIdentity("x", None, handle) for handle in handles]
    digests = frozenset(digest for one in named for digest in suppression_digests(secret, one))
    return erase_again(db, Erasures(SCOPE, secret, digests), page=page)


def _learn_the_id(db: Database, settings: Settings) -> None:
    """The account with an id takes a handle over: who was known by that alone goes."""
    seen = [AccountIn(platform="x", account_id="7", display_name="J")]
    seen.append(AccountIn(platform="x", account_id="7", handle="janedoe0"))
    import_accounts(db, settings, enumerate(seen))


REMOVALS: dict[str, Callable[[Database, Settings], object]] = {
    "erase": lambda db, _: erase_now(db, SCOPE, AccountRef("x", handle="janedoe0")),
    "delete": lambda db, _: delete_account(db, SCOPE, find(db, handle="janedoe0").public_id),
    "purge": lambda db, _: _purge(db),
    "drop": lambda db, _: _drop(db),
    "again": lambda db, _: _erase_again(db, "janedoe0"),
    "merge": _learn_the_id,
}


@pytest.mark.parametrize("way", list(REMOVALS))
def test_nobody_waits_for_the_walk_over_all_keys_before_a_rebuild(
    db: Database, put: Put, settings: Settings, way: str
) -> None:
    put(*CROWD)
    _spoil_keys(db)
    with _walks(db) as walks:
        REMOVALS[way](db, settings)
    assert walks
    assert not any(walks)
    assert 1 not in {account for _, account in _pairs(db)}
    found = _check(db)
    assert (found.lost, found.miscounted, found.sizes) == ([], [], {})


def test_what_a_restore_erases_again_is_looked_up_together(db: Database, put: Put) -> None:
    put(*CROWD)
    _spoil_keys(db)
    with _walks(db) as walks:
        assert _erase_again(db, "janedoe0", "janedoe17", "janedoe39", page=5) == 3
    assert walks == [False]
    assert _check(db).tell()[:-1] == []


def test_two_erasures_an_import_and_a_rebuild_at_once_leave_nothing_wrong(db: Database, put: Put) -> None:
    put(*CROWD)
    _spoil_keys(db)

    def erase_ten() -> int:
        return sum(erase_now(db, SCOPE, AccountRef("x", handle=f"janedoe{n}")).accounts for n in range(10))

    def change() -> int:
        return sum(put({"handle": f"janedoe{n}", "display_name": f"Another {n}"}).updated for n in range(5, 25))

    with ThreadPoolExecutor() as pool:
        erasing = [pool.submit(erase_ten) for _ in range(2)]
        changing, rebuilding = pool.submit(change), pool.submit(rebuild_keys, db, ACCOUNTS, None, 3)
        assert sum(one.result() for one in erasing) == 10
        assert changing.result() >= 15
        assert rebuilding.result() <= 40
    rebuild_keys(db, ACCOUNTS)
    found = _check(db)
    assert (found.tell(), found.checked) == ([], 30)


@pytest.mark.parametrize("spoil", [_spoil_keys, _leave_two_more])
def test_a_change_before_a_rebuild_leaves_no_key_behind(
    db: Database, put: Put, spoil: Callable[[Database], None]
) -> None:
    put(*CROWD)
    spoil(db)
    put({"handle": "janedoe0", "display_name": "Quite Another", "avatar": hashes("other")})
    with db.read() as session:
        row = session.get_one(AccountRow, 1)
        assert {key for key, account in _pairs(db) if account == 1} == account_keys(to_account(row), SCOPE.key_space)


def test_an_erasure_after_a_change_of_a_spoilt_row_removes_every_key(db: Database, put: Put) -> None:
    put(*CROWD)
    _exchange_a_key(db)
    put({"handle": "janedoe0", "display_name": "Quite Another"})
    with db.write() as session:
        erase(session, SCOPE, AccountRef("x", handle="janedoe0"))
    assert 1 not in {account for _, account in _pairs(db)}


def test_what_is_seen_again_unchanged_waits_for_the_rebuild(db: Database, put: Put) -> None:
    put(*CROWD)
    _spoil_keys(db)
    put({"handle": "janedoe0", "followers": 7})
    assert count_outdated(db, ACCOUNTS) == 40


def _lose_a_key(db: Database) -> None:
    key, account = min(_pairs(db))
    _run(db, delete(AccountKeyRow).where(AccountKeyRow.key == key, AccountKeyRow.account == account))


def _add_a_key(db: Database) -> None:
    _run(db, insert(AccountKeyRow).values(key=5, account=max(account for _, account in _pairs(db))))


def _leave_keys_of_nobody(db: Database) -> None:
    _run(db, insert(AccountKeyRow).values(key=6, account=10**9))


def _miscount(db: Database) -> None:
    _run(db, update(KeyCountRow).values(accounts=KeyCountRow.accounts + 3))


def _forget_counts(db: Database) -> None:
    _run(db, delete(KeyCountRow))


def _missize(db: Database) -> None:
    _run(db, update(CorpusRow).values(accounts=7))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_lose_a_key, "1 of 40 accounts looked at have other keys"),
        (_add_a_key, "1 of 40 accounts looked at have other keys"),
        (_leave_keys_of_nobody, "keys of 1 accounts that do not exist"),
        (_miscount, "have a wrong count"),
        (_forget_counts, "have a wrong count"),
        (_missize, "says it has 7 accounts, and has 40"),
        (_spoil_keys, "40 accounts have keys of another version"),
    ],
)
def test_what_is_wrong_is_found_and_mended(
    db: Database, put: Put, spoil: Callable[[Database], None], told: str
) -> None:
    put(*CROWD)
    pairs, counts = _pairs(db), _counts(db)
    spoil(db)
    found = _check(db)
    assert told in " ".join(found.tell())
    repair_keys(db, ACCOUNTS, found)
    assert _check(db).tell() == []
    assert (_pairs(db), _counts(db)) == (pairs, counts)


def test_subjects_are_cared_for_alike(db: Database, settings: Settings) -> None:
    subjects = ProtectedSubjects(db, settings)
    for n in range(40):
        given = {
            "name": f"Jane Doe {n}",
            "handle": f"janedoe{n}",
            "platform": "x",
            "own_accounts": ["https://x.com/jd"],
        }
        subjects.add(SubjectIn.model_validate(given))
    assert _check(db, SUBJECTS).tell() == []
    with db.write() as session:
        session.execute(delete(SubjectKeyRow).where(SubjectKeyRow.subject % 2 == 0))
        session.execute(update(SUBJECTS.table).values(key_version=0).where(SUBJECTS.table.c.id % 3 == 0))
    found = _check(db, SUBJECTS)
    assert sum(map(len, found.wrong.values())) > 0
    assert found.outdated > 0
    repair_keys(db, SUBJECTS, found)
    assert _check(db, SUBJECTS).tell() == []
