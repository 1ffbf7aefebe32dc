"""Rebuilding keys that another version of the code made, while readers and importers go on.

A row says in `key_version` which version made its keys; it is brought to today's in the transaction that rewrites them.
Whatever breaks a rebuild off, the rows that are left say so themselves, and the next one goes on with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select, update

from app.accounts.corpora import lock_corpus
from app.accounts.dialects import one_of
from app.accounts.key_store import add_keys, read_keys, remove_keys
from app.accounts.keyed_rows import KeyedRows, list_ids, read_scopes
from app.accounts.scope import Scope
from app.storage import Database

# Rows rewritten in one transaction: some tenths of a second, for which an importer may wait.
BATCH = 500

# Told after each commit: rows done so far, rows in all.
Progress = Callable[[int, int], None]
Made = dict[int, tuple[Any, frozenset[int]]]


def count_outdated(db: Database, rows: KeyedRows) -> int:
    """How many rows have keys of another version."""
    with db.read(unbounded=True) as session:
        return session.scalar(select(func.count()).select_from(rows.table).where(rows.outdated)) or 0


def rebuild_keys(db: Database, rows: KeyedRows, on_progress: Progress | None = None, batch: int = BATCH) -> int:
    """Bring the keys of all outdated rows to today's version, in every corpus; returns how many rows that were."""
    total = count_outdated(db, rows)
    with db.read() as session:
        scopes = read_scopes(session)
    done = 0
    for scope in scopes if total else ():
        after = 0
        condition = rows.owned(scope) & rows.outdated
        while True:
            # A rebuild that goes on walks over all that is done first.
            with db.read(unbounded=True) as session:
                ids = list_ids(session, rows, condition, after, batch)
                contents = rows.read(session, ids)
            if not ids:
                break
            # Making keys takes longer than storing them: nobody waits for it.
            made: Made = {row: (content, rows.make(content, scope.key_space)) for row, content in contents.items()}
            done += rewrite_keys(db, rows, scope, ids, made)
            after = ids[-1]
            if on_progress is not None:
                on_progress(done, max(total, done))
    return done


def rewrite_keys(db: Database, rows: KeyedRows, scope: Scope, ids: Sequence[int], made: Made) -> int:
    """Give rows of one corpus today's keys, in one transaction; returns how many of them are still there.

    `made` holds keys made ahead and what of; they are made again for rows that have changed meanwhile.
    """
    with db.write() as session:
        lock_corpus(session, scope)
        contents = rows.read(session, ids)
        present = list(contents)
        wanted = set()
        for row, content in contents.items():
            foreseen, keys = made.get(row, (None, frozenset()))
            fresh = keys if foreseen == content else rows.make(content, scope.key_space)
            wanted |= {(key, row) for key in fresh}
        old = set(read_keys(session, present, rows.tables))
        remove_keys(session, old - wanted, rows.tables)
        add_keys(session, wanted - old, rows.tables)
        rows.renew(session, contents)
        here = one_of(session, rows.table.c.id, present)
        session.execute(update(rows.table).where(here).values(key_version=rows.version))
    return len(present)
