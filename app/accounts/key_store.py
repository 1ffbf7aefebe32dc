"""The blocking keys of accounts as rows, and how many accounts share the common ones.

Invariant: a key held by more than `COMMON` accounts has its exact count in `key_counts`; any other key has no row
there. A query can therefore bound what it reads before it reads it, for the price of a table that holds next to
nothing: nearly all keys are rare. All writers hold the lock on their corpus (`app.accounts.corpora`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import cast

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.orm import Session

from app.accounts.dialects import Pair, dialect_of, one_of
from app.accounts.models import AccountKeyRow, KeyCountRow

COMMON = 32
# Keys kept of one account; real ones have 30 to 80, so that only a poisoned account reaches this.
MAX_KEYS = 500
_COUNTS = cast("Table", KeyCountRow.__table__)


def bound_keys(keys: Collection[int]) -> frozenset[int]:
    """Cut the keys of one account to `MAX_KEYS`, always the same ones."""
    return frozenset(keys if len(keys) <= MAX_KEYS else islice(sorted(keys), MAX_KEYS))


def read_keys(session: Session, accounts: Sequence[int]) -> list[Pair]:
    """The stored keys of accounts."""
    query = select(AccountKeyRow.key, AccountKeyRow.account).where(one_of(session, AccountKeyRow.account, accounts))
    return [(key, account) for key, account in session.execute(query)]


def add_keys(session: Session, pairs: Iterable[Pair]) -> None:
    """Store keys that the accounts do not have yet, and count the common ones."""
    # In key order neighbouring rows go to neighbouring pages.
    rows = sorted(pairs)
    if not rows:
        return
    dialect_of(session).insert_keys(session, rows)
    added = Counter(key for key, _ in rows)
    counted = _counted(session, added)
    _shift_counts(session, {key: added[key] for key in counted})
    _count_new(session, [key for key in added if key not in counted])


def remove_keys(session: Session, pairs: Collection[Pair]) -> None:
    """Remove keys that the accounts have, and count again."""
    if not pairs:
        return
    dialect_of(session).delete_keys(session, pairs)
    removed = Counter(key for key, _ in pairs)
    counted = _counted(session, removed)
    _shift_counts(session, {key: -removed[key] for key in counted})
    rare = one_of(session, KeyCountRow.key, list(counted))
    session.execute(delete(KeyCountRow).where(rare, KeyCountRow.accounts <= COMMON).execution_options(**_CORE))


# The session holds no objects of these tables that would have to follow.
_CORE = {"synchronize_session": False}


def _counted(session: Session, keys: Iterable[int]) -> set[int]:
    return set(session.scalars(select(KeyCountRow.key).where(one_of(session, KeyCountRow.key, list(keys)))))


def _shift_counts(session: Session, changes: dict[int, int]) -> None:
    if changes:
        dialect_of(session).shift_counts(session, changes.items())


def _count_new(session: Session, keys: list[int]) -> None:
    """Take in keys that have become common. Each had at most `COMMON` accounts before, so little is read."""
    held = func.count()
    query = (
        select(AccountKeyRow.key, held)
        .where(one_of(session, AccountKeyRow.key, keys))
        .group_by(AccountKeyRow.key)
        .having(held > COMMON)
    )
    common = [{"key": key, "accounts": count} for key, count in session.execute(query)]
    if common:
        session.execute(insert(_COUNTS), common)
