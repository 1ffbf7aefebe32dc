"""The engine and its two kinds of session. One request or task is one transaction, committed at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

# How long a writer waits for another before it gives up, in seconds.
LOCK_TIMEOUT = 10.0
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # FULL: an import that was acknowledged survives a power cut, not only a crash of the process.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={int(LOCK_TIMEOUT * 1000)}",
    # Pages come from the operating system's cache, which all connections share; their own caches stay small.
    "PRAGMA mmap_size=1073741824",
    "PRAGMA cache_size=-4096",
)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: `_begin` below does, so that a writer takes its lock at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    # A read transaction that turns into a write fails at once if another writer came first; IMMEDIATE waits instead.
    writes = connection.get_execution_options().get("clonecheck_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_ANNOUNCED = "announced"


def announce(session: Session, topic: str) -> None:
    """Tell whoever follows a topic (`Database.follow`) after this session's commit that something happened."""
    session.info.setdefault(_ANNOUNCED, set()).add(topic)


class Database:
    """An engine with `read()` and `write()` sessions; `write()` commits at the end, or rolls back on any exception."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_engine(
            parsed,
            pool_pre_ping=not self.is_sqlite,
            # As many connections as there are worker threads; beyond that a request waits a little, then gets a 503.
            poolclass=QueuePool,
            pool_size=20,
            max_overflow=20,
            pool_timeout=LOCK_TIMEOUT,
            # An error text must not carry what users sent.
            hide_parameters=True,
        )
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        writing_engine = self.engine.execution_options(clonecheck_writes=True)
        self._writing = sessionmaker(writing_engine, expire_on_commit=False)
        self._followers: dict[str, Callable[[], object]] = {}

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking; nothing done in it is kept."""
        with self._reading() as session:
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

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
