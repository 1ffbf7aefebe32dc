"""The migrations make exactly the tables that the code describes, and can be taken back."""

from __future__ import annotations

import threading

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from app.migrations.tables import METADATA
from app.storage import Database
from app.storage.migrate import current_revision, head_revision, make_config, upgrade

OF_A_CORPUS = ("decisions", "reports", "idempotency_keys")


def test_tables_and_migrations_agree(database: Database) -> None:
    upgrade(database)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_up_down_up(database: Database) -> None:
    upgrade(database)
    with database.engine.begin() as connection:
        command.downgrade(make_config(connection), "base")
    with database.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    upgrade(database)
    with database.engine.connect() as connection:
        assert current_revision(connection) == head_revision()


def test_migrating_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    with database.read() as session:
        assert current_revision(session.connection()) == head_revision()


def test_two_processes_that_migrate_at_once_do_it_once(database: Database, url: str) -> None:
    failures: list[BaseException] = []
    other = Database(url)

    def work(which: Database) -> None:
        try:
            upgrade(which)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(which,)) for which in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.dispose()
    assert failures == []
    with database.read() as session:
        assert current_revision(session.connection()) == head_revision()


def test_decisions_and_reports_learn_their_corpus_from_their_scan(database: Database) -> None:
    """What was said before decisions had a corpus goes on counting there, with every step of a report."""
    now = "2026-01-01 00:00:00"
    own = {"tenant_id": "local", "subject_key": "s", "platform": "x", "account_ref": "id:1"}
    rows: list[tuple[str, dict[str, object]]] = [
        ("scans", {"id": "1", "tenant_id": "local", "corpus": "b", "subject_key": "s", "status": "completed"}),
        ("decisions", {"id": "d", **own, "fingerprint": "", "verdict": "clone", "decided_at": now}),
        ("reports", {"id": "r", **own, "channel": "email", "scan_id": "1", "status": "filed", "changed_at": now}),
        ("report_events", {"report_id": "r", "number": 1, "status": "filed", "at": now}),
        ("idempotency_keys", {"tenant_id": "local", "key": "k", "request_hash": "", "scan_id": "gone"}),
        ("corpora", {"tenant_id": "local", "corpus": "a", "accounts": 0, "secret": b""}),
    ]
    more: dict[str, dict[str, object]] = {
        "scans": {"expires_at": now, "model": "", "cost": 0, "request": "{}", "summary": "{}", "coverage": "[]"},
    }
    with database.engine.begin() as connection:
        command.upgrade(make_config(connection), "0007")
        for table, row in rows:
            values = {**row, **more.get(table, {})}
            if table in {"scans", "reports", "idempotency_keys"}:
                values["created_at"] = now
            if table == "scans":
                values["suspects_found"] = 0
            names = ", ".join(f'"{name}"' for name in values)
            places = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608
    upgrade(database)
    with database.engine.begin() as connection:
        told = [connection.execute(text(f"SELECT corpus FROM {one}")).scalars().all() for one in OF_A_CORPUS]  # noqa: S608
        assert told == [["b"], ["b"], ["a"]]
        assert connection.execute(text("SELECT count(*) FROM report_events")).scalar() == 1
        command.downgrade(make_config(connection), "0007")
        assert connection.execute(text("SELECT count(*) FROM report_events")).scalar() == 1
