"""The migrations make exactly the tables that the code describes, and can be taken back."""

from __future__ import annotations

import threading

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from app.migrations.tables import METADATA
from app.storage import Database
from app.storage.migrate import current_revision, head_revision, make_config, upgrade


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
