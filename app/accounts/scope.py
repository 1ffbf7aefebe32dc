"""Whose accounts: a tenant's corpus. Every query on accounts is filtered by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, column, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import LOCAL_TENANT, AccountRow
from app.settings import Settings


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
        return (AccountRow.tenant_id == self.tenant) & (AccountRow.corpus == self.corpus)


def is_sqlite(session: Session) -> bool:
    """Whether the session speaks to SQLite; the few statements that differ by dialect ask this."""
    return session.get_bind().dialect.name == "sqlite"


def one_of(
    session: Session, wanted: InstrumentedAttribute[Any], values: Sequence[int] | Sequence[str]
) -> ColumnElement[bool]:
    """The condition that a column has one of many values.

    On SQLite they travel as one JSON parameter: a statement with hundreds of parameters costs more to build than to
    run, and their number is limited.
    """
    if not is_sqlite(session):
        return wanted.in_(values)
    listed = func.json_each(dumps(list(values))).table_valued(column("value", wanted.type))
    return wanted.in_(select(listed.c.value))


def one_of_parameter(wanted: ColumnElement[Any], name: str, *, sqlite: bool) -> ColumnElement[bool]:
    """The same condition for a statement that is built once: the values come as parameter `name`, `list_value` made."""
    if not sqlite:
        return wanted.in_(bindparam(name, expanding=True))
    listed = func.json_each(bindparam(name, type_=Text())).table_valued(column("value", wanted.type))
    return wanted.in_(select(listed.c.value))


def list_value(values: Sequence[int], *, sqlite: bool) -> str | list[int]:
    """Many integers as the one parameter that `one_of_parameter` expects."""
    return dumps(list(values)) if sqlite else list(values)
