"""Bringing a database to the newest shape."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.storage.base import Base
from app.storage.citus import distribute
from app.storage.database import Database
from app.storage.engines import UNBOUNDED, WRITES
from app.storage.staging import drop_remains

# Any number will do that nobody else on the database locks by.
_LOCK = text("SELECT pg_advisory_xact_lock(4302715091)")


def make_config(connection: Connection | None = None) -> Config:
    """The migration tool's settings; the connection is the one to migrate over."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("app") / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, in one transaction; then, on Citus, spread what is not spread yet.

    What a restore has left that was killed is dropped.
    """
    with database.engine.execution_options(**{WRITES: True, UNBOUNDED: True}).begin() as connection:
        if not database.is_sqlite:
            # On SQLite the transaction itself keeps a second process out.
            connection.execute(_LOCK)
        drop_remains(database)
        command.upgrade(make_config(connection), revision)
    if database.citus:
        distribute(database, Base.metadata)


@lru_cache(maxsize=1)
def head_revision() -> str | None:
    """The newest revision this code knows."""
    return ScriptDirectory.from_config(make_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at; None where it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()
