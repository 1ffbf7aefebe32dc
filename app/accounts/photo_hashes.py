"""Keeps the file of picture hashes in step with the database, for whoever imports, erases or searches.

The database is the truth. Each change of hashes is logged in its own transaction (`app.accounts.avatar_changes`); the
file says up to which change it is in step, and whoever finds it behind brings it on. A file that is missing, damaged or
too far behind is made anew beside the old one and put in its place.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Literal, Self

from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.accounts import avatar_changes
from app.accounts.avatar_changes import Anchor
from app.accounts.file_lock import lock_file
from app.accounts.hash_file import Block, HashFile, UnusableFileError
from app.accounts.hash_rows import read_accounts, read_page
from app.accounts.models import CorpusRow
from app.accounts.scope import Scope
from app.problems import describe_fault
from app.settings import Settings
from app.storage import Database, find_sqlite_file
from matchers.photo_scheme import SCHEME

log = logging.getLogger("clonecheck.accounts")

State = Literal["ready", "behind", "being made", "unusable"]

# A file for at most so many accounts is made while the caller waits, some tenths of a second; larger ones meanwhile.
MADE_AT_ONCE = 50_000
# How long to wait for another writer: after an import it may as well be done later, after an erasure not.
IMPORT_WAIT, ERASE_WAIT, SEARCH_WAIT = 0.1, 10.0, 1.0
_PAGE = 20_000


class PhotoHashes:
    """The file of one corpus. Safe to use from several threads and processes."""

    def __init__(self, database: Database, scope: Scope, path: Path, made_at_once: int = MADE_AT_ONCE) -> None:
        self._made_at_once = made_at_once
        self._database = database
        self._scope = scope
        self._path = path
        self._lock_path = path.with_name(f"{path.name}.lock")
        self._reader: HashFile | None = None
        self._guard = threading.Lock()
        self._maker: threading.Thread | None = None

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Self | None:
        """The file that the settings ask for, kept in step from now on; None, and no file, where they ask for none."""
        path = find_path(settings)
        if path is None:
            return None
        if not settings.sweep:
            # A file that nobody follows any more would keep what was erased.
            path.unlink(missing_ok=True)
            return None
        kept = cls(database, Scope.of(settings), path)
        database.follow(avatar_changes.CAME, partial(kept.refresh, IMPORT_WAIT))
        database.follow(avatar_changes.GONE, partial(kept.refresh, ERASE_WAIT))
        return kept

    def read(self, wait: float = SEARCH_WAIT) -> tuple[list[Block], State]:
        """The stored hashes, the newest last, and how far they can be trusted. Never raises."""
        state = self.refresh(wait)
        with self._guard:
            try:
                return self._read_blocks(), state
            except UnusableFileError:
                # Nothing was ever stored, or not yet.
                self._close_reader()
                return [], state

    def _read_blocks(self) -> list[Block]:
        if self._reader is None or self._reader.replaced:
            self._close_reader()
            self._reader = HashFile.open(self._path)
        self._reader.refresh()
        return self._reader.blocks()

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def refresh(self, wait: float) -> State:
        """Bring the file in step; waits for other writers at most `wait` seconds. Never raises."""
        try:
            return self._refresh(wait)
        except (OSError, UnusableFileError, SQLAlchemyError) as fault:
            log.error("file of picture hashes: %s", describe_fault(fault))
            return "unusable"

    def _refresh(self, wait: float) -> State:
        identity, last, accounts = self._ask()
        if identity is None or (last is not None and self._is_in_step(identity, last)):
            return "ready"
        if self._maker is not None and self._maker.is_alive():
            return "being made"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with lock_file(self._lock_path, wait) as held:
            if not held:
                return "behind"
            file = self._open_known(identity)
            if file is not None:
                with closing(file):
                    self._apply(file)
                return "ready"
            if accounts <= self._made_at_once:
                self._make(identity)
                return "ready"
        self._start_making(identity)
        return "being made"

    def _ask(self) -> tuple[bytes | None, Anchor | None, int]:
        """What identifies the corpus (None before the first import), its newest change, how many accounts it has."""
        with self._database.read() as session:
            owned = self._scope.owns(CorpusRow)
            row = session.execute(select(CorpusRow.secret, CorpusRow.accounts).where(owned)).first()
            last = avatar_changes.find_last(session, self._scope)
        if row is None:
            return None, last, 0
        secret, accounts = row
        # The secret differs from database to database; what stands in the file is a digest of it.
        return sha256(f"{SCHEME}|{self._scope.key_space}|".encode() + secret).digest(), last, accounts

    def _is_in_step(self, identity: bytes, last: Anchor) -> bool:
        try:
            with closing(HashFile.open(self._path)) as file:
                header = file.header
        except UnusableFileError:
            return False
        return header.identity == identity and Anchor(header.applied, header.token) == last

    def _open_known(self, identity: bytes) -> HashFile | None:
        """The file for writing, where all that happened since is still known, and it is worth keeping."""
        try:
            file = HashFile.open(self._path, writable=True)
        except UnusableFileError:
            return None
        header = file.header
        with self._database.read() as session:
            known = avatar_changes.is_known(session, self._scope, Anchor(header.applied, header.token))
        sparse = header.wiped > MADE_AT_ONCE and 2 * header.wiped > sum(header.rows)
        if header.identity == identity and known and not sparse:
            file.wipe_unfinished()
            return file
        file.close()
        return None

    def _apply(self, file: HashFile) -> None:
        """Apply all changes that the file has not seen."""
        while True:
            with self._database.read() as session:
                changes = list(avatar_changes.read_changes(session, self._scope, file.header.applied))
                if not changes:
                    return
                ids = sorted({one for _, touched in changes for one in touched})
                file.wipe(ids)
                self._append(file, session, ids)
            file.commit(changes[-1][0].id, changes[-1][0].token)

    def _append(self, file: HashFile, session: Session, ids: list[int]) -> None:
        for at in range(0, len(ids), _PAGE):
            for shape, found, hashes in read_accounts(session, self._scope, ids[at : at + _PAGE]):
                file.append(shape, found, hashes)

    def _start_making(self, identity: bytes) -> None:
        with self._guard:
            if self._maker is None or not self._maker.is_alive():
                # A daemon: the file is put in its place when it is done, so that breaking off costs nothing.
                self._maker = threading.Thread(
                    target=self._make_alone, args=(identity,), name="picture hashes", daemon=True
                )
                self._maker.start()

    def _make_alone(self, identity: bytes) -> None:
        try:
            with lock_file(self._lock_path, ERASE_WAIT) as held:
                if not held:
                    return
                file = self._open_known(identity)
                if file is None:
                    self._make(identity)
                else:
                    file.close()
        except (OSError, UnusableFileError, SQLAlchemyError) as fault:
            log.error("file of picture hashes: %s", describe_fault(fault))

    def _make(self, identity: bytes) -> None:
        """Make the file from the table; the lock must be held."""
        with self._database.write() as session:
            anchor = avatar_changes.begin_log(session, self._scope)
        fresh = self._path.with_name(f"{self._path.name}.new")
        with closing(HashFile.create(fresh, identity)) as file:
            self._fill(file, anchor)
            os.replace(fresh, self._path)
            # What was erased since, by someone who could not wait for the lock.
            self._apply(file)

    def _fill(self, file: HashFile, anchor: Anchor) -> None:
        """Store all accounts of the table, and what happened since the anchor."""
        after: int | None = 0
        while after is not None:
            with self._database.read() as session:
                after, batches = read_page(session, self._scope, after, _PAGE)
                for shape, ids, hashes in batches:
                    file.append(shape, ids, hashes)
        file.commit(anchor.id, anchor.token)
        self._apply(file)


def find_path(settings: Settings) -> Path | None:
    """Where the file lies: beside an SQLite database, else in the data folder; None for a database in memory."""
    if make_url(settings.url).get_backend_name() != "sqlite":
        return settings.data_dir / f"{settings.corpus}.hashes"
    file = find_sqlite_file(settings.url)
    return None if file is None else file.with_name(f"{file.name}.{settings.corpus}.hashes")
