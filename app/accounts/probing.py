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
from app.accounts.models import AccountKeyRow, AccountRow, CorpusRow, KeyCountRow
from app.accounts.rows import ACCOUNT_FIELDS
from app.accounts.scope import Scope

_ACCOUNTS = cast("Table", AccountRow.__table__)
_KEYS = cast("Table", AccountKeyRow.__table__)
_COUNTS = cast("Table", KeyCountRow.__table__)
_CORPORA = cast("Table", CorpusRow.__table__)

# The accounts under each key.
Postings = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class _Statements:
    size: Select[Any]
    counts: Select[Any]
    postings: Select[Any]
    accounts: Select[Any]


@cache
def _statements(dialect: Dialect) -> _Statements:
    own = (_ACCOUNTS.c.tenant_id == bindparam("tenant"), _ACCOUNTS.c.corpus == bindparam("corpus"))
    alive = or_(_ACCOUNTS.c.expires_at.is_(None), _ACCOUNTS.c.expires_at > bindparam("now"))
    described = ("id", "public_id", "source", "observed_at", *ACCOUNT_FIELDS)
    return _Statements(
        size=select(_CORPORA.c.accounts).where(
            _CORPORA.c.tenant_id == bindparam("tenant"), _CORPORA.c.corpus == bindparam("corpus")
        ),
        counts=select(_COUNTS.c.key, _COUNTS.c.accounts).where(dialect.one_of_parameter(_COUNTS.c.key, "keys")),
        postings=select(_KEYS.c.key, _KEYS.c.account).where(dialect.one_of_parameter(_KEYS.c.key, "keys")),
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

    def read_postings(self, keys: Sequence[int]) -> Postings:
        """All accounts under each key."""
        if not keys:
            return {}
        return _group(self._connection.execute(self._statements.postings, {"keys": self._listed(keys)}).all())

    def read_newest(self, wanted: Mapping[int, int]) -> Postings:
        """The accounts that came last under each key, as many as wanted: a copy is seldom older than the original."""
        if not wanted:
            return {}
        return _group(self._dialect.read_newest(self._connection, wanted))

    def read_accounts(self, ids: Sequence[int], now: datetime) -> Sequence[Sequence[Any]]:
        """Rows of id, public id, source, moment of observation and `ACCOUNT_FIELDS`; without what has expired."""
        values = {"ids": self._listed(ids), "now": now, **self._scope}
        return self._connection.execute(self._statements.accounts, values).all()

    def _listed(self, values: Sequence[int]) -> object:
        return self._dialect.list_value(values)


def _group(rows: Sequence[Sequence[Any]]) -> Postings:
    postings: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        postings[row[0]].append(row[1])
    return postings
