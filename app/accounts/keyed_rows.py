"""Whatever is stored under blocking keys, as its care sees it: the rows, their keys, and how keys are made of a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.orm import Session

from app.accounts.dialects import one_of
from app.accounts.key_maker import make_account_keys
from app.accounts.key_tables import ACCOUNT_INDEX, KeyTables
from app.accounts.models import AccountRow, CorpusRow
from app.accounts.rows import ACCOUNT_FIELDS
from app.accounts.scope import Scope
from matchers.keys import KEY_VERSION


@dataclass(frozen=True, slots=True)
class KeyedRows:
    """Rows of a table that are found by keys.

    `read` loads by row id what the keys of rows are made of; `make` makes the keys of that, for a key space; `renew`
    rewrites what else the rows hold of it.
    """

    name: str
    table: Table
    tables: KeyTables
    version: int
    read: Callable[[Session, Sequence[int]], Mapping[int, Any]]
    make: Callable[[Any, str], frozenset[int]]
    renew: Callable[[Session, Mapping[int, Any]], None] = lambda _session, _contents: None

    @property
    def counted(self) -> bool:
        """Whether a row says how many keys it has."""
        return "key_count" in self.table.c

    @property
    def outdated(self) -> ColumnElement[bool]:
        """The condition that the keys of a row are of another version than the code makes."""
        return self.table.c.key_version != self.version

    def count_outdated(self, session: Session) -> int:
        """How many rows have keys of another version."""
        version = self.table.c.key_version
        # Two ranges of an index: for "another than this" all rows would be read.
        ranges = (version < self.version, version > self.version)
        counts = (session.scalar(select(func.count()).select_from(self.table).where(rows)) for rows in ranges)
        return sum(count or 0 for count in counts)

    def owned(self, scope: Scope) -> ColumnElement[bool]:
        """The condition that a row belongs to a corpus."""
        return scope.owns(self.table)


def read_scopes(session: Session) -> list[Scope]:
    """Every corpus of the database, always in one order, so that writers never wait for each other in a circle."""
    query = select(CorpusRow.tenant_id, CorpusRow.corpus).order_by(CorpusRow.tenant_id, CorpusRow.corpus)
    return [Scope(corpus, tenant) for tenant, corpus in session.execute(query)]


def list_ids(session: Session, rows: KeyedRows, condition: ColumnElement[bool], after: int, size: int) -> list[int]:
    """The next row ids that meet a condition."""
    ids = rows.table.c.id
    return list(session.scalars(select(ids).where(condition, ids > after).order_by(ids).limit(size)))


def _read_accounts(session: Session, ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    columns = [getattr(AccountRow, name) for name in ACCOUNT_FIELDS]
    query = select(AccountRow.id, *columns).where(one_of(session, AccountRow.id, ids))
    return {row[0]: tuple(row[1:]) for row in session.execute(query)}


ACCOUNTS = KeyedRows(
    "accounts",
    cast("Table", AccountRow.__table__),
    ACCOUNT_INDEX,
    KEY_VERSION,
    _read_accounts,
    make_account_keys,
)
