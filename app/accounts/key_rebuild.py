"""Rebuilding keys that another version of the code made, while readers and importers go on.

A row says in `key_version` which version made its keys; it is brought to today's in the transaction that rewrites them.
Whatever breaks a rebuild off, the rows that are left say so themselves, and the next one goes on with them.

What is stored of outdated rows is read ahead, `SPAN` rows at a time, in one walk over all keys. It stays true as long
as the row says that it is outdated: whoever rewrites the keys says in the row that they are of today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.accounts.corpora import lock_corpus
from app.accounts.dialects import dialect_of, one_of
from app.accounts.key_store import replace_keys
from app.accounts.keyed_rows import KeyedRows, list_ids, read_scopes
from app.accounts.scope import Scope
from app.storage import Database

# Rows rewritten in one transaction: some tenths of a second, for which an importer may wait.
BATCH = 500
# Rows whose keys are read in one walk over all keys: some 50 MB.
SPAN = 50_000

# Told after each commit: rows done so far, rows in all.
Progress = Callable[[int, int], None]
Made = dict[int, tuple[Any, frozenset[int]]]


class Held:
    """The stored keys of some rows, as the database handed them over; taken apart one by one."""

    def __init__(self, session: Session, rows: KeyedRows, ids: Sequence[int]) -> None:
        self._dialect, self._held = dialect_of(session), dict[int, Any]()
        if not ids:
            return
        holders, key = rows.tables.holders, rows.tables.keys.c.key
        here = holders.between(ids[0], ids[-1]) & one_of(session, holders, ids)
        query = select(holders, self._dialect.gathered(key)).where(here).group_by(holders)
        self._held = {row[0]: row[1] for row in session.execute(query)}

    def read(self, row: int) -> frozenset[int]:
        """The keys of a row."""
        return frozenset(self._dialect.spread(self._held[row])) if row in self._held else frozenset()


def count_outdated(db: Database, rows: KeyedRows) -> int:
    """How many rows have keys of another version."""
    with db.read(unbounded=True) as session:
        return rows.count_outdated(session)


def rebuild_keys(db: Database, rows: KeyedRows, on_progress: Progress | None = None, batch: int = BATCH) -> int:
    """Bring the keys of all outdated rows to today's version, in every corpus; returns how many rows that were."""
    total = count_outdated(db, rows)
    with db.read() as session:
        scopes = read_scopes(session)
    done = 0
    for scope in scopes if total else ():
        for ids, held in _outdated_spans(db, rows, scope):
            for at in range(0, len(ids), batch):
                part = ids[at : at + batch]
                with db.read() as session:
                    contents = rows.read(session, part)
                # Making keys takes longer than storing them: nobody waits for it.
                made: Made = {row: (content, rows.make(content, scope.key_space)) for row, content in contents.items()}
                done += _rewrite_keys(db, rows, scope, part, made, held)
                if on_progress is not None:
                    on_progress(done, max(total, done))
    return done


def _outdated_spans(db: Database, rows: KeyedRows, scope: Scope) -> Iterator[tuple[list[int], Held]]:
    """Outdated rows of a corpus with their stored keys."""
    after = 0
    while True:
        with db.read(unbounded=True) as session:
            ids = list_ids(session, rows, rows.owned(scope) & rows.outdated, after, SPAN)
            if not ids:
                return
            held = Held(session, rows, ids)
        yield ids, held
        after = ids[-1]


def _rewrite_keys(db: Database, rows: KeyedRows, scope: Scope, ids: Sequence[int], made: Made, held: Held) -> int:
    """Give rows of one corpus today's keys, in one transaction; returns how many of them were still outdated.

    `made` holds keys made ahead and what of; they are made again for rows that have changed meanwhile.
    """
    with db.write() as session:
        lock_corpus(session, scope)
        table = rows.table
        left = session.scalars(select(table.c.id).where(one_of(session, table.c.id, ids), rows.outdated)).all()
        contents = rows.read(session, left)
        wanted: dict[int, frozenset[int]] = {}
        for row, content in contents.items():
            foreseen, keys = made.get(row, (None, frozenset()))
            wanted[row] = keys if foreseen == content else rows.make(content, scope.key_space)
        old = {(key, row) for row in wanted for key in held.read(row)}
        replace_keys(session, old, {(key, row) for row, keys in wanted.items() for key in keys}, rows.tables)
        rows.renew(session, contents)
        _mark_current(session, rows, wanted)
    return len(wanted)


def _mark_current(session: Session, rows: KeyedRows, wanted: Mapping[int, frozenset[int]]) -> None:
    if not wanted:
        return
    change = update(rows.table).where(rows.table.c.id == bindparam("row")).values(key_version=rows.version)
    if rows.counted:
        change = change.values(key_count=bindparam("held"))
    # On the connection: an update of many rows by their ids needs nothing of the session.
    session.connection().execute(change, [{"row": row, "held": len(keys)} for row, keys in wanted.items()])


def mark_outdated(db: Database, rows: KeyedRows, scope: Scope, ids: Sequence[int]) -> None:
    """Have the keys of rows made again by the next rebuild, whatever is stored of them."""
    with db.write() as session:
        lock_corpus(session, scope)
        here = rows.owned(scope) & one_of(session, rows.table.c.id, ids)
        session.connection().execute(update(rows.table).where(here).values(key_version=0))
