"""The reading side of the index: keys, and the accounts that hold them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeEngine

from app.accounts.dialects import Dialect, dialect_of
from app.accounts.key_reading import Postings, Survey, read_keys_of
from app.accounts.key_tables import ACCOUNT_INDEX, KeyTables
from app.accounts.models import AccountRow
from app.accounts.rows import ACCOUNT_FIELDS
from app.accounts.scope import Scope

_ACCOUNTS = cast("Table", AccountRow.__table__)
_AS_IT_IS: TypeEngine[Any] = NullType()


class KeyProber:
    """Reads the keys of one index of one corpus in one session."""

    def __init__(self, session: Session, tables: KeyTables, scope: Scope) -> None:
        self._dialect = dialect_of(session)
        # Plain connection: nothing here needs the session's identity map, which costs more than the query.
        self._connection = session.connection()
        self._keys = read_keys_of(session, self._connection, tables)
        self._scope = {"tenant": scope.tenant, "corpus": scope.corpus}
        self.key_space = scope.key_space

    def count_holders(self) -> int:
        """How many holders of keys the corpus has."""
        return self._keys.read_size(**self._scope)

    def count_common(self, keys: Sequence[int]) -> dict[int, int]:
        """How many hold each key, for those keys that are common."""
        return self._keys.read_counts(keys)

    def survey(self, keys: Sequence[int]) -> Survey:
        """What is known of keys before any long list is read; in one statement if possible."""
        # In order, so that neighbouring keys are looked for on neighbouring pages.
        return self._keys.survey(sorted(keys), **self._scope)

    def read_postings(self, keys: Sequence[int]) -> Postings:
        """All holders of each key."""
        return self._keys.read_whole(sorted(keys)) if keys else {}

    def read_newest(self, keys: Sequence[int], rows: int) -> Postings:
        """The holders that came last under each key, `rows` at most: a copy is seldom older than the original."""
        return self._keys.read_newest(keys, rows) if keys else {}

    def _listed(self, values: Sequence[int]) -> object:
        return self._dialect.list_value(values)


@cache
def _read_accounts(dialect: Dialect) -> Select[Any]:
    own = (_ACCOUNTS.c.tenant_id == bindparam("tenant"), _ACCOUNTS.c.corpus == bindparam("corpus"))
    alive = or_(_ACCOUNTS.c.expires_at.is_(None), _ACCOUNTS.c.expires_at > bindparam("now"))
    described = ("id", "public_id", "source", "observed_at", *ACCOUNT_FIELDS)
    # As the driver hands them over: most values are missing, and SQLAlchemy would convert each of them.
    return select(*(type_coerce(_ACCOUNTS.c[name], _AS_IT_IS) for name in described)).where(
        dialect.one_of_parameter(_ACCOUNTS.c.id, "ids"), *own, alive
    )


class Prober(KeyProber):
    """Reads keys and accounts of one corpus in one session."""

    def __init__(self, session: Session, scope: Scope) -> None:
        super().__init__(session, ACCOUNT_INDEX, scope)

    def read_accounts(self, ids: Sequence[int], now: datetime) -> Sequence[Sequence[Any]]:
        """Rows of id, public id, source, moment of observation and `ACCOUNT_FIELDS`; without what has expired.

        The values are as the driver hands them over (`app.accounts.rows.account_from_stored`).
        """
        values = {"ids": self._listed(ids), "now": now, **self._scope}
        return self._connection.execute(_read_accounts(self._dialect), values).all()
