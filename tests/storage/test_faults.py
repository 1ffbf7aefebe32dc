"""A killed migration leaves the database whole, and readers go on through it; engines check their files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from sqlalchemy import text

from app.storage import Database
from app.storage.engine_check import check_engine, measure_tables
from app.storage.migrate import current_revision, head_revision, upgrade
from tests.conftest import ROOT
from tests.servers.postgres import make_cluster

# The process stands still when all statements have run and nothing is committed.
_MIGRATE = """
import sys, time
from sqlalchemy import event
from app.storage import Database
from app.storage.migrate import upgrade

database = Database(sys.argv[1])

@event.listens_for(database.engine, "commit")
def stop(connection):
    print("all but committed", flush=True)
    time.sleep(60)

upgrade(database)
"""


def _revision(database: Database) -> str | None:
    with database.read() as session:
        return current_revision(session.connection())


def test_a_migration_that_is_killed_is_done_by_the_next_start(database: Database, url: str) -> None:
    upgrade(database, "0001")
    with database.write() as session:
        session.execute(text("INSERT INTO key_counts (key, accounts) VALUES (1, 99)"))
    with database.read() as reader:
        assert reader.scalar(text("SELECT accounts FROM key_counts")) == 99
        if not database.is_sqlite:
            # On PostgreSQL a table that is changed waits for whoever reads it: this one is not.
            reader.rollback()
        with subprocess.Popen(
            [sys.executable, "-c", _MIGRATE, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "all but committed\n"
            assert reader.scalar(text("SELECT accounts FROM key_counts")) == 99
            os.kill(process.pid, signal.SIGKILL)
    assert _revision(database) == "0001"
    upgrade(database)
    assert _revision(database) == head_revision()
    assert check_engine(database, everything=True) == []
    with database.read() as session:
        assert session.scalar(text("SELECT accounts FROM key_counts")) == 99


def test_tables_are_measured(database: Database) -> None:
    upgrade(database)
    sizes = measure_tables(database)
    assert sizes["accounts"] > 0
    assert sizes["account_keys"] > 0


def test_postgresql_is_checked_by_its_own_module() -> None:
    with make_cluster() as cluster, cluster.run():
        database = Database(cluster.url)
        upgrade(database)
        with database.write() as session:
            session.execute(text("CREATE EXTENSION amcheck"))
        assert check_engine(database, everything=True) == []
        database.dispose()
