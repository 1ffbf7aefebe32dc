"""Mending what `app.accounts.key_check` finds: keys, counts and sizes are made again from the rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, update

from app.accounts.corpora import lock_corpus
from app.accounts.dialects import dialect_of, one_of
from app.accounts.key_check import Findings, check_counts, count_holders
from app.accounts.key_rebuild import BATCH, Held, mark_outdated, rebuild_keys
from app.accounts.key_store import COMMON
from app.accounts.keyed_rows import KeyedRows, read_scopes
from app.accounts.models import CorpusRow
from app.accounts.scope import Scope
from app.storage import Database

# Keys counted anew in one transaction.
_KEYS = 10_000


def repair_keys(db: Database, rows: KeyedRows, found: Findings) -> None:
    """Mend what was found, in short transactions; a repair that is broken off is begun again by the next check."""
    for scope, ids in found.wrong.items():
        for at in range(0, len(ids), BATCH):
            mark_outdated(db, rows, scope, ids[at : at + BATCH])
    if found.lost:
        _drop_lost(db, rows, found.lost)
    rebuild_keys(db, rows)
    # While a count is wrong, taking keys in or out keeps it wrong by as much: counts come last.
    with db.read(unbounded=True) as session:
        keys = check_counts(session, rows)
    for at in range(0, len(keys), _KEYS):
        _count_anew(db, rows, keys[at : at + _KEYS])
    for scope in found.sizes:
        _set_size(db, rows, scope)


def _drop_lost(db: Database, rows: KeyedRows, holders: Sequence[int]) -> None:
    """Remove keys of holders that do not exist, looked up in one walk over all keys before the lock is taken."""
    with db.read(unbounded=True) as session:
        held = Held(session, rows, sorted(holders))
    for at in range(0, len(holders), BATCH):
        part = holders[at : at + BATCH]
        with db.write() as session:
            for scope in read_scopes(session):
                lock_corpus(session, scope)
            present = set(session.scalars(select(rows.table.c.id).where(one_of(session, rows.table.c.id, part))))
            pairs = [(key, one) for one in part if one not in present for key in held.read(one)]
            if pairs:
                dialect_of(session).delete_keys(session, rows.tables, pairs)


def _count_anew(db: Database, rows: KeyedRows, keys: Sequence[int]) -> None:
    counts, number = rows.tables.counts, rows.tables.number
    with db.write() as session:
        for scope in read_scopes(session):
            lock_corpus(session, scope)
        held = count_holders(session, rows, keys)
        session.execute(delete(counts).where(one_of(session, counts.c.key, keys)))
        common = [{"key": key, number: count} for key, count in held.items() if count > COMMON]
        if common:
            session.execute(insert(counts), common)


def _set_size(db: Database, rows: KeyedRows, scope: Scope) -> None:
    with db.write() as session:
        lock_corpus(session, scope)
        there = select(func.count()).select_from(rows.table).where(rows.owned(scope)).scalar_subquery()
        change = update(CorpusRow).where(scope.owns(CorpusRow)).values({rows.tables.number: there})
        session.execute(change, execution_options={"synchronize_session": False})
