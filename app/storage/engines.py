"""Connections made ready for use, by engine: SQLite in a file, or PostgreSQL (also with Citus) on a server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, ExecutionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

# How long a writer waits for another before it gives up, in seconds.
LOCK_TIMEOUT = 10.0
# Seconds to reach a server, and until silence on its connection counts as its end.
CONNECT_TIMEOUT = 5
_SILENCE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
# Execution options of connections: the transaction writes; its statements may take any time; the server has Citus.
WRITES = "clonecheck_writes"
UNBOUNDED = "clonecheck_unbounded"
CITUS = "clonecheck_citus"
# Instructions of SQLite's machine between two looks at the clock: some hundredths of a second. Each look takes the
# interpreter lock, for which a statement beside busy threads waits.
_INSTRUCTIONS = 1_000_000
_SQLITE_PRAGMAS = (
    # FULL: an import that was acknowledged survives a power cut, not only a crash of the process.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={int(LOCK_TIMEOUT * 1000)}",
    # Pages come from the operating system's cache, which all connections share; their own caches stay small.
    # The first GiB, all of an index of a million accounts, where lookups take a sixth less time by it.
    "PRAGMA mmap_size=1073741824",
    "PRAGMA cache_size=-4096",
)


def open_engine(address: str, query_seconds: float) -> Engine:
    """Make an engine whose statements end after `query_seconds` with an `OperationalError`.

    Raises `ArgumentError` for what is no address, `ModuleNotFoundError` where PostgreSQL's driver is not installed.
    """
    try:
        url = make_url(address)
    except ValueError as fault:  # of a port that is no number
        raise ArgumentError("the database address cannot be read") from fault
    shared: dict[str, Any] = {
        # As many connections as there are worker threads; beyond that a request waits a little, then gets a 503.
        "poolclass": QueuePool,
        "pool_size": 20,
        "max_overflow": 20,
        "pool_timeout": LOCK_TIMEOUT,
        # An error text must not carry what users sent.
        "hide_parameters": True,
    }
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url, query_seconds, shared)
    return _open_postgresql(url, query_seconds, shared)


def find_sqlite_file(address: str | URL) -> Path | None:
    """The file that an SQLite database is kept in; None for one in memory and for one on a server."""
    url = make_url(address)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    name = url.database
    if name.startswith("file:"):  # SQLite's own addresses, sqlite.org/uri.html
        name = unquote(urlsplit(name).path)
    return None if name in {"", ":memory:"} or url.query.get("mode") == "memory" else Path(name)


def _open_sqlite(url: URL, query_seconds: float, shared: dict[str, Any]) -> Engine:
    file = find_sqlite_file(url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, **shared)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_cursor_execute", _set_deadline(query_seconds))
    return engine


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` does, so that a writer takes its lock at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
    info = entry.info
    info["deadline"] = inf
    connection.set_progress_handler(lambda: monotonic() > info["deadline"], _INSTRUCTIONS)


def _write_ahead(cursor: DBAPICursor) -> None:
    """Turn the file to write-ahead logging; the first of several connections to a new file makes the others wait.

    SQLite refuses that at once, whatever its busy timeout is.
    """
    end = monotonic() + LOCK_TIMEOUT
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
            sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    # A read transaction that turns into a write fails at once if another writer came first; IMMEDIATE waits instead.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _set_deadline(seconds: float) -> Callable[..., None]:
    def set_deadline(
        connection: Connection, _cursor: DBAPICursor, _sql: str, _values: Any, _context: ExecutionContext, _many: bool
    ) -> None:
        unbounded = connection.get_execution_options().get(UNBOUNDED, False)
        connection.connection.info["deadline"] = inf if unbounded else monotonic() + seconds

    return set_deadline


def _open_postgresql(url: URL, query_seconds: float, shared: dict[str, Any]) -> Engine:
    settings = {
        "statement_timeout": max(1, int(query_seconds * 1000)),
        "lock_timeout": int(LOCK_TIMEOUT * 1000),
        "timezone": "UTC",
    }
    # What the address says itself goes last, and wins.
    options = " ".join([*(f"-c {name}={value}" for name, value in settings.items()), _own_options(url)]).strip()
    arguments = {"connect_timeout": CONNECT_TIMEOUT, **_SILENCE, "options": options}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        connect_args=arguments,
        # A server that came back is noticed before a request fails on a connection that it no longer knows.
        pool_pre_ping=True,
        **shared,
    )
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _own_options(url: URL) -> str:
    given = url.query.get("options", "")
    return given if isinstance(given, str) else " ".join(given)


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(UNBOUNDED, False):
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
