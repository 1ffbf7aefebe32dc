"""The blocking keys of accounts as rows, and how many accounts share the common ones.

Invariant: a key held by more than `COMMON` accounts has its exact count in `key_counts`; any other key has no row
there. A query can therefore bound what it reads before it reads it, for the price of a table that holds next to
nothing: nearly all keys are rare. All writers hold the lock on their corpus (`app.accounts.corpora`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from json import dumps
from typing import cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountKeyRow, KeyCountRow
from app.accounts.scope import is_sqlite, one_of

COMMON = 32
# Keys kept of one account; real ones have 30 to 80, so that only a poisoned account reaches this.
MAX_KEYS = 500
_KEYS = cast("Table", AccountKeyRow.__table__)
_COUNTS = cast("Table", KeyCountRow.__table__)

Pair = tuple[int, int]  # key, account

# On SQLite some 60,000 pairs travel as one JSON parameter of one statement. Row by row the driver would take and give
# the interpreter lock for each, and an import beside busy threads would wait longer for that than for the database.
_PAIRS = "(SELECT json_extract(value, '$[0]') AS key, json_extract(value, '$[1]') AS other FROM json_each(?))"
_INSERT_PAIRS = f"INSERT INTO account_keys (key, account) SELECT key, other FROM {_PAIRS}"  # noqa: S608
_DELETE_PAIRS = f"DELETE FROM account_keys WHERE (key, account) IN {_PAIRS}"  # noqa: S608
_SHIFT_COUNTS = (
    f"UPDATE key_counts SET accounts = accounts + pairs.other FROM {_PAIRS} AS pairs "  # noqa: S608
    "WHERE key_counts.key = pairs.key"
)


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
    _insert(session, rows)
    added = Counter(key for key, _ in rows)
    counted = _counted(session, added)
    _shift_counts(session, {key: added[key] for key in counted})
    _count_new(session, [key for key in added if key not in counted])


def _insert(session: Session, rows: list[Pair]) -> None:
    if is_sqlite(session):
        session.connection().exec_driver_sql(_INSERT_PAIRS, (dumps(rows),))
    else:
        session.execute(insert(_KEYS), [{"key": key, "account": account} for key, account in rows])


def remove_keys(session: Session, pairs: Collection[Pair]) -> None:
    """Remove keys that the accounts have, and count again."""
    if not pairs:
        return
    _delete(session, pairs)
    removed = Counter(key for key, _ in pairs)
    counted = _counted(session, removed)
    _shift_counts(session, {key: -removed[key] for key in counted})
    rare = one_of(session, KeyCountRow.key, list(counted))
    session.execute(delete(KeyCountRow).where(rare, KeyCountRow.accounts <= COMMON).execution_options(**_CORE))


def _delete(session: Session, pairs: Collection[Pair]) -> None:
    if is_sqlite(session):
        session.connection().exec_driver_sql(_DELETE_PAIRS, (dumps(list(pairs)),))
        return
    statement = delete(_KEYS).where(_KEYS.c.key == bindparam("b_key"), _KEYS.c.account == bindparam("b_account"))
    session.execute(statement, [{"b_key": key, "b_account": account} for key, account in pairs])


# The session holds no objects of these tables that would have to follow.
_CORE = {"synchronize_session": False}


def _counted(session: Session, keys: Iterable[int]) -> set[int]:
    return set(session.scalars(select(KeyCountRow.key).where(one_of(session, KeyCountRow.key, list(keys)))))


def _shift_counts(session: Session, changes: dict[int, int]) -> None:
    if not changes:
        return
    if is_sqlite(session):
        session.connection().exec_driver_sql(_SHIFT_COUNTS, (dumps(list(changes.items())),))
        return
    statement = (
        update(_COUNTS)
        .where(_COUNTS.c.key == bindparam("b_key"))
        .values(accounts=_COUNTS.c.accounts + bindparam("b_by"))
    )
    session.execute(statement, [{"b_key": key, "b_by": by} for key, by in changes.items()])


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
