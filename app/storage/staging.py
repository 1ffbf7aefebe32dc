"""Where a database is put together that is restored, and what a restore that was killed has left there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from app.storage.database import Database
from app.storage.engines import UNBOUNDED, find_sqlite_file

STAGED = "clonecheck_restoring"
DROP_STAGED = f"DROP SCHEMA IF EXISTS {STAGED} CASCADE"
# Any number will do that nobody else on the database locks by; the server lets go of it with the connection.
_NUMBER = 4302715092
_IS_THERE = text("SELECT count(*) FROM pg_namespace WHERE nspname = :name")


def claim_staged(connection: Connection) -> bool:
    """Claim the schema until the transaction ends; False where another connection has it."""
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": _NUMBER}))


def staged_file(path: Path) -> Path:
    """Where an SQLite database is put together that will take the place of another."""
    return path.with_name(f"{path.name}.restoring")


def drop_staged_file(path: Path) -> bool:
    """Remove the staged file and its journals; says whether there was one."""
    staged = staged_file(path)
    found = staged.exists()
    for leftover in (staged, *(Path(f"{staged}{end}") for end in ("-wal", "-shm", "-journal"))):
        leftover.unlink(missing_ok=True)
    return found


def drop_remains(database: Database) -> bool:
    """Drop what a killed restore has left, which may tell of people who were erased; says whether there was any.

    The schema of a restore that is under way stays. On SQLite the caller writes to the database, which no restore
    lets happen.
    """
    if database.is_sqlite:
        file = find_sqlite_file(database.engine.url)
        return file is not None and drop_staged_file(file)
    with database.engine.execution_options(**{UNBOUNDED: True}).begin() as connection:
        found = bool(connection.scalar(_IS_THERE, {"name": STAGED})) and claim_staged(connection)
        if found:
            connection.exec_driver_sql(DROP_STAGED)
    return found
