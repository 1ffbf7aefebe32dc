"""Whose accounts: a tenant's corpus. Every query on accounts is filtered by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table

from app.accounts.models import LOCAL_TENANT, AccountRow
from app.settings import Settings
from app.storage import Base


@dataclass(frozen=True, slots=True)
class Scope:
    """A tenant's corpus of accounts."""

    corpus: str
    tenant: str = LOCAL_TENANT

    @classmethod
    def of(cls, settings: Settings) -> Scope:
        """The corpus that the settings name."""
        return cls(settings.corpus)

    @property
    def key_space(self) -> str:
        """What blocking keys hash beside the value, so that corpora never share a key."""
        return f"{self.tenant}/{self.corpus}"

    @property
    def rows(self) -> ColumnElement[bool]:
        """The condition that an account belongs to this scope."""
        return self.owns(AccountRow)

    def owns(self, rows: type[Base] | Table) -> ColumnElement[bool]:
        """The condition that a row of a table with tenant and corpus belongs to this scope."""
        columns: Any = rows.c if isinstance(rows, Table) else rows
        owned: ColumnElement[bool] = (columns.tenant_id == self.tenant) & (columns.corpus == self.corpus)
        return owned
