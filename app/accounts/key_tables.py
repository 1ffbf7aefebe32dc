"""The pairs of tables that indexes by blocking keys are made of; accounts have one, subjects another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Table

from app.accounts.models import AccountKeyRow, CorpusRow, KeyCountRow

_CORPORA = cast("Table", CorpusRow.__table__)


@dataclass(frozen=True, slots=True)
class KeyTables:
    """Keys with their holders (columns `key` and `holder`), and how many hold the common ones (`key` and `number`).

    A corpus says under the name `number` too how many holders it has in all.
    """

    keys: Table
    holder: str
    counts: Table
    number: str

    @property
    def holders(self) -> ColumnElement[Any]:
        """The column of the holders."""
        return self.keys.c[self.holder]

    @property
    def indexed(self) -> bool:
        """Whether the keys of a holder are found by an index."""
        return any(index.columns.keys() == [self.holder] for index in self.keys.indexes)

    @property
    def numbers(self) -> ColumnElement[Any]:
        """The column of the counts."""
        return self.counts.c[self.number]

    @property
    def size(self) -> ColumnElement[Any]:
        """The column of a corpus that counts its holders."""
        return _CORPORA.c[self.number]


ACCOUNT_INDEX = KeyTables(
    cast("Table", AccountKeyRow.__table__), "account", cast("Table", KeyCountRow.__table__), "accounts"
)
