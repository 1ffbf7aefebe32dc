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
from app.accounts.models import AccountKeyRow, AccountRow, CorpusRow, KeyCountRow
from app.accounts.rows import ACCOUNT_FIELDS
from app.accounts.scope import Scope

_ACCOUNTS = cast("Table", AccountRow.__table__)
_KEYS = cast("Table", AccountKeyRow.__table__)
_COUNTS = cast("Table", KeyCountRow.__table__)
_CORPORA = cast("Table", CorpusRow.__table__)

# The accounts under each key.
Postings = dict[int, list[int]]
# Stands for the corpus where its size comes with the counts of keys, of which none is negative.
_SIZE = -1


@dataclass(frozen=True, slots=True)
class _Statements:
    size: Select[Any]
    counts: Select[Any]
    overview: CompoundSelect[Any]
    postings: Select[Any]
    accounts: Select[Any]


@cache
def _statements(dialect: Dialect) -> _Statements:
    own = (_ACCOUNTS.c.tenant_id == bindparam("tenant"), _ACCOUNTS.c.corpus == bindparam("corpus"))
    alive = or_(_ACCOUNTS.c.expires_at.is_(None), _ACCOUNTS.c.expires_at > bindparam("now"))
    described = ("id", "public_id", "source", "observed_at", *ACCOUNT_FIELDS)
    here = (_CORPORA.c.tenant_id == bindparam("tenant"), _CORPORA.c.corpus == bindparam("corpus"))
    counts = select(_COUNTS.c.key, _COUNTS.c.accounts).where(dialect.one_of_parameter(_COUNTS.c.key, "keys"))
    return _Statements(
        size=select(_CORPORA.c.accounts).where(*here),
        counts=counts,
        overview=union_all(counts, select(literal(_SIZE, BigInteger), _CORPORA.c.accounts).where(*here)),
        postings=select(_KEYS.c.key, dialect.gathered(_KEYS.c.account))
        .where(dialect.one_of_parameter(_KEYS.c.key, "keys"))
        .group_by(_KEYS.c.key),
        accounts=select(*(_ACCOUNTS.c[name] for name in described)).where(
            dialect.one_of_parameter(_ACCOUNTS.c.id, "ids"), *own, alive
        ),
    )


class Prober:
    """Reads keys and accounts of one corpus in one session."""

    def __init__(self, session: Session, scope: Scope) -> None:
        self._dialect = dialect_of(session)
        self._statements = _statements(self._dialect)
        # Plain connection: nothing here needs the session's identity map, which costs more than the query.
        self._connection = session.connection()
        self._scope = {"tenant": scope.tenant, "corpus": scope.corpus}

    def count_accounts(self) -> int:
        """How many accounts the corpus holds."""
        return self._connection.execute(self._statements.size, self._scope).scalar() or 0

    def count_common(self, keys: Sequence[int]) -> dict[int, int]:
        """How many accounts share each key, for those keys that are common."""
        rows = self._connection.execute(self._statements.counts, {"keys": self._listed(keys)}).all()
        return {row[0]: row[1] for row in rows}

    def survey(self, keys: Sequence[int]) -> tuple[int, dict[int, int]]:
        """How many accounts the corpus holds, and how many share each key that is common, in one statement."""
        values = {"keys": self._listed(keys), **self._scope}
        counts = {row[0]: row[1] for row in self._connection.execute(self._statements.overview, values).all()}
        return counts.pop(_SIZE, 0), counts

    def read_postings(self, keys: Sequence[int]) -> Postings:
        """All accounts under each key."""
        if not keys:
            return {}
        # In order, so that neighbouring keys are looked for on neighbouring pages.
        values = {"keys": self._listed(sorted(keys))}
        return self._spread(self._connection.execute(self._statements.postings, values).all())

    def read_newest(self, keys: Sequence[int], rows: int) -> Postings:
        """The accounts that came last under each key, `rows` at most: a copy is seldom older than the original."""
        if not keys:
            return {}
        return self._spread(self._dialect.read_newest(self._connection, keys, rows))

    def read_accounts(self, ids: Sequence[int], now: datetime) -> Sequence[Sequence[Any]]:
        """Rows of id, public id, source, moment of observation and `ACCOUNT_FIELDS`; without what has expired."""
        values = {"ids": self._listed(ids), "now": now, **self._scope}
        return self._connection.execute(self._statements.accounts, values).all()

    def _listed(self, values: Sequence[int]) -> object:
        return self._dialect.list_value(values)

    def _spread(self, rows: Sequence[Sequence[Any]]) -> Postings:
        return {row[0]: self._dialect.spread(row[1]) for row in rows}
