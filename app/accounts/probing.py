"""The reading side of the key tables: statements built once, run for every query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, or_, select
from sqlalchemy.orm import Session

from app.accounts.dialects import Dialect, dialect_of
from app.accounts.key_tables import ACCOUNT_INDEX, KeyTables
from app.accounts.models import AccountRow, CorpusRow
from app.accounts.rows import ACCOUNT_FIELDS
from app.accounts.scope import Scope

_ACCOUNTS = cast("Table", AccountRow.__table__)
_CORPORA = cast("Table", CorpusRow.__table__)

# The holders of each key.
Postings = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class _KeyStatements:
    counts: Select[Any]
    postings: Select[Any]


@cache
def _key_statements(dialect: Dialect, tables: KeyTables) -> _KeyStatements:
    keys, counts = tables.keys.c.key, tables.counts.c.key
    return _KeyStatements(
        counts=select(counts, tables.numbers).where(dialect.one_of_parameter(counts, "keys")),
        postings=select(keys, tables.holders).where(dialect.one_of_parameter(keys, "keys")),
    )


class KeyProber:
    """Reads the keys of one index in one session."""

    def __init__(self, session: Session, tables: KeyTables) -> None:
        self._dialect = dialect_of(session)
        self._tables = tables
        self._on_keys = _key_statements(self._dialect, tables)
        # Plain connection: nothing here needs the session's identity map, which costs more than the query.
        self._connection = session.connection()

    def count_common(self, keys: Sequence[int]) -> dict[int, int]:
        """How many hold each key, for those keys that are common."""
        rows = self._connection.execute(self._on_keys.counts, {"keys": self._listed(keys)}).all()
        return {row[0]: row[1] for row in rows}

    def read_postings(self, keys: Sequence[int]) -> Postings:
        """All holders of each key."""
        if not keys:
            return {}
        return _group(self._connection.execute(self._on_keys.postings, {"keys": self._listed(keys)}).all())

    def read_newest(self, wanted: Mapping[int, int]) -> Postings:
        """The holders that came last under each key, as many as wanted: a copy is seldom older than the original."""
        if not wanted:
            return {}
        return _group(self._dialect.read_newest(self._connection, self._tables, wanted))

    def _listed(self, values: Sequence[int]) -> object:
        return self._dialect.list_value(values)


@dataclass(frozen=True, slots=True)
class _AccountStatements:
    size: Select[Any]
    accounts: Select[Any]


@cache
def _account_statements(dialect: Dialect) -> _AccountStatements:
    own = (_ACCOUNTS.c.tenant_id == bindparam("tenant"), _ACCOUNTS.c.corpus == bindparam("corpus"))
    alive = or_(_ACCOUNTS.c.expires_at.is_(None), _ACCOUNTS.c.expires_at > bindparam("now"))
    described = ("id", "public_id", "source", "observed_at", *ACCOUNT_FIELDS)
    return _AccountStatements(
        size=select(_CORPORA.c.accounts).where(
            _CORPORA.c.tenant_id == bindparam("tenant"), _CORPORA.c.corpus == bindparam("corpus")
        ),
        accounts=select(*(_ACCOUNTS.c[name] for name in described)).where(
            dialect.one_of_parameter(_ACCOUNTS.c.id, "ids"), *own, alive
        ),
    )


class Prober(KeyProber):
    """Reads keys and accounts of one corpus in one session."""

    def __init__(self, session: Session, scope: Scope) -> None:
        super().__init__(session, ACCOUNT_INDEX)
        self._statements = _account_statements(self._dialect)
        self._scope = {"tenant": scope.tenant, "corpus": scope.corpus}

    def count_accounts(self) -> int:
        """How many accounts the corpus holds."""
        return self._connection.execute(self._statements.size, self._scope).scalar() or 0

    def read_accounts(self, ids: Sequence[int], now: datetime) -> Sequence[Sequence[Any]]:
        """Rows of id, public id, source, moment of observation and `ACCOUNT_FIELDS`; without what has expired."""
        values = {"ids": self._listed(ids), "now": now, **self._scope}
        return self._connection.execute(self._statements.accounts, values).all()


def _group(rows: Sequence[Sequence[Any]]) -> Postings:
    postings: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        postings[row[0]].append(row[1])
    return postings
