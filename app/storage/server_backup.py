"""A PostgreSQL database as one file, and back, over the driver's COPY: no program of the server is needed.

The file is a zip, all of one moment: of each table the rows as COPY writes them as text, and a description at its end.
It is restored into a schema of its own, whose tables take the place of the former ones in one transaction.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from lzma import LZMAError
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, MetaData, inspect, make_url, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from app.problems import ConflictError, InvalidInputError
from app.settings import Settings
from app.storage.backup import new_file
from app.storage.copying import copy_rows
from app.storage.database import Database
from app.storage.engines import UNBOUNDED
from app.storage.migrate import current_revision
from app.storage.staging import DROP_STAGED, STAGED, claim_staged

_FORMAT = "clonecheck postgresql 1"
_DESCRIPTION = "backup.json"
_MAX_DESCRIPTION = 1 << 20
_CHUNK = 1 << 20
# Where Alembic notes the revision.
_VERSION_TABLE = "alembic_version"
# Seconds until whoever hung up is gone from the server's list.
_PATIENCE = 2.0
# What reading a damaged archive raises.
_DAMAGES = (
    BadZipFile,
    KeyError,
    EOFError,
    ValueError,
    OSError,
    OverflowError,
    RuntimeError,
    struct.error,
    zlib.error,
    LZMAError,
)
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)
_SEQUENCE = text("SELECT pg_get_serial_sequence(:table, :column)")
_SET_SEQUENCE = text("SELECT setval(pg_get_serial_sequence(:table, :column), :value)")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    columns: list[str] = Field(min_length=1)
    rows: int = Field(ge=0)
    # The column that a sequence numbers, and the last number that it gave.
    numbered: str | None
    last: int | None = Field(ge=1)


class Description(BaseModel):
    """What a backup holds: the revision of its tables, and each of them."""

    model_config = ConfigDict(extra="forbid")
    format: str = Field(pattern=f"^{_FORMAT}$")
    revision: str
    tables: list[_Table]


def write_server_backup(database: Database, metadata: MetaData, target: Path) -> int:
    """Write these tables, which may be in use, to a file that only its owner may read; returns its bytes.

    The file appears under its name when it is whole. Raises `ConflictError` where there is one already.
    """
    steady = database.engine.execution_options(isolation_level="REPEATABLE READ", **{UNBOUNDED: True})
    with new_file(target) as part:
        with steady.begin() as connection, ZipFile(part, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            revision, present = current_revision(connection), _find_tables(connection, metadata)
            if revision is None:
                raise InvalidInputError("There is no index in the database yet: nothing to back up.")
            names = [table.name for table in metadata.sorted_tables if table.name in present]
            tables = [_write_table(connection, archive, name) for name in names]
            told = Description(format=_FORMAT, revision=revision, tables=tables)
            archive.writestr(_DESCRIPTION, told.model_dump_json(indent=1))
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
    return target.stat().st_size


def _write_table(connection: Connection, archive: ZipFile, name: str) -> _Table:
    columns = [column["name"] for column in inspect(connection).get_columns(name)]
    with archive.open(name, "w", force_zip64=True) as member, _copy(connection, name, columns, "TO STDOUT") as copy:
        waiting = bytearray()
        rows = 0
        for block in copy:
            waiting += block
            if len(waiting) >= _CHUNK:
                rows += _write_lines(member, waiting)
        rows += _write_lines(member, waiting)
    numbered, last = _find_sequence(connection, name, columns)
    return _Table(name=name, columns=columns, rows=rows, numbered=numbered, last=last)


def _write_lines(member: IO[bytes], waiting: bytearray) -> int:
    """Write what waits and empty it; returns how many rows: each is a line, since breaks in it have a backslash."""
    member.write(waiting)
    rows = waiting.count(b"\n")
    waiting.clear()
    return rows


def _find_sequence(connection: Connection, name: str, columns: Sequence[str]) -> tuple[str | None, int | None]:
    for column in columns:
        sequence = connection.scalar(_SEQUENCE, {"table": name, "column": column})
        if sequence is not None:
            # A sequence is no part of the moment: it may only be further than the rows, which does no harm.
            last = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {sequence}").one()  # noqa: S608
            return column, last.last_value if last.is_called else None
    return None, None


def _copy(connection: Connection, name: str, columns: Sequence[str], way: str) -> AbstractContextManager[Any]:
    quote = connection.dialect.identifier_preparer.quote_identifier
    statement = f"COPY {quote(name)} ({', '.join(map(quote, columns))}) {way}"
    return copy_rows(connection, statement)


def read_description(backup: Path) -> Description:
    """What a backup holds; raises `InvalidInputError` for a file that is none."""
    with backup.open("rb") as stream:
        try:
            with ZipFile(stream) as archive, archive.open(_DESCRIPTION) as member:
                return Description.model_validate_json(member.read(_MAX_DESCRIPTION))
        except (*_DAMAGES, ValidationError) as fault:
            raise InvalidInputError("The file is no backup of a PostgreSQL database, or it is damaged.") from fault


def open_staged(settings: Settings) -> Database:
    """The database of the settings, where all tables without a schema are those of the staged one."""
    url = make_url(settings.url)
    own = url.query.get("options", "")
    options = f"{own if isinstance(own, str) else ' '.join(own)} -c search_path={STAGED}".strip()
    staged = url.update_query_dict({"options": options}).render_as_string(hide_password=False)
    return Database(staged, query_seconds=settings.query_seconds)


def fill_tables(database: Database, metadata: MetaData, backup: Path, told: Description) -> None:
    """Read the rows of a backup into tables that are empty; raises `InvalidInputError` for a damaged file."""
    with ZipFile(backup) as archive, database.engine.execution_options(**{UNBOUNDED: True}).begin() as connection:
        _expect_tables(connection, metadata, told)
        for table in told.tables:
            try:
                rows = _read_table(connection, archive, table)
                if table.last is not None:
                    _set_sequence(connection, table)
            except (*_DAMAGES, DataError, IntegrityError, ProgrammingError) as fault:
                raise InvalidInputError("The backup is damaged.", slug="damaged") from fault
            if rows != table.rows:
                raise InvalidInputError("The backup is damaged: it has other rows than it says.", slug="damaged")


def _expect_tables(connection: Connection, metadata: MetaData, told: Description) -> None:
    """Raises `InvalidInputError` where the tables of the backup are not those of its revision: rows would be lost."""
    names = sorted({*_find_tables(connection, metadata)} - {_VERSION_TABLE})
    there = [(name, *_describe(connection, name)) for name in names]
    if there != sorted((one.name, sorted(one.columns), one.numbered) for one in told.tables):
        raise InvalidInputError("The backup is damaged: it has other tables than its version.", slug="damaged")


def _describe(connection: Connection, name: str) -> tuple[list[str], str | None]:
    """The columns of a table, and the one that a sequence numbers."""
    columns = sorted(column["name"] for column in inspect(connection).get_columns(name))
    return columns, _find_sequence(connection, name, columns)[0]


def _set_sequence(connection: Connection, table: _Table) -> None:
    connection.execute(_SET_SEQUENCE, {"table": table.name, "column": table.numbered, "value": table.last})


def _read_table(connection: Connection, archive: ZipFile, table: _Table) -> int:
    with archive.open(table.name) as member, _copy(connection, table.name, table.columns, "FROM STDIN") as copy:
        rows = 0
        while block := member.read(_CHUNK):
            copy.write(block)
            rows += block.count(b"\n")
    return rows


@contextmanager
def hold_server(database: Database, metadata: MetaData) -> Iterator[Connection]:
    """Hold our tables, which may be missing, against everybody else, with an empty schema beside them.

    What is done over the connection is committed at the end of the block. Raises `ConflictError` where the database is
    in use.
    """
    if not _is_alone(database):
        raise ConflictError("The database is in use: stop the service and imports first.")
    claimed = False
    try:
        with database.engine.execution_options(**{UNBOUNDED: True}).begin() as connection:
            claimed = claim_staged(connection)
            if not claimed:
                raise ConflictError("Another restore is under way.")
            _lock_tables(connection, metadata)
            # A restore that was killed may have left it.
            _run(database, DROP_STAGED, f"CREATE SCHEMA {STAGED}")
            yield connection
    finally:
        if claimed:
            _run(database, DROP_STAGED)


def _is_alone(database: Database) -> bool:
    end = monotonic() + _PATIENCE
    while True:
        # A transaction would see the same list for ever.
        with database.engine.connect() as connection:
            others = connection.scalar(_OTHERS)
        if not others or monotonic() > end:
            return not others
        sleep(0.05)


def _lock_tables(connection: Connection, metadata: MetaData) -> None:
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    try:
        for name in _find_tables(connection, metadata):
            connection.exec_driver_sql(f'LOCK TABLE "{name}" IN ACCESS EXCLUSIVE MODE')
    except OperationalError as fault:  # after the lock timeout
        raise ConflictError("The database is in use: stop the service and imports first.") from fault


def _run(database: Database, *statements: str) -> None:
    with database.engine.execution_options(**{UNBOUNDED: True}).begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def move_in_place(connection: Connection, metadata: MetaData) -> None:
    """Drop our tables and put the staged ones in their place, with their indexes and sequences."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    schema = connection.scalar(text("SELECT current_schema()"))
    former = _find_tables(connection, metadata)
    if former:
        connection.exec_driver_sql(f"DROP TABLE {', '.join(map(quote, former))}")
    for name in inspect(connection).get_table_names(STAGED):
        connection.exec_driver_sql(f"ALTER TABLE {STAGED}.{quote(name)} SET SCHEMA {quote(schema)}")
    connection.exec_driver_sql(f"DROP SCHEMA {STAGED}")


def _find_tables(connection: Connection, metadata: MetaData) -> list[str]:
    """Those of our tables that are there; in a database that others use too there may be more."""
    ours = {*metadata.tables, _VERSION_TABLE}
    return sorted(ours.intersection(inspect(connection).get_table_names()))
