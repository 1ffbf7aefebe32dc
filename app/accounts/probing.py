"""The reading side of the key tables: statements built once, run for every query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import BigInteger, CompoundSelect, Select, Table, bindparam, literal, or_, select, union_all
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
# Stands for the corpus where its size comes with the counts of keys, of which none is negative.
_SIZE = -1


@dataclass(frozen=True, slots=True)
class _KeyStatements:
    size: Select[Any]
    counts: Select[Any]
    overview: CompoundSelect[Any]
    postings: Select[Any]


@cache
def _key_statements(dialect: Dialect, tables: KeyTables) -> _KeyStatements:
    keys, counted = tables.keys.c.key, tables.counts.c.key
    here = (_CORPORA.c.tenant_id == bindparam("tenant"), _CORPORA.c.corpus == bindparam("corpus"))
    counts = select(counted, tables.numbers).where(dialect.one_of_parameter(counted, "keys"))
    return _KeyStatements(
        size=select(tables.size).where(*here),
        counts=counts,
        overview=union_all(counts, select(literal(_SIZE, BigInteger), tables.size).where(*here)),
        postings=select(keys, dialect.gathered(tables.holders))
        .where(dialect.one_of_parameter(keys, "keys"))
        .group_by(keys),
    )


class KeyProber:
    """Reads the keys of one index of one corpus in one session."""

    def __init__(self, session: Session, tables: KeyTables, scope: Scope) -> None:
        self._dialect = dialect_of(session)
        self._tables = tables
        self._on_keys = _key_statements(self._dialect, tables)
        # Plain connection: nothing here needs the session's identity map, which costs more than the query.
        self._connection = session.connection()
        self._scope = {"tenant": scope.tenant, "corpus": scope.corpus}

    def count_holders(self) -> int:
        """How many holders of keys the corpus has."""
        return self._connection.execute(self._on_keys.size, self._scope).scalar() or 0

    def count_common(self, keys: Sequence[int]) -> dict[int, int]:
        """How many hold each key, for those keys that are common."""
        rows = self._connection.execute(self._on_keys.counts, {"keys": self._listed(keys)}).all()
        return {row[0]: row[1] for row in rows}

    def survey(self, keys: Sequence[int]) -> tuple[int, dict[int, int]]:
        """How many holders the corpus has, and how many hold each key that is common; in one statement if possible."""
        if not self._dialect.unites:
            return self.count_holders(), self.count_common(keys)
        values = {"keys": self._listed(keys), **self._scope}
        counts = {row[0]: row[1] for row in self._connection.execute(self._on_keys.overview, values).all()}
        return counts.pop(_SIZE, 0), counts

    def read_postings(self, keys: Sequence[int]) -> Postings:
        """All holders of each key."""
        if not keys:
            return {}
        # In order, so that neighbouring keys are looked for on neighbouring pages.
        values = {"keys": self._listed(sorted(keys))}
        return self._spread(self._connection.execute(self._on_keys.postings, values).all())

    def read_newest(self, keys: Sequence[int], rows: int) -> Postings:
        """The holders that came last under each key, `rows` at most: a copy is seldom older than the original."""
        if not keys:
            return {}
        return self._spread(self._dialect.read_newest(self._connection, self._tables, keys, rows))

    def _listed(self, values: Sequence[int]) -> object:
        return self._dialect.list_value(values)

    def _spread(self, rows: Sequence[Sequence[Any]]) -> Postings:
        return {row[0]: self._dialect.spread(row[1]) for row in rows}


@cache
def _read_accounts(dialect: Dialect) -> Select[Any]:
    own = (_ACCOUNTS.c.tenant_id == bindparam("tenant"), _ACCOUNTS.c.corpus == bindparam("corpus"))
    alive = or_(_ACCOUNTS.c.expires_at.is_(None), _ACCOUNTS.c.expires_at > bindparam("now"))
    described = ("id", "public_id", "source", "observed_at", *ACCOUNT_FIELDS)
    return select(*(_ACCOUNTS.c[name] for name in described)).where(
        dialect.one_of_parameter(_ACCOUNTS.c.id, "ids"), *own, alive
    )


class Prober(KeyProber):
    """Reads keys and accounts of one corpus in one session."""

    def __init__(self, session: Session, scope: Scope) -> None:
        super().__init__(session, ACCOUNT_INDEX, scope)

    def read_accounts(self, ids: Sequence[int], now: datetime) -> Sequence[Sequence[Any]]:
        """Rows of id, public id, source, moment of observation and `ACCOUNT_FIELDS`; without what has expired."""
        values = {"ids": self._listed(ids), "now": now, **self._scope}
        return self._connection.execute(_read_accounts(self._dialect), values).all()
