"""Bringing a database to the newest shape."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.storage.database import Database
from app.storage.engines import UNBOUNDED, WRITES


def make_config(connection: Connection | None = None) -> Config:
    """The migration tool's settings; the connection is the one to migrate over."""
    config = Config()
    config.set_main_option("script_location", str(resources.files("app") / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing, in one transaction."""
    with database.engine.execution_options(**{WRITES: True, UNBOUNDED: True}).begin() as connection:
        command.upgrade(make_config(connection), revision)


@lru_cache(maxsize=1)
def head_revision() -> str | None:
    """The newest revision this code knows."""
    return ScriptDirectory.from_config(make_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """The revision the database is at; None where it was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()
