"""Erasures are carried into another database and done again there; backups and rebuilds survive what befalls them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app.accounts.erasures import Erasures, read_erasures, read_file, write_file
from app.accounts.key_check import check_keys
from app.accounts.key_rebuild import count_outdated, rebuild_keys
from app.accounts.keyed_rows import ACCOUNTS
from app.accounts.models import AccountRow, CorpusRow
from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.accounts.service import erase, import_accounts
from app.problems import ConflictError, InvalidInputError
from app.reports import ledger
from app.reports.ledger import Entry, Reported, Wanted
from app.restore import take_in
from app.settings import Settings
from app.storage import Database, utc_now
from app.storage.backup import unpack_backup, write_backup
from matchers.profile import Account, AccountRef, Subject
from tests.accounts.conftest import SCOPE, Put
from tests.conftest import ROOT
from tests.engines import Place


def _handles(db: Database) -> list[str | None]:
    with db.read() as session:
        return list(session.scalars(select(AccountRow.handle).order_by(AccountRow.handle)))


def _export(db: Database, path: Path) -> list[Erasures]:
    with db.read() as session:
        write_file(path, read_erasures(session))
    return read_file(path)


def test_reports_on_erased_accounts_are_erased_again(db: Database, put: Put, tmp_path: Path) -> None:
    subject = Subject(names=("Jane Doe",))
    accounts = [Account("x", f"Jane{number}", account_id=str(number)) for number in range(3)]
    put(*({"handle": f"Jane{number}", "account_id": str(number)} for number in range(3)))
    with db.write() as session:
        erase(session, SCOPE, AccountRef("x", "jane1"))
    known = _export(db, tmp_path / "s")
    # As a backup brings them back.
    with db.write() as session:
        for account in accounts:
            ledger.record(session, Scope("default"), Entry(Reported.of(subject, account), "email", "filed", utc_now()))
    take_in(db, known)
    with db.read() as session:
        left = ledger.list_reports(session, "local", Wanted(), 10)
        assert sorted(row.account_id or "" for row in left) == ["0", "2"]


def test_exported_erasures_are_done_again(db: Database, put: Put, tmp_path: Path) -> None:
    people = [{"handle": f"jane{n}", "display_name": "Jane"} for n in range(4)]
    put(*people)
    with db.write() as session:
        erase(session, SCOPE, AccountRef("x", "jane2"))
    known = _export(db, tmp_path / "s")
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0
    assert b"jane" not in (tmp_path / "s").read_bytes()
    # A database in which nothing was ever erased.
    with db.write() as session:
        session.connection().exec_driver_sql("DELETE FROM suppressions")
        session.execute(update(CorpusRow).values(secret=b"0" * 32))
    put(*people)
    assert _handles(db) == ["jane0", "jane1", "jane2", "jane3"]
    assert take_in(db, known) == 1
    assert _handles(db) == ["jane0", "jane1", "jane3"]
    assert put(*people).suppressed == 1
    assert check_keys(db, ACCOUNTS, everything=True).tell() == []
    other = [replace(one, secret=b"1" * 32) for one in known]
    with pytest.raises(ConflictError):
        take_in(db, other)


_DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("suppressions 1", "suppressions 2"),
        ("suppressions 1", "suppressions 1\\n"),
        (_DIGEST, _DIGEST[1:]),
        (_DIGEST, _DIGEST.upper()),
        (_DIGEST, f"{_DIGEST}\\n"),
        ("5" * 64, "5" * 63),
        ('"tenant"', '"more": 1, "tenant"'),
        ("{", "["),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, good: str, bad: str) -> None:
    path = tmp_path / "s"
    known = [Erasures(SCOPE, b"\x55" * 32, frozenset({_DIGEST}))]
    assert write_file(path, known) == 1
    assert read_file(path) == known
    whole = path.read_text("ascii")
    assert good in whole
    path.write_text(whole.replace(good, bad), "ascii")
    with pytest.raises(InvalidInputError):
        read_file(path)


_REBUILD = """
import sys, time
from app.accounts.key_rebuild import rebuild_keys
from app.accounts.keyed_rows import ACCOUNTS
from app.storage import Database

def tell(done, total):
    print(done, flush=True)
    time.sleep(0.05)

rebuild_keys(Database(sys.argv[1]), ACCOUNTS, tell, batch=10)
"""


def test_a_rebuild_that_is_killed_goes_on(db: Database, put: Put, place: Place) -> None:
    put(*({"handle": f"janedoe{n}", "display_name": "Jane Doe"} for n in range(200)))
    with db.write() as session:
        session.connection().exec_driver_sql("DELETE FROM account_keys")
        session.connection().exec_driver_sql("DELETE FROM key_counts")
        session.execute(update(AccountRow).values(key_version=0))
    with subprocess.Popen(
        [sys.executable, "-c", _REBUILD, place.url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    left = count_outdated(db, ACCOUNTS)
    assert 0 < left < 200
    assert rebuild_keys(db, ACCOUNTS) == left
    assert check_keys(db, ACCOUNTS, everything=True).tell() == []


def test_a_backup_while_importing_is_of_one_moment(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    from app.storage.migrate import upgrade  # noqa: PLC0415

    db = Database.of(settings)
    upgrade(db)
    accounts = [AccountIn.model_validate({"platform": "x", "handle": f"janedoe{n}"}) for n in range(6_000)]
    first = threading.Event()
    importer = threading.Thread(
        target=lambda: import_accounts(db, settings, enumerate(accounts), on_batch=lambda _: first.set())
    )
    importer.start()
    first.wait(60)
    write_backup(tmp_path / "data" / "clonecheck.db", tmp_path / "b")
    importer.join()
    unpack_backup(tmp_path / "b", tmp_path / "copy.db")
    copy = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    with copy.read() as session:
        assert (session.scalar(select(func.count()).select_from(AccountRow)) or 0) % 1_000 == 0
    assert check_keys(copy, ACCOUNTS, everything=True).tell() == []
    copy.dispose()
    db.dispose()
