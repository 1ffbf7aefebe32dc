"""The engine and its two kinds of session. One request or task is one transaction, committed at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from app.storage.engines import WRITES, open_engine

# Longest time for one statement where the settings do not say, in seconds.
QUERY_SECONDS = 30.0
CITUS = "clonecheck_citus"


class Database:
    """An engine with `read()` and `write()` sessions; `write()` commits at the end, or rolls back on any exception."""

    def __init__(self, url: str, *, query_seconds: float = QUERY_SECONDS, citus: bool = False) -> None:
        engine = open_engine(url, query_seconds)
        self.is_sqlite = engine.dialect.name == "sqlite"
        if citus and self.is_sqlite:
            raise ValueError("CLONECHECK_CITUS needs the address of a Citus coordinator in CLONECHECK_DATABASE_URL")
        self.engine = engine.execution_options(**{CITUS: citus})
        # All that a session reads is of one moment, as on SQLite: counts of keys fit the keys.
        steady: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = sessionmaker(self.engine.execution_options(**steady), expire_on_commit=False)
        self._writing = sessionmaker(self.engine.execution_options(**{WRITES: True}), expire_on_commit=False)

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database that the settings name; raises `ValueError` for one that cannot be used."""
        return cls(settings.url, query_seconds=settings.query_seconds, citus=settings.citus)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking; nothing done in it is kept."""
        with self._reading() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends well."""
        with self._writing() as session, session.begin():
            yield session

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
