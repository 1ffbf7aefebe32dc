from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.corpora import AccountIdentity
from app.accounts.models import AccountKeyRow, AccountRow, CorpusRow, KeyCountRow
from app.accounts.scope import Scope
from app.accounts.service import Erased, delete_account, erase, remove_accounts
from app.problems import NotFoundError
from app.scans.models import DecisionRow
from app.scans.store import forget_account
from app.storage import Database
from app.subjects.binding import account_ref
from matchers.profile import AccountRef
from tests.accounts.conftest import SCOPE, Put, find, hashes


def erase_now(db: Database, ref: AccountRef) -> Erased:
    with db.write() as session:
        return erase(session, SCOPE, ref)


def count_rows(db: Database) -> list[int]:
    tables = (AccountRow, AccountKeyRow, KeyCountRow)
    with db.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_erasure_leaves_nothing_and_holds(put: Put, db: Database) -> None:
    jane = {"handle": "JaneDoe", "account_id": "42", "display_name": "Jane Doe", "avatar": hashes(1)}
    put(jane)
    assert erase_now(db, AccountRef("x", handle="@janedoe")) == Erased(1, 0)
    assert count_rows(db) == [0, 0, 0]
    # by either identity, under a new handle, under a new id
    attempts = (
        jane,
        {"handle": "janedoe"},
        {"account_id": "42", "handle": "new"},
        {"handle": "JANEDOE", "account_id": "7"},
    )
    result = put(*attempts, {"handle": "other"})
    assert (result.suppressed, result.inserted) == (4, 1)


def test_an_erasure_counts_before_the_account_was_ever_seen(put: Put, db: Database) -> None:
    assert erase_now(db, AccountRef("x", account_id="9")) == Erased(0, 0)
    assert put({"account_id": "9", "handle": "jane"}).suppressed == 1


def test_other_platforms_are_others(put: Put, db: Database) -> None:
    erase_now(db, AccountRef("x", handle="jane"))
    assert put({"platform": "instagram", "handle": "jane"}).inserted == 1


def test_what_is_remembered_of_the_erased_cannot_be_read(put: Put, db: Database) -> None:
    put({"handle": "janedoe", "account_id": "4242"})
    erase_now(db, AccountRef("x", handle="janedoe"))
    with db.read() as session:
        rows = [str(tuple(row)) for row in session.execute(text("SELECT * FROM suppressions"))]
        secret = session.scalar(select(CorpusRow.secret))
    assert len(rows) == 2
    assert not any("janedoe" in row or "4242" in row for row in rows)
    assert secret is not None
    assert len(secret) == 32


def test_hooks_are_told_who_was_erased_in_the_same_transaction(put: Put, db: Database) -> None:
    put({"handle": "Jane", "account_id": "1"})
    told: list[AccountIdentity] = []

    def hook(session: Session, identity: AccountIdentity) -> int:
        assert session.in_transaction()
        told.append(identity)
        return 1

    with db.write() as session:
        assert erase(session, SCOPE, AccountRef("x", account_id="1"), (hook,)) == Erased(1, 2)
    assert told == [AccountIdentity("x", None, None, "1"), AccountIdentity("x", "Jane", "jane", "1")]


def test_a_failing_hook_keeps_the_account(put: Put, db: Database) -> None:
    put({"handle": "jane"})

    def fail(_session: Session, _identity: AccountIdentity) -> int:
        raise RuntimeError

    with pytest.raises(RuntimeError), db.write() as session:
        erase(session, SCOPE, AccountRef("x", handle="jane"), (fail,))
    assert find(db, handle="jane").handle == "jane"


def test_deletion_may_be_undone_by_an_import(put: Put, db: Database) -> None:
    put({"handle": "jane", "display_name": "Jane Doe"})
    public_id = find(db, handle="jane").public_id
    delete_account(db, SCOPE, public_id)
    assert count_rows(db) == [0, 0, 0]
    with pytest.raises(NotFoundError):
        delete_account(db, SCOPE, public_id)
    assert put({"handle": "jane"}).inserted == 1


def test_an_account_that_another_process_removed_first_is_counted_once(put: Put, db: Database) -> None:
    put({"handle": "jane"}, {"handle": "kim"})
    row_id = find(db, handle="jane").id
    for _ in range(2):
        with db.write() as session:
            remove_accounts(session, SCOPE, [row_id])
    with db.read() as session:
        assert session.scalar(select(CorpusRow.accounts)) == 1


def test_what_another_tenant_decided_stays(db: Database) -> None:
    with db.write() as session:
        told = {"subject_key": "s", "platform": "x", "account_ref": account_ref(None, "jane"), "fingerprint": "f"}
        session.add_all([DecisionRow(tenant_id=tenant, verdict="clone", **told) for tenant in ("local", "other")])
    with db.write() as session:
        assert forget_account(session, Scope("default"), AccountIdentity("x", handle_key="jane")) == 1
    with db.read() as session:
        assert session.scalars(select(DecisionRow.tenant_id)).all() == ["other"]
