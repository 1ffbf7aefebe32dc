"""The engines on which the index is tested, and databases for tests on servers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from sqlalchemy import create_engine, make_url, text

from app.migrations.tables import METADATA
from app.storage import Database
from app.storage.migrate import upgrade

CITUS_VARIABLE = "CLONECHECK_TEST_CITUS_URL"
CITUS_URL = os.environ.get(CITUS_VARIABLE)
NO_CITUS = f"Citus: no registry has it; set {CITUS_VARIABLE} to an empty database of a Citus coordinator to test it"
# The tests cannot install Citus. Where its address is given, whatever runs on PostgreSQL runs there too.
ENGINES = ("sqlite", "postgresql", "citus") if CITUS_URL else ("sqlite", "postgresql")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test's database is."""

    url: str
    citus: bool = False

    def open(self) -> Database:
        """Connect to it."""
        return Database(self.url, citus=self.citus)


@contextmanager
def make_database(server: str) -> Iterator[str]:
    """Make a database on a PostgreSQL server for the time of the block; gives its address."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    run_alone(server, f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        run_alone(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def migrate(place: Place) -> None:
    """Make all tables."""
    database = place.open()
    upgrade(database)
    database.dispose()


def empty_tables(place: Place) -> None:
    """Remove all rows; the tables stay."""
    run_alone(place.url, f"TRUNCATE {', '.join(METADATA.tables)} RESTART IDENTITY")


def drop_tables(url: str) -> None:
    """Drop all tables of a database: what stood there was another run's."""
    engine = create_engine(_driven(url))
    with engine.begin() as connection:
        for table in connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all():
            connection.execute(text(f'DROP TABLE IF EXISTS public."{table}" CASCADE'))
    engine.dispose()


def run_alone(url: str, statement: str) -> None:
    """Run a statement outside any transaction."""
    engine = create_engine(_driven(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _driven(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
