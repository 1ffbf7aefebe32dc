"""Blocking keys as rows, and how many hold the common ones; of accounts, or of whatever else has such a pair of tables.

Invariant: a key with more than `COMMON` holders has its exact count in the table of counts; any other key has no row
there. A query can therefore bound what it reads before it reads it, for the price of a table that holds next to
nothing: nearly all keys are rare. All writers hold the lock on their corpus (`app.accounts.corpora`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice

import numpy as np
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.accounts.dialects import Pair, dialect_of, one_of
from app.accounts.key_tables import ACCOUNT_INDEX, KeyTables

COMMON = 32
# Keys kept of one account; real ones have 30 to 80, so that only a poisoned account reaches this.
MAX_KEYS = 500


def bound_keys(keys: Collection[int], most: int = MAX_KEYS) -> frozenset[int]:
    """Cut the keys of one holder to `most`, always the same ones."""
    return frozenset(keys if len(keys) <= most else islice(sorted(keys), most))


def read_keys(session: Session, holders: Sequence[int], tables: KeyTables = ACCOUNT_INDEX) -> list[Pair]:
    """The stored keys of holders. Those of accounts have no index by account: all keys are walked over."""
    if not holders:
        return []
    if not tables.indexed:
        dialect_of(session).take_any_time(session)
    query = select(tables.keys.c.key, tables.holders).where(one_of(session, tables.holders, holders))
    return [(key, holder) for key, holder in session.execute(query)]


def add_keys(session: Session, pairs: Iterable[Pair], tables: KeyTables = ACCOUNT_INDEX) -> None:
    """Store keys that the holders do not have yet, and count the common ones."""
    rows = np.array(list(chain.from_iterable(pairs)), np.int64).reshape(-1, 2)
    if not len(rows):
        return
    # In key order neighbouring rows go to neighbouring pages.
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    dialect_of(session).insert_keys(session, tables, rows)
    keys, numbers = np.unique(rows[:, 0], return_counts=True)
    added = dict(zip(keys.tolist(), numbers.tolist(), strict=True))
    counted = _counted(session, tables, added)
    _shift_counts(session, tables, {key: added[key] for key in counted})
    _count_new(session, tables, [key for key in added if key not in counted])


def remove_keys(session: Session, pairs: Collection[Pair], tables: KeyTables = ACCOUNT_INDEX) -> int:
    """Remove keys of holders, and count again; returns how many were there."""
    if not pairs:
        return 0
    removed = dialect_of(session).delete_keys(session, tables, pairs)
    numbers = Counter(key for key, _ in pairs)
    counted = _counted(session, tables, numbers)
    if removed == len(pairs):
        _shift_counts(session, tables, {key: -numbers[key] for key in counted})
        rare = one_of(session, tables.counts.c.key, list(counted))
        session.execute(delete(tables.counts).where(rare, tables.numbers <= COMMON))
    else:
        session.execute(delete(tables.counts).where(one_of(session, tables.counts.c.key, list(counted))))
        _count_new(session, tables, list(counted))
    return removed


def replace_keys(
    session: Session, old: Collection[Pair], new: Collection[Pair], tables: KeyTables = ACCOUNT_INDEX
) -> None:
    """Put new keys of holders in the place of those that are believed to be stored.

    Where it shows that others are stored, all that there are of these holders are looked for, and go.
    """
    old, new = frozenset(old), frozenset(new)
    gone = old - new
    if remove_keys(session, gone, tables) != len(gone):
        holders = {holder for _, holder in gone}
        stored = frozenset(read_keys(session, sorted(holders), tables))
        old = frozenset(pair for pair in old if pair[1] not in holders) | stored
        remove_keys(session, stored - new, tables)
    add_keys(session, new - old, tables)


def _counted(session: Session, tables: KeyTables, keys: Iterable[int]) -> set[int]:
    key = tables.counts.c.key
    # On the connection: nothing here needs what a session adds to a query.
    found = session.connection().execute(select(key).where(one_of(session, key, list(keys))))
    return {row[0] for row in found}


def _shift_counts(session: Session, tables: KeyTables, changes: dict[int, int]) -> None:
    if changes:
        dialect_of(session).shift_counts(session, tables, changes.items())


def _count_new(session: Session, tables: KeyTables, keys: list[int]) -> None:
    """Take in keys that have become common. Each had at most `COMMON` holders before, so little is read."""
    held = func.count()
    key = tables.keys.c.key
    query = select(key, held).where(one_of(session, key, keys)).group_by(key).having(held > COMMON)
    common = [{"key": key, tables.number: count} for key, count in session.execute(query)]
    if common:
        session.execute(insert(tables.counts), common)
