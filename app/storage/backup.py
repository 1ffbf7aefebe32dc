"""An SQLite database as one file with a checksum, and back.

The file is the database as SQLite's own online backup copies it, at one moment, and a footer: a mark and the SHA-256 of
all before it. It is restored by the same means the other way round, so that a restore that dies leaves the former
database: SQLite rolls it back.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

from app.problems import ConflictError, InvalidInputError

_MARK = b"clonecheck-bak01"
_FOOTER = len(_MARK) + 32
_CHUNK = 1 << 20
_PAGES = 4_096
_PATIENCE = 10.0


def write_backup(source: Path, target: Path) -> int:
    """Copy a database that may be in use to a file that only its owner may read; returns its bytes.

    The file appears under its name when it is whole. Raises `ConflictError` where there is one already.
    """
    with new_file(target) as part:
        with closing(_connect(source)) as live, closing(_connect(part)) as copy:
            # One moment for all pages: a writer meanwhile would make the copying begin again.
            live.execute("BEGIN")
            live.execute("SELECT 1 FROM sqlite_schema").fetchone()
            live.backup(copy, pages=_PAGES)
            # One file is all there is.
            copy.execute("PRAGMA journal_mode=DELETE")
        with part.open("r+b") as stream:
            digest = sha256()
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
            stream.write(_MARK + digest.digest())
            stream.flush()
            os.fsync(stream.fileno())
    return target.stat().st_size


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A file that only its owner may read, and that gets its name when the block ends well.

    Raises `ConflictError` where there is one of that name already.
    """
    taken = "There is a file of that name already; backups are never overwritten."
    if target.exists():
        raise ConflictError(taken)
    # A name of its own: another backup to the same target may be under way.
    handle, name = mkstemp(".part", f"{target.name}.", target.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        # Unlike a rename, a link never replaces what somebody else put there meanwhile.
        os.link(part, target)
    except FileExistsError as fault:
        raise ConflictError(taken) from fault
    finally:
        part.unlink(missing_ok=True)


def unpack_backup(backup: Path, target: Path) -> None:
    """Check a backup and write the database in it to a new file; raises `InvalidInputError` for a damaged one."""
    left = backup.stat().st_size - _FOOTER
    digest = sha256()
    target.unlink(missing_ok=True)
    target.touch(0o600)
    with backup.open("rb") as stream, target.open("wb") as unpacked:
        while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
            digest.update(chunk)
            unpacked.write(chunk)
            left -= len(chunk)
        footer = stream.read()
    if left != 0 or footer != _MARK + digest.digest():
        target.unlink()
        raise InvalidInputError("The file is no backup, or it is damaged: its checksum does not fit.", slug="damaged")


@contextmanager
def hold_alone(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a database, which may be new, against everybody else; raises `ConflictError` where it is in use."""
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA busy_timeout=2000")
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            # Only who is alone may leave the journal that others share; even an idle connection keeps it.
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as fault:
            raise ConflictError("The database is in use: stop the service and imports first.") from fault
        if mode != "delete":
            raise ConflictError("The database is in use: stop the service and imports first.")
        yield connection


def put_in_place(staged: Path, held: sqlite3.Connection) -> None:
    """Replace the content of a database that is held alone by that of another, wholly or not at all."""
    with closing(_connect(staged)) as source:
        source.execute("PRAGMA journal_mode=DELETE")
        source.backup(held)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
