"""The statements that differ by engine: SQLite, and PostgreSQL, which Citus is too.

Those that read keys are in `app.accounts.key_reading`. Everything else that is done with accounts is one code path of
plain SQLAlchemy. How connections are made ready is in `app.storage.engines`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from json import dumps, loads
from operator import itemgetter
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    Table,
    Text,
    TextClause,
    any_,
    bindparam,
    column,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect as EngineDialect
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.key_tables import KeyTables
from app.accounts.models import AccountRow
from app.storage import Base
from app.storage.copying import copy_rows
from app.storage.engines import UNBOUNDED

Pair = tuple[int, int]  # a key and its holder, or a key and a number
Rows = NDArray[np.int64]  # (pairs, 2): keys with their holders
_ACCOUNTS = cast("Table", AccountRow.__table__)
_COPIED = tuple(name for name in _ACCOUNTS.c.keys() if name != "id")  # noqa: SIM118  # a collection of columns, no dict
_LAST_ID = select(func.max(_ACCOUNTS.c.id))
# The values of those columns, in one call.
_read_columns: Callable[[Mapping[str, Any]], tuple[Any, ...]] = itemgetter(*_COPIED)


class Dialect(ABC):
    """What an engine does in a way of its own."""

    @abstractmethod
    def one_of(self, wanted: ColumnElement[Any], values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
        """The condition that a column has one of many values, which travel as one parameter."""

    @abstractmethod
    def one_of_parameter(self, wanted: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """The same for integers in a statement that is built once: parameter `name` is what `list_value` makes."""

    @abstractmethod
    def list_value(self, values: Sequence[int]) -> object:
        """Many integers as the one parameter that `one_of_parameter` expects."""

    @abstractmethod
    def insert_missing(self, session: Session, row: type[Base], values: list[dict[str, object]]) -> None:
        """Insert rows, leaving those be whose primary key is there already."""

    @abstractmethod
    def insert_accounts(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
        """Insert accounts, given as their columns without `id`; says the id by public id."""

    @abstractmethod
    def insert_keys(self, session: Session, tables: KeyTables, rows: Rows) -> None:
        """Insert keys of holders, which are not there yet."""

    @abstractmethod
    def delete_keys(self, session: Session, tables: KeyTables, pairs: Collection[Pair]) -> int:
        """Delete keys of holders; returns how many were there."""

    @abstractmethod
    def take_any_time(self, session: Session) -> None:
        """Let the statements of this transaction take any time from now on."""

    @abstractmethod
    def shift_counts(self, session: Session, tables: KeyTables, changes: Collection[Pair]) -> None:
        """Add to the counts of keys that are counted."""

    @abstractmethod
    def gathered(self, wanted: ColumnElement[Any]) -> ColumnElement[Any]:
        """The values of a column in a group of rows as one value, which `spread` reads."""

    @abstractmethod
    def spread(self, gathered: Any) -> list[int]:
        """The integers that `gathered` put into one value."""


# Many rows travel in one statement. Row by row the driver would take and give the interpreter lock for each, and an
# import beside busy threads would wait longer for that than for the database. Plain parameters cost two thirds of what
# JSON costs, but fill a statement that is made for their number; SQLite takes 32,766 of them.
_SQLITE_PAIRS_AT_ONCE = 4_000
_SQLITE_ACCOUNTS_AT_ONCE = 500
_SQLITE_PAIRS = "(SELECT json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS other FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class _SqliteStatements:
    insert: str
    delete: str
    shift: str


@cache
def _sqlite_statements(tables: KeyTables) -> _SqliteStatements:
    keys, counts, holder, number = tables.keys.name, tables.counts.name, tables.holder, tables.number
    return _SqliteStatements(
        insert=f"INSERT INTO {keys} (key, {holder}) SELECT key, other FROM {_SQLITE_PAIRS}",  # noqa: S608
        delete=f"DELETE FROM {keys} WHERE (key, {holder}) IN {_SQLITE_PAIRS}",  # noqa: S608
        shift=f"UPDATE {counts} SET {number} = {number} + pairs.other FROM {_SQLITE_PAIRS} AS pairs "  # noqa: S608
        f"WHERE {counts}.key = pairs.key",
    )


@cache
def _insert_statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    row = f"({','.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({','.join(columns)}) VALUES {','.join([row] * rows)}"  # noqa: S608


@cache
def _binder(name: str, dialect: EngineDialect) -> Callable[[Any], Any] | None:
    """What turns a value of an account's column into one that the driver takes; None where nothing need be done."""
    found: Callable[[Any], Any] | None = _ACCOUNTS.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return found


def _is_listed(wanted: ColumnElement[Any], values: str | BindParameter[str]) -> ColumnElement[bool]:
    """The condition that a column has one of the values of a JSON array."""
    listed = func.json_each(values).table_valued(column("value", wanted.type))
    return wanted.in_(select(listed.c.value))


class Sqlite(Dialect):
    """Lists travel as JSON: a statement with hundreds of parameters costs more to build than to run."""

    def one_of(self, wanted: ColumnElement[Any], values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
        return _is_listed(wanted, dumps(list(values)))

    def one_of_parameter(self, wanted: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return _is_listed(wanted, bindparam(name, type_=Text()))

    def list_value(self, values: Sequence[int]) -> object:
        return dumps(list(values))

    def insert_missing(self, session: Session, row: type[Base], values: list[dict[str, object]]) -> None:
        session.execute(sqlite.insert(cast("Table", row.__table__)).on_conflict_do_nothing(), values)

    def insert_accounts(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
        connection = session.connection()
        # Nobody else writes: this transaction has the lock.
        first = (connection.execute(_LAST_ID).scalar() or 0) + 1
        store = [_binder(name, connection.dialect) for name in _COPIED]
        laid = [
            (row_id, *[bind(value) if bind else value for bind, value in zip(store, _read_columns(row), strict=True)])
            for row_id, row in enumerate(rows, first)
        ]
        whole = len(laid) // _SQLITE_ACCOUNTS_AT_ONCE * _SQLITE_ACCOUNTS_AT_ONCE
        columns = ("id", *_COPIED)
        for at in range(0, whole, _SQLITE_ACCOUNTS_AT_ONCE):
            values = tuple(chain.from_iterable(laid[at : at + _SQLITE_ACCOUNTS_AT_ONCE]))
            connection.exec_driver_sql(_insert_statement("accounts", columns, _SQLITE_ACCOUNTS_AT_ONCE), values)
        if whole < len(laid):
            connection.exec_driver_sql(_insert_statement("accounts", columns, 1), laid[whole:])
        return {row["public_id"]: row_id for row_id, row in enumerate(rows, first)}

    def insert_keys(self, session: Session, tables: KeyTables, rows: Rows) -> None:
        connection, columns = session.connection(), ("key", tables.holder)
        whole = len(rows) // _SQLITE_PAIRS_AT_ONCE * _SQLITE_PAIRS_AT_ONCE
        for at in range(0, whole, _SQLITE_PAIRS_AT_ONCE):
            values = tuple(rows[at : at + _SQLITE_PAIRS_AT_ONCE].ravel().tolist())
            connection.exec_driver_sql(_insert_statement(tables.keys.name, columns, _SQLITE_PAIRS_AT_ONCE), values)
        if whole < len(rows):
            connection.exec_driver_sql(_sqlite_statements(tables).insert, (dumps(rows[whole:].tolist()),))

    def delete_keys(self, session: Session, tables: KeyTables, pairs: Collection[Pair]) -> int:
        deleted = session.connection().exec_driver_sql(_sqlite_statements(tables).delete, (dumps(list(pairs)),))
        return deleted.rowcount

    def take_any_time(self, session: Session) -> None:
        session.connection().execution_options(**{UNBOUNDED: True})

    def shift_counts(self, session: Session, tables: KeyTables, changes: Collection[Pair]) -> None:
        session.connection().exec_driver_sql(_sqlite_statements(tables).shift, (dumps(list(changes)),))

    def gathered(self, wanted: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.json_group_array(wanted)

    def spread(self, gathered: Any) -> list[int]:
        holders: list[int] = loads(gathered)
        return holders


@dataclass(frozen=True, slots=True)
class _PostgresqlStatements:
    shift: TextClause
    delete: TextClause
    copy: str


@cache
def _postgresql_statements(tables: KeyTables) -> _PostgresqlStatements:
    keys, counts, holder, number = tables.keys.name, tables.counts.name, tables.holder, tables.number
    several = bindparam("keys", type_=ARRAY(BigInteger))
    return _PostgresqlStatements(
        # Every key of these has its count already; only an upsert takes its rows from a function on Citus too.
        shift=text(
            f"INSERT INTO {counts} AS held (key, {number}) SELECT * FROM unnest(:keys, :numbers) "  # noqa: S608
            f"ON CONFLICT (key) DO UPDATE SET {number} = held.{number} + excluded.{number}"
        ).bindparams(several, bindparam("numbers", type_=ARRAY(BigInteger))),
        delete=text(f"DELETE FROM {keys} WHERE {holder} = :holder AND key = ANY(:keys)").bindparams(  # noqa: S608
            several, bindparam("holder", type_=BigInteger)
        ),
        copy=f"COPY {keys} (key, {holder}) FROM STDIN",
    )


_NEXT_IDS = text("SELECT nextval(pg_get_serial_sequence('accounts', 'id')) FROM generate_series(1, :count)")
_JSON = frozenset(column.name for column in _ACCOUNTS.c if isinstance(column.type, JSON))


def _as_copied(name: str, value: Any) -> Any:
    return dumps(value) if name in _JSON and value is not None else value


class Postgresql(Dialect):
    """Lists travel as arrays, rows in bulk by COPY."""

    def one_of(self, wanted: ColumnElement[Any], values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
        return wanted == any_(literal(list(values), ARRAY(wanted.type)))

    def one_of_parameter(self, wanted: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return wanted == any_(bindparam(name, type_=ARRAY(wanted.type)))

    def list_value(self, values: Sequence[int]) -> object:
        return list(values)

    def insert_missing(self, session: Session, row: type[Base], values: list[dict[str, object]]) -> None:
        session.execute(postgresql.insert(cast("Table", row.__table__)).on_conflict_do_nothing(), values)

    def insert_accounts(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
        ids = session.scalars(_NEXT_IDS, {"count": len(rows)}).all()
        with copy_rows(session.connection(), f"COPY accounts ({', '.join(('id', *_COPIED))}) FROM STDIN") as copy:
            for row_id, row in zip(ids, rows, strict=True):
                values = zip(_COPIED, _read_columns(row), strict=True)
                copy.write_row((row_id, *(_as_copied(name, value) for name, value in values)))
        return {row["public_id"]: row_id for row_id, row in zip(ids, rows, strict=True)}

    def insert_keys(self, session: Session, tables: KeyTables, rows: Rows) -> None:
        with copy_rows(session.connection(), _postgresql_statements(tables).copy) as copy:
            copy.write("".join([f"{key}\t{holder}\n" for key, holder in rows.tolist()]))

    def take_any_time(self, session: Session) -> None:
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")

    def delete_keys(self, session: Session, tables: KeyTables, pairs: Collection[Pair]) -> int:
        by_holder: defaultdict[int, list[int]] = defaultdict(list)
        for key, holder in pairs:
            by_holder[holder].append(key)
        rows = [{"holder": holder, "keys": keys} for holder, keys in by_holder.items()]
        return session.connection().execute(_postgresql_statements(tables).delete, rows).rowcount

    def shift_counts(self, session: Session, tables: KeyTables, changes: Collection[Pair]) -> None:
        keys, numbers = zip(*changes, strict=True)
        session.execute(_postgresql_statements(tables).shift, {"keys": list(keys), "numbers": list(numbers)})

    def gathered(self, wanted: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.array_agg(wanted)

    def spread(self, gathered: Any) -> list[int]:
        holders: list[int] = gathered
        return holders


_SQLITE, _POSTGRESQL = Sqlite(), Postgresql()


def dialect_of(session: Session) -> Dialect:
    """The dialect of the engine that the session speaks to."""
    return _SQLITE if session.get_bind().dialect.name == "sqlite" else _POSTGRESQL


def one_of(
    session: Session,
    wanted: InstrumentedAttribute[Any] | ColumnElement[Any],
    values: Sequence[int] | Sequence[str],
) -> ColumnElement[bool]:
    """The condition that a column has one of many values, which travel as one parameter."""
    return dialect_of(session).one_of(cast("ColumnElement[Any]", wanted), values)
