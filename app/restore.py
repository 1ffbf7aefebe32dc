"""Backing the index up and restoring it, so that what was erased since stays erased."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import inspect, make_url, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.accounts.corpora import subject_digest
from app.accounts.erasures import Erasures, carry_over, erase_again, read_erasures
from app.accounts.models import SuppressionRow
from app.accounts.photo_hashes import find_path
from app.accounts.scope import Scope
from app.migrations.tables import METADATA
from app.problems import InvalidInputError
from app.scans.erased import forget_erased
from app.scans.store import forget_account, forget_subject
from app.settings import Settings
from app.storage import Database, find_sqlite_file
from app.storage.backup import hold_alone, put_in_place, unpack_backup, write_backup
from app.storage.engine_check import check_engine
from app.storage.migrate import current_revision, make_config, upgrade
from app.storage.server_backup import (
    fill_tables,
    hold_server,
    move_in_place,
    open_staged,
    read_description,
    write_server_backup,
)
from app.storage.staging import drop_staged_file, staged_file
from app.subjects.models import SubjectRow
from app.subjects.store import erase_subject

_SECRETS = "SELECT tenant_id, corpus, secret FROM corpora"
_DIGESTS = "SELECT digest FROM suppressions WHERE tenant_id = ? AND corpus = ?"


@dataclass(frozen=True, slots=True)
class Restored:
    """How many accounts and subjects were erased from the backup again.

    `erasures_known` is false where there was no database, so that nobody knows what was erased after the backup.
    """

    erased: int
    erasures_known: bool


def back_up(settings: Settings, target: Path) -> int:
    """Write the whole database to a file, while others go on; returns its bytes. It holds personal data.

    It is not migrated, so that a backup can be made before a new version is. Raises `InvalidInputError` where there is
    no database yet, `ConflictError` where there is a file of that name already.
    """
    if not _is_server(settings):
        file = _find_file(settings)
        if not file.exists():
            raise InvalidInputError("There is no database yet: nothing to back up.")
        return write_backup(file, target)
    database = Database.of(settings)
    try:
        return write_server_backup(database, METADATA, target)
    finally:
        database.dispose()


def restore(settings: Settings, backup: Path, more: Sequence[Erasures] = ()) -> Restored:
    """Put a backup in the place of the database, wholly or not at all.

    What the present database, and `more`, remember of erasures is carried over, and done again before anything is
    replaced. Raises `ConflictError` where the database is in use, `InvalidInputError` for a file that is damaged, of
    another engine or of a newer version.
    """
    return _restore_server(settings, backup, more) if _is_server(settings) else _restore_file(settings, backup, more)


def _is_server(settings: Settings) -> bool:
    if settings.citus:
        raise InvalidInputError(
            "A Citus cluster is backed up and restored by its own means. Keep what was erased by `clonecheck index "
            "suppressions export FILE` before, and `import FILE` after a restore, before the service starts."
        )
    return make_url(settings.url).get_backend_name() != "sqlite"


def _find_file(settings: Settings) -> Path:
    file = find_sqlite_file(settings.url)
    if file is None:
        raise InvalidInputError("A database in memory cannot be backed up.")
    return file


def _restore_file(settings: Settings, backup: Path, more: Sequence[Erasures]) -> Restored:
    path = _find_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = staged_file(path)
    # Held from the beginning: whoever else can write may take what is staged for left behind.
    with hold_alone(path) as held:
        try:
            unpack_backup(backup, staged)
            present = _read_present(held)
            gone = _prepare_file(staged, [*(present or ()), *more])
            _drop_hashes(settings)
            put_in_place(staged, held)
        finally:
            drop_staged_file(path)
    return Restored(gone, present is not None)


def _restore_server(settings: Settings, backup: Path, more: Sequence[Erasures]) -> Restored:
    told = read_description(backup)
    _check_revision(told.revision)
    live, staged = Database.of(settings), open_staged(settings)
    try:
        with hold_server(live, METADATA) as held:
            present = read_erasures(Session(held)) if inspect(held).has_table(SuppressionRow.__tablename__) else None
            upgrade(staged, told.revision)
            fill_tables(staged, METADATA, backup, told)
            gone = _prepare(staged, [*(present or ()), *more])
            staged.dispose()
            _drop_hashes(settings)
            move_in_place(held, METADATA)
    finally:
        staged.dispose()
        live.dispose()
    return Restored(gone, present is not None)


def _drop_hashes(settings: Settings) -> None:
    """Remove the file of picture hashes: it is made anew, and the former one may hold what was erased."""
    hashes = find_path(settings)
    if hashes is not None:
        hashes.unlink(missing_ok=True)


def _read_present(held: sqlite3.Connection) -> list[Erasures] | None:
    try:
        if not held.execute("SELECT 1 FROM sqlite_schema WHERE name = 'suppressions'").fetchone():
            return None
        return [
            Erasures(
                Scope(corpus, tenant), secret, frozenset(row[0] for row in held.execute(_DIGESTS, (tenant, corpus)))
            )
            for tenant, corpus, secret in held.execute(_SECRETS).fetchall()
        ]
    except sqlite3.DatabaseError as fault:
        raise InvalidInputError(
            "The present database cannot be read, so that what was erased is not known. Move it away, "
            "and give --suppressions if you exported them."
        ) from fault


def _prepare_file(staged: Path, known: Sequence[Erasures]) -> int:
    database = Database(f"sqlite:///{staged}")
    try:
        with database.read() as session:
            _check_revision(current_revision(session.connection()))
        return _prepare(database, known)
    except DatabaseError as fault:
        raise InvalidInputError("The database in the backup cannot be read.", slug="damaged") from fault
    finally:
        database.dispose()


def _prepare(staged: Database, known: Sequence[Erasures]) -> int:
    """Migrate the database of a backup and erase from it what was erased since."""
    upgrade(staged)
    if check_engine(staged, everything=False):
        raise InvalidInputError("The database in the backup is damaged.", slug="damaged")
    return take_in(staged, known)


def _check_revision(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(make_config()).walk_revisions()}
    if revision not in known:
        raise InvalidInputError("The backup is of a newer version of clonecheck, or of something else.")


def take_in(database: Database, known: Sequence[Erasures]) -> int:
    """Remember these erasures and do all that are remembered again; returns how many accounts and subjects went."""
    with database.write() as session:
        carry_over(session, known)
    with database.read() as session:
        remembered = [one for one in read_erasures(session) if one.digests]
    return sum(_do_again(database, one) for one in remembered)


def _do_again(database: Database, known: Erasures) -> int:
    scope = known.scope
    gone = erase_again(database, known, [lambda session, who: forget_account(session, scope, who)])
    with database.write() as session:
        forget_erased(session, known)
        for row in session.scalars(select(SubjectRow).where(scope.owns(SubjectRow))).all():
            if subject_digest(known.secret, row.public_id) in known.digests:
                forget_subject(session, scope, row.public_id)
                erase_subject(session, scope, row)
                gone += 1
    return gone
