"""The engine and its two kinds of session. One request or task is one transaction, committed at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from app.storage.engines import CITUS, LOCK_TIMEOUT, UNBOUNDED, WRITES, open_engine

# Longest time for one statement where the settings do not say, in seconds.
QUERY_SECONDS = 30.0


# How long emptying the log waits for readers, in milliseconds: writers wait with it.
_CLEAR_MILLISECONDS = 1_000
_ANNOUNCED = "announced"


def announce(session: Session, topic: str) -> None:
    """Tell whoever follows a topic (`Database.follow`) after this session's commit that something happened."""
    session.info.setdefault(_ANNOUNCED, set()).add(topic)


class Database:
    """An engine with `read()` and `write()` sessions; `write()` commits at the end, or rolls back on any exception."""

    def __init__(self, url: str, *, query_seconds: float = QUERY_SECONDS, citus: bool = False) -> None:
        engine = open_engine(url, query_seconds)
        self.citus = citus
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.engine = engine.execution_options(**{CITUS: citus})
        # All that a session reads is of one moment, as on SQLite: counts of keys fit the keys.
        steady: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = sessionmaker(self.engine.execution_options(**steady), expire_on_commit=False)
        self._writing = sessionmaker(self.engine.execution_options(**{WRITES: True}), expire_on_commit=False)
        self._followers: dict[str, Callable[[], object]] = {}

    @classmethod
    def of(cls, settings: Settings) -> Database:
        """The database that the settings name."""
        return cls(settings.url, query_seconds=settings.query_seconds, citus=settings.citus)

    @contextmanager
    def read(self, *, unbounded: bool = False) -> Iterator[Session]:
        """A session for looking; nothing done in it is kept. Its statements may take any time if `unbounded`."""
        with self._reading() as session:
            if unbounded:
                session.connection(execution_options={UNBOUNDED: True})
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose work is committed when the block ends well."""
        with self._writing() as session:
            with session.begin():
                yield session
            announced = session.info.get(_ANNOUNCED, ())
        for topic in announced:
            if topic in self._followers:
                self._followers[topic]()

    def follow(self, topic: str, call: Callable[[], object]) -> None:
        """Call this after each commit of a `write()` session that announced the topic, in place of who followed it."""
        self._followers[topic] = call

    def clear_log(self) -> bool:
        """Empty SQLite's write-ahead log, which still holds what has been erased; tells whether that could be done.

        It cannot while somebody reads from it for longer than a second: then a later writing empties it. PostgreSQL
        recycles its log by itself.
        """
        if not self.is_sqlite:
            return True
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={_CLEAR_MILLISECONDS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
            cursor.execute(f"PRAGMA busy_timeout={int(LOCK_TIMEOUT * 1000)}")
            cursor.close()
        finally:
            connection.close()
        return row is not None and row[0] == 0

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
