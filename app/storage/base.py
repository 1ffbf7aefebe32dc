"""What every table shares: names of constraints, identifiers and moments in time."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

_NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# How a table lies on a Citus cluster, in its `info`: cut by this column, or a copy of it on every node.
DISTRIBUTED_BY = "citus_distributed_by"
REFERENCE = "citus_reference"


class Base(DeclarativeBase):
    """The declarative base of all tables."""

    metadata = MetaData(naming_convention=_NAMING)


class Timestamp(TypeDecorator[datetime]):
    """A moment in UTC. SQLite stores it without a zone; it always comes back aware."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive moment; store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give SQLite's naive moments their zone back."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


# SQLite only numbers rows by itself in an INTEGER primary key.
IntPk = Annotated[int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)]


def new_id() -> str:
    """Make an identifier for URLs: 120 random bits, so that nobody can guess a neighbour's.

    It never begins with a hyphen, which a command line would take for an option.
    """
    while (made := secrets.token_urlsafe(15)).startswith("-"):
        pass
    return made


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
