"""A backup brings everything back but what was erased, on each engine, and never half of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import MetaData, Table, delete, func, insert, inspect, select, text, update

from app.accounts import erasures
from app.accounts.key_rebuild import rebuild_keys
from app.accounts.keyed_rows import ACCOUNTS
from app.accounts.models import AccountRow, KeyCountRow
from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.accounts.service import erase, import_accounts
from app.care import check_index
from app.migrations.tables import METADATA
from app.problems import ConflictError, InvalidInputError
from app.restore import back_up, restore
from app.settings import Settings
from app.storage import Database
from app.storage.backup import new_file
from app.storage.migrate import current_revision, head_revision, upgrade
from app.storage.server_backup import read_description
from app.storage.staging import STAGED, claim_staged, drop_remains, staged_file
from app.subjects.protected import ProtectedSubjects
from app.subjects.schemas import SubjectIn
from matchers.profile import AccountRef
from tests.accounts.conftest import hashes
from tests.conftest import ROOT
from tests.engines import drop_tables, make_database

CROWD = 40


@pytest.fixture
def settings(url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=url)


def take(settings: Settings, *records: dict[str, Any]) -> Any:
    database = Database.of(settings)
    upgrade(database)
    accounts = (AccountIn.model_validate({"platform": "x"} | record) for record in records)
    result = import_accounts(database, settings, enumerate(accounts, start=1))
    database.dispose()
    return result


def fill(settings: Settings) -> None:
    """Forty accounts of one name, so that there are common keys, and a protected person; texts that COPY must quote."""
    bio = 'a\ttab, a "quote", \\N, \\., a line\nbreak and no \x7f end \U0001f9ff'
    records = [
        {"handle": f"janedoe{n}", "display_name": "Jane Doe", "bio": bio, "labels": ["a\nb"]} for n in range(CROWD)
    ]
    take(settings, *({**record, "avatar": hashes(n)} for n, record in enumerate(records)))
    database = Database.of(settings)
    ProtectedSubjects(database, settings).add(SubjectIn.model_validate({"name": "Jane Doe"}))
    database.dispose()


def wipe(settings: Settings) -> None:
    """As if it were another machine."""
    if settings.url.startswith("sqlite"):
        for file in Path(settings.url.removeprefix("sqlite:///")).parent.iterdir():
            file.unlink()
    else:
        drop_tables(settings.url)


def look(settings: Settings, call: Callable[[Database], Any]) -> Any:
    database = Database.of(settings)
    try:
        return call(database)
    finally:
        database.dispose()


def handles(settings: Settings) -> list[str | None]:
    def read(database: Database) -> list[str | None]:
        with database.read() as session:
            return [row[0] for row in session.execute(select(AccountRow.handle).order_by(AccountRow.id))]

    return look(settings, read)  # type: ignore[no-any-return]


def content(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""

    def read(database: Database) -> dict[str, list[tuple[Any, ...]]]:
        with database.read() as session:
            tables = METADATA.sorted_tables
            return {t.name: sorted((tuple(r) for r in session.execute(select(t))), key=repr) for t in tables}

    return look(settings, read)  # type: ignore[no-any-return]


def faults(settings: Settings) -> list[str]:
    return look(settings, lambda db: check_index(db, settings, everything=True, repair=False))  # type: ignore[no-any-return]


def erase_account(settings: Settings, handle: str) -> None:
    database = Database.of(settings)
    with database.write() as session:
        assert erase(session, Scope.of(settings), AccountRef("x", handle)).accounts == 1
    database.dispose()


def test_everything_comes_back_as_it_was(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    before = content(settings)
    assert len(before["key_counts"]) > 0
    assert back_up(settings, tmp_path / "b") == (tmp_path / "b").stat().st_size
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    if not settings.url.startswith("sqlite"):
        told = read_description(tmp_path / "b").tables
        assert {table.name: table.rows for table in told} == {name: len(rows) for name, rows in before.items()}
    with pytest.raises(ConflictError, match="never overwritten"):
        back_up(settings, tmp_path / "b")
    wipe(settings)
    done = restore(settings, tmp_path / "b")
    assert (done.erased, done.erasures_known) == (0, False)
    assert content(settings) == before
    assert faults(settings) == []
    # The numbers of rows go on where they were.
    assert take(settings, {"handle": "fresh"}).inserted == 1
    assert handles(settings)[-1] == "fresh"
    assert faults(settings) == []


def test_what_was_erased_since_stays_erased(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    back_up(settings, tmp_path / "b")
    erase_account(settings, "janedoe3")
    take(settings, {"handle": "later"}, {"handle": "janedoe4", "display_name": "Spoilt"})
    done = restore(settings, tmp_path / "b")
    assert (done.erased, done.erasures_known) == (1, True)
    rest = [f"janedoe{n}" for n in range(CROWD) if n != 3]
    assert handles(settings) == rest
    assert faults(settings) == []
    assert take(settings, {"handle": "janedoe3"}, {"handle": "later"}).suppressed == 1

    def counted(database: Database) -> int:
        with database.read() as session:
            return session.scalar(select(func.max(KeyCountRow.accounts))) or 0

    assert look(settings, counted) == CROWD - 1


def test_erasures_are_brought_to_a_machine_that_knows_nothing(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    back_up(settings, tmp_path / "b")
    erase_account(settings, "janedoe3")

    def export(database: Database) -> list[erasures.Erasures]:
        with database.read() as session:
            return erasures.read_erasures(session)

    known = look(settings, export)
    wipe(settings)
    assert restore(settings, tmp_path / "b", known).erased == 1
    assert "janedoe3" not in handles(settings)
    assert faults(settings) == []


def _fill_old_tables(database: Database, revision: str) -> None:
    """Rows as a version of that revision left them, its keys being of another version than today's."""
    upgrade(database, revision)
    old = MetaData()
    with database.engine.begin() as connection:
        corpora, accounts, keys = (
            Table(n, old, autoload_with=connection) for n in ("corpora", "accounts", "account_keys")
        )
        now = datetime(2026, 10, 1, tzinfo=UTC)
        here = {"tenant_id": "local", "corpus": "default"}
        connection.execute(insert(corpora).values(**here, accounts=2, secret=b"s" * 32))
        shared = {**here, "platform": "x", "source": "import", "key_version": 1}
        moments = dict.fromkeys(("observed_at", "inserted_at", "updated_at"), now)
        for n, name in enumerate(("jane", "kim"), start=1):
            row = {"id": n, "public_id": f"public{n}", "handle": name, "handle_key": name, "appearance_key": name}
            connection.execute(insert(accounts).values(**shared, **moments, **row))
            connection.execute(insert(keys).values(key=n, account=n))


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_a_backup_of_an_older_migration_is_migrated(settings: Settings, tmp_path: Path, revision: str) -> None:
    look(settings, lambda db: _fill_old_tables(db, revision))
    back_up(settings, tmp_path / "b")

    def read_revision(database: Database) -> str | None:
        with database.read() as session:
            return current_revision(session.connection())

    assert look(settings, read_revision) == revision
    wipe(settings)
    fill(settings)
    restore(settings, tmp_path / "b")
    assert look(settings, read_revision) == head_revision()
    assert handles(settings) == ["jane", "kim"]
    assert look(settings, lambda db: rebuild_keys(db, ACCOUNTS)) == 2
    assert faults(settings) == []


def test_a_damaged_backup_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    back_up(settings, tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    erase_account(settings, "janedoe3")
    before, refused = content(settings), 0
    for at in range(40, len(whole), len(whole) // 12):
        (tmp_path / "flipped").write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            restore(settings, tmp_path / "flipped")
        except InvalidInputError:
            refused += 1
            assert content(settings) == before
        else:
            # What a zip holds twice may be damaged in one place: the rows are whole then.
            assert faults(settings) == []
            before = content(settings)
    assert refused >= 8
    for size in (0, 10, len(whole) // 2, len(whole) - 10):
        (tmp_path / "short").write_bytes(whole[:size])
        with pytest.raises(InvalidInputError):
            restore(settings, tmp_path / "short")
    assert "janedoe3" not in handles(settings)


def _tamper(backup: Path, to: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A zip that is whole, but whose description is another one."""
    with ZipFile(backup) as archive, ZipFile(to, "w", ZIP_DEFLATED) as changed:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "backup.json":
                told = json.loads(data)
                change({table["name"]: table for table in told["tables"]} | {"": told})
                data = json.dumps(told).encode()
            changed.writestr(name, data)
    return to


TAMPERINGS: dict[str, Callable[[dict[str, Any]], object]] = {
    "a table less": lambda told: told[""]["tables"].remove(told["suppressions"]),
    "a table twice": lambda told: told[""]["tables"].append(told["suppressions"]),
    "another table": lambda told: told[""]["tables"].append(
        {"name": "alembic_version", "columns": ["version_num"], "rows": 1, "numbered": None, "last": None}
    ),
    "a table of the system": lambda told: told[""]["tables"].append(
        {"name": "pg_authid", "columns": ["rolname"], "rows": 1, "numbered": None, "last": None}
    ),
    "a column less": lambda told: told["accounts"]["columns"].remove("bio"),
    "a column that is none": lambda told: told["accounts"]["columns"].append('x" FROM PROGRAM'),
    "another number": lambda told: told["accounts"].update(numbered="bio"),
    "no number": lambda told: told["accounts"].update(numbered=None),
    "too large a number": lambda told: told["accounts"].update(last=1 << 70),
    "other rows": lambda told: told["accounts"].update(rows=1),
    "another revision": lambda told: told[""].update(revision="0001"),
}


@pytest.mark.parametrize("way", list(TAMPERINGS))
def test_a_zip_that_was_tampered_with_changes_nothing(tmp_path: Path, postgres: str, way: str) -> None:
    with make_database(postgres) as url:
        settings = Settings(data_dir=tmp_path / "data", database_url=url)
        fill(settings)
        erase_account(settings, "janedoe3")
        back_up(settings, tmp_path / "b")
        before = content(settings)
        with pytest.raises(InvalidInputError):
            restore(settings, _tamper(tmp_path / "b", tmp_path / "t", TAMPERINGS[way]))
        assert content(settings) == before


def test_no_damage_to_the_list_of_a_zip_is_a_fault_of_ours(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    back_up(settings, tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    refused = 0
    for at in range(len(whole) - 1_500, len(whole)):
        (tmp_path / "flipped").write_bytes(whole[:at] + bytes([whole[at] ^ (1 << at % 8)]) + whole[at + 1 :])
        try:
            read_description(tmp_path / "flipped")
        except InvalidInputError:
            refused += 1
    assert refused > 20


def test_a_restore_needs_the_database_for_itself(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    back_up(settings, tmp_path / "b")
    database = Database.of(settings)
    with database.read() as session:
        session.execute(select(AccountRow.id).limit(1)).all()
        with pytest.raises(ConflictError, match="in use"):
            restore(settings, tmp_path / "b")
    database.dispose()
    restore(settings, tmp_path / "b")


def test_nothing_to_back_up(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="nothing to back up"):
        back_up(settings, tmp_path / "b")
    assert list(tmp_path.rglob("b*")) == []


_RESTORE = """
import sys, time
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from app.restore import restore
from app.settings import Settings

moved = []

@event.listens_for(Engine, "before_cursor_execute")
def note(connection, cursor, statement, *more):
    if "SET SCHEMA" in statement:
        moved.append(connection)

@event.listens_for(Engine, "commit")
def stop(connection):
    if moved:
        print("all but committed", flush=True)
        time.sleep(60)

print("begun", flush=True)
restore(Settings(), Path(sys.argv[1]))
print("done", flush=True)
"""


def _start_restore(settings: Settings, backup: Path) -> subprocess.Popen[str]:
    told = {"CLONECHECK_DATA_DIR": str(settings.data_dir), "CLONECHECK_DATABASE_URL": settings.url}
    return subprocess.Popen(
        [sys.executable, "-c", _RESTORE, backup],
        cwd=ROOT,
        env={**os.environ, **told},
        stdout=subprocess.PIPE,
        text=True,
    )


def _add_bulk(settings: Settings) -> None:
    """Pages enough that putting them in place takes a while."""

    def add(database: Database) -> None:
        with database.write() as session:
            session.execute(update(AccountRow).values(bio="b" * 500_000))

    look(settings, add)


@pytest.mark.slow
def test_a_restore_that_is_killed_leaves_the_former_database(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    _add_bulk(settings)
    back_up(settings, tmp_path / "b")
    erase_account(settings, "janedoe3")
    look(settings, _delete_most)
    former, in_the_middle = content(settings), 0
    journal = Path(f"{settings.url.removeprefix('sqlite:///')}-journal")
    for _ in range(8):
        with _start_restore(settings, tmp_path / "b") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            if settings.url.startswith("sqlite"):
                # The journal of the database itself: pages are being replaced.
                while process.poll() is None and not (journal.exists() and journal.stat().st_size > 1_000):
                    time.sleep(0.0005)
            else:
                assert process.stdout.readline() == "all but committed\n"
            os.kill(process.pid, signal.SIGKILL)
            finished = process.stdout.readline() == "done\n"
        if finished:
            break
        in_the_middle += 1
        assert content(settings) == former
        assert faults(settings) == []
        if in_the_middle == 2:
            break
    assert in_the_middle, "every restore was done before it could be killed"
    assert restore(settings, tmp_path / "b").erased == 1
    assert handles(settings) == [f"janedoe{n}" for n in range(CROWD) if n != 3]
    assert faults(settings) == []
    _assert_no_leftovers(settings)


def test_what_a_killed_restore_left_is_dropped_at_the_next_start(settings: Settings) -> None:
    database = Database.of(settings)
    try:
        if database.is_sqlite:
            file = Path(str(database.engine.url.database))
            file.parent.mkdir(parents=True, exist_ok=True)
            for leftover in (staged_file(file), Path(f"{staged_file(file)}-wal")):
                leftover.write_bytes(b"erased")
            upgrade(database)
            _assert_no_leftovers(settings)
            assert drop_remains(database) is False
            return
        with database.engine.begin() as restoring, database.engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {STAGED}")
            connection.exec_driver_sql(f"CREATE TABLE {STAGED}.accounts AS SELECT 'erased' AS handle")
            assert claim_staged(restoring)
            connection.commit()
            upgrade(database)
            assert STAGED in inspect(database.engine).get_schema_names(), "a restore that is under way keeps it"
        upgrade(database)
        _assert_no_leftovers(settings)
        assert drop_remains(database) is False
    finally:
        database.dispose()


def test_what_a_killed_restore_left_is_dropped_also_where_the_address_is_one_of_sqlite(tmp_path: Path) -> None:
    staged = staged_file(tmp_path / "a.db")
    staged.write_bytes(b"erased")
    database = Database(f"sqlite:///file:{tmp_path}/a.db?uri=true")
    try:
        assert drop_remains(database) is True
        assert not staged.exists()
    finally:
        database.dispose()


def _delete_most(database: Database) -> None:
    with database.write() as session:
        session.execute(delete(AccountRow).where(AccountRow.handle != "janedoe4"))
        session.execute(text("DELETE FROM account_keys WHERE account NOT IN (SELECT id FROM accounts)"))
        session.execute(text("UPDATE corpora SET accounts = 1"))
        session.execute(text("DELETE FROM key_counts"))


def _assert_no_leftovers(settings: Settings) -> None:
    if settings.url.startswith("sqlite"):
        assert not list(Path(settings.url.removeprefix("sqlite:///")).parent.glob("*restoring*"))
    else:
        assert STAGED not in look(settings, lambda db: inspect(db.engine).get_schema_names())


def test_two_backups_to_one_name_spoil_neither(tmp_path: Path) -> None:
    target = tmp_path / "backup"

    def write_both() -> None:
        with new_file(target) as slow:
            slow.write_text("half")
            with new_file(target) as quick:
                quick.write_text("whole")
            slow.write_text("too late")

    with pytest.raises(ConflictError):
        write_both()
    assert [file.name for file in tmp_path.iterdir()] == ["backup"]
    assert target.read_text() == "whole"
    assert target.stat().st_mode & 0o777 == 0o600
