"""Backing the index up and restoring it, so that what was erased since stays erased."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import URL, make_url, select
from sqlalchemy.exc import DatabaseError

from app.accounts.corpora import subject_digest
from app.accounts.erasures import Erasures, carry_over, erase_again, read_erasures
from app.accounts.photo_hashes import find_path
from app.accounts.scope import Scope
from app.problems import InvalidInputError, UnavailableError
from app.scans.erased import forget_erased
from app.scans.store import forget_account, forget_subject
from app.settings import Settings
from app.storage import Database, find_sqlite_file
from app.storage.backup import hold_alone, put_in_place, unpack_backup, write_backup
from app.storage.engine_check import check_engine
from app.storage.migrate import current_revision, make_config, upgrade
from app.subjects.models import SubjectRow
from app.subjects.store import erase_subject

_SECRETS = "SELECT tenant_id, corpus, secret FROM corpora"
_DIGESTS = "SELECT digest FROM suppressions WHERE tenant_id = ? AND corpus = ?"


def back_up(settings: Settings, target: Path, seconds: float) -> int:
    """Write the whole database to a file, while others go on; returns its bytes. It holds personal data.

    On PostgreSQL by pg_dump, for at most so many seconds; where there is none, `UnavailableError` says what to run.
    """
    url = make_url(settings.url)
    if url.get_backend_name() == "sqlite":
        return write_backup(_find_file(settings), target)
    if target.exists():
        raise InvalidInputError("There is a file of that name already; backups are never overwritten.")
    command = _dump_command(url, target)
    if shutil.which("pg_dump") is None:
        raise UnavailableError(f"pg_dump is not on the PATH. Run where it is: {shlex.join(command)}")
    secret = {"PGPASSWORD": url.password} if url.password else {}
    old_mask = os.umask(0o077)
    try:
        done = subprocess.run(  # noqa: S603 - the program is fixed, its arguments are an address and a path
            command, env={**os.environ, **secret}, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired as fault:
        target.unlink(missing_ok=True)
        raise UnavailableError(f"pg_dump took longer than {seconds:.0f} seconds; nothing was kept.") from fault
    finally:
        os.umask(old_mask)
    if done.returncode:
        target.unlink(missing_ok=True)
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise UnavailableError(f"pg_dump failed: {lines[0] if lines else done.returncode}")
    return target.stat().st_size


def _dump_command(url: URL, target: Path) -> list[str]:
    # libpq takes the password from the environment or from ~/.pgpass: a command line is there for all to read.
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    address = bare.render_as_string(hide_password=False)
    return ["pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={address}"]


def _find_file(settings: Settings) -> Path:
    file = find_sqlite_file(settings.url)
    if file is None:
        raise InvalidInputError("A database in memory cannot be backed up.")
    return file


def restore(settings: Settings, backup: Path, more: Sequence[Erasures] = ()) -> int:
    """Put a backup in the place of the SQLite database; returns how many accounts were erased from it again.

    What the present database, and `more`, remember of erasures is carried over, and done again before anything is
    replaced. Raises `ConflictError` where the database is in use, `InvalidInputError` for a file that is damaged or
    of a newer version.
    """
    url = make_url(settings.url)
    if url.get_backend_name() != "sqlite":
        raise InvalidInputError(
            "On PostgreSQL restore with pg_restore: first `clonecheck index suppressions export FILE`, "
            "then pg_restore, then `clonecheck index suppressions import FILE`, before the service starts."
        )
    path = _find_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f"{path.name}.restoring")
    try:
        unpack_backup(backup, staged)
        with hold_alone(path) as held:
            gone = _prepare(staged, [*_read_present(held), *more])
            hashes = find_path(settings)
            if hashes is not None:
                # It is made anew from what was restored; the former one may hold what was erased.
                hashes.unlink(missing_ok=True)
            put_in_place(staged, held)
    finally:
        for leftover in (staged, Path(f"{staged}-wal"), Path(f"{staged}-shm"), Path(f"{staged}-journal")):
            leftover.unlink(missing_ok=True)
    return gone


def _read_present(held: sqlite3.Connection) -> list[Erasures]:
    try:
        if not held.execute("SELECT 1 FROM sqlite_schema WHERE name = 'suppressions'").fetchone():
            return []
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


def _prepare(staged: Path, known: Sequence[Erasures]) -> int:
    """Migrate the database of a backup and erase from it what was erased since."""
    database = Database(f"sqlite:///{staged}")
    try:
        _check_revision(database)
        upgrade(database)
        if check_engine(database, everything=False):
            raise InvalidInputError("The database in the backup is damaged.", slug="damaged")
        return take_in(database, known)
    except DatabaseError as fault:
        raise InvalidInputError("The database in the backup cannot be read.", slug="damaged") from fault
    finally:
        database.dispose()


def _check_revision(database: Database) -> None:
    with database.read() as session:
        revision = current_revision(session.connection())
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
        own = (SubjectRow.tenant_id == scope.tenant) & (SubjectRow.corpus == scope.corpus)
        for row in session.scalars(select(SubjectRow).where(own)).all():
            if subject_digest(known.secret, row.public_id) in known.digests:
                forget_subject(session, scope, row.public_id)
                erase_subject(session, scope, row)
                gone += 1
    return gone
