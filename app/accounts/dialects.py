"""The statements that differ by engine: SQLite, PostgreSQL, and Citus, which is PostgreSQL on many machines.

Everything else that is done with accounts is one code path of plain SQLAlchemy. How connections are made ready is in
`app.storage.engines`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from json import dumps, loads
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Connection,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import AccountKeyRow, AccountRow
from app.storage import Base
from app.storage.engines import CITUS

Pair = tuple[int, int]  # a key and an account, or a key and a number
_ACCOUNTS = cast("Table", AccountRow.__table__)
_KEYS = cast("Table", AccountKeyRow.__table__)


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
    def insert_keys(self, session: Session, pairs: Sequence[Pair]) -> None:
        """Insert keys of accounts, which are not there yet."""

    @abstractmethod
    def delete_keys(self, session: Session, pairs: Collection[Pair]) -> None:
        """Delete keys of accounts."""

    @abstractmethod
    def shift_counts(self, session: Session, changes: Collection[Pair]) -> None:
        """Add to the counts of keys that are counted."""

    @abstractmethod
    def gathered(self, wanted: ColumnElement[Any]) -> ColumnElement[Any]:
        """The values of a column in a group of rows as one value, which `spread` reads."""

    @abstractmethod
    def spread(self, gathered: Any) -> list[int]:
        """The integers that `gathered` put into one value."""

    @abstractmethod
    def read_newest(self, connection: Connection, keys: Sequence[int], rows: int) -> Sequence[Sequence[Any]]:
        """Read pairs of key and gathered accounts: those that came last under each key, at most `rows` of them."""


# Some 60,000 pairs travel as one JSON parameter of one statement. Row by row the driver would take and give the
# interpreter lock for each, and an import beside busy threads would wait longer for that than for the database.
_SQLITE_PAIRS = "(SELECT json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS other FROM json_each(?))"
_SQLITE_INSERT = f"INSERT INTO account_keys (key, account) SELECT key, other FROM {_SQLITE_PAIRS}"  # noqa: S608
_SQLITE_DELETE = f"DELETE FROM account_keys WHERE (key, account) IN {_SQLITE_PAIRS}"  # noqa: S608
_SQLITE_SHIFT = (
    f"UPDATE key_counts SET accounts = accounts + pairs.other FROM {_SQLITE_PAIRS} AS pairs "  # noqa: S608
    "WHERE key_counts.key = pairs.key"
)


# Row by row the driver and SQLAlchemy would take ten times as long to hand over the accounts.
_SQLITE_NEWEST = text(
    "SELECT wanted.value, (SELECT json_group_array(account) FROM (SELECT account FROM account_keys "
    "WHERE account_keys.key = wanted.value ORDER BY account DESC LIMIT :rows)) FROM json_each(:keys) AS wanted"
)


class Sqlite(Dialect):
    """Lists travel as JSON: a statement with hundreds of parameters costs more to build than to run."""

    def one_of(self, wanted: ColumnElement[Any], values: Sequence[int] | Sequence[str]) -> ColumnElement[bool]:
        listed = func.json_each(dumps(list(values))).table_valued(column("value", wanted.type))
        return wanted.in_(select(listed.c.value))

    def one_of_parameter(self, wanted: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        listed = func.json_each(bindparam(name, type_=Text())).table_valued(column("value", wanted.type))
        return wanted.in_(select(listed.c.value))

    def list_value(self, values: Sequence[int]) -> object:
        return dumps(list(values))

    def insert_missing(self, session: Session, row: type[Base], values: list[dict[str, object]]) -> None:
        session.execute(sqlite.insert(cast("Table", row.__table__)).on_conflict_do_nothing(), values)

    def insert_accounts(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
        stored = session.execute(insert(_ACCOUNTS).returning(_ACCOUNTS.c.public_id, _ACCOUNTS.c.id), list(rows))
        return {row.public_id: row.id for row in stored}

    def insert_keys(self, session: Session, pairs: Sequence[Pair]) -> None:
        session.connection().exec_driver_sql(_SQLITE_INSERT, (dumps(list(pairs)),))

    def delete_keys(self, session: Session, pairs: Collection[Pair]) -> None:
        session.connection().exec_driver_sql(_SQLITE_DELETE, (dumps(list(pairs)),))

    def shift_counts(self, session: Session, changes: Collection[Pair]) -> None:
        session.connection().exec_driver_sql(_SQLITE_SHIFT, (dumps(list(changes)),))

    def gathered(self, wanted: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.json_group_array(wanted)

    def spread(self, gathered: Any) -> list[int]:
        accounts: list[int] = loads(gathered)
        return accounts

    def read_newest(self, connection: Connection, keys: Sequence[int], rows: int) -> Sequence[Sequence[Any]]:
        return connection.execute(_SQLITE_NEWEST, {"keys": dumps(list(keys)), "rows": rows}).all()


_NEWEST = text(
    "SELECT wanted.key, ARRAY(SELECT account FROM account_keys WHERE account_keys.key = wanted.key "
    "ORDER BY account DESC LIMIT :rows) FROM unnest(:keys) AS wanted(key)"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))
# Every key of these has its count already; only an upsert takes its rows from a function on Citus too.
_SHIFT = text(
    "INSERT INTO key_counts AS held (key, accounts) SELECT * FROM unnest(:keys, :numbers) "
    "ON CONFLICT (key) DO UPDATE SET accounts = held.accounts + excluded.accounts"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)), bindparam("numbers", type_=ARRAY(BigInteger)))
_DELETE = text("DELETE FROM account_keys WHERE account = :account AND key = ANY(:keys)").bindparams(
    bindparam("account", type_=BigInteger), bindparam("keys", type_=ARRAY(BigInteger))
)
_NEXT_IDS = text("SELECT nextval(pg_get_serial_sequence('accounts', 'id')) FROM generate_series(1, :count)")
_COPIED = tuple(name for name in _ACCOUNTS.c.keys() if name != "id")  # noqa: SIM118  # a collection of columns, no dict
_JSON = frozenset(column.name for column in _ACCOUNTS.c if isinstance(column.type, JSON))


def _as_copied(name: str, value: Any) -> Any:
    return dumps(value) if name in _JSON and value is not None else value


@contextmanager
def _copy(session: Session, statement: str) -> Iterator[Any]:
    """The driver's own COPY, in the transaction of the session; its errors become SQLAlchemy's, as of any statement."""
    connection = session.connection()
    error = connection.dialect.loaded_dbapi.Error
    cursor = connection.connection.cursor()
    try:
        with cast("Any", cursor).copy(statement) as copy:
            yield copy
    except error as fault:
        raise DBAPIError.instance(statement, None, fault, error, hide_parameters=True) from fault
    finally:
        cursor.close()


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
        with _copy(session, f"COPY accounts ({', '.join(('id', *_COPIED))}) FROM STDIN") as copy:
            for row_id, row in zip(ids, rows, strict=True):
                copy.write_row((row_id, *(_as_copied(name, row[name]) for name in _COPIED)))
        return {row["public_id"]: row_id for row_id, row in zip(ids, rows, strict=True)}

    def insert_keys(self, session: Session, pairs: Sequence[Pair]) -> None:
        with _copy(session, "COPY account_keys (key, account) FROM STDIN") as copy:
            copy.write("".join(f"{key}\t{account}\n" for key, account in pairs))

    def delete_keys(self, session: Session, pairs: Collection[Pair]) -> None:
        by_account: defaultdict[int, list[int]] = defaultdict(list)
        for key, account in pairs:
            by_account[account].append(key)
        rows = [{"account": account, "keys": keys} for account, keys in by_account.items()]
        session.connection().execute(_DELETE, rows)

    def shift_counts(self, session: Session, changes: Collection[Pair]) -> None:
        keys, numbers = zip(*changes, strict=True)
        session.execute(_SHIFT, {"keys": list(keys), "numbers": list(numbers)})

    def gathered(self, wanted: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.array_agg(wanted)

    def spread(self, gathered: Any) -> list[int]:
        accounts: list[int] = gathered
        return accounts

    def read_newest(self, connection: Connection, keys: Sequence[int], rows: int) -> Sequence[Sequence[Any]]:
        return connection.execute(_NEWEST, {"keys": list(keys), "rows": rows}).all()


_NEWEST_OF_ONE = (
    select(_KEYS.c.account)
    .where(_KEYS.c.key == bindparam("wanted"))
    .order_by(_KEYS.c.account.desc())
    .limit(bindparam("rows"))
)


class Citus(Postgresql):
    """Every shard gets the statement at once, as long as no LIMIT stands inside it: one statement a key, then."""

    def read_newest(self, connection: Connection, keys: Sequence[int], rows: int) -> Sequence[Sequence[Any]]:
        return [
            (key, list(connection.execute(_NEWEST_OF_ONE, {"wanted": key, "rows": rows}).scalars())) for key in keys
        ]


_SQLITE, _POSTGRESQL, _CITUS = Sqlite(), Postgresql(), Citus()


def dialect_of(session: Session) -> Dialect:
    """The dialect of the engine that the session speaks to."""
    engine = session.get_bind()
    if engine.dialect.name == "sqlite":
        return _SQLITE
    return _CITUS if engine.get_execution_options().get(CITUS) else _POSTGRESQL


def one_of(
    session: Session, wanted: InstrumentedAttribute[Any], values: Sequence[int] | Sequence[str]
) -> ColumnElement[bool]:
    """The condition that a column has one of many values, which travel as one parameter."""
    return dialect_of(session).one_of(cast("ColumnElement[Any]", wanted), values)
