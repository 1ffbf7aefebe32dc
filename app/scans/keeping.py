"""What a scan keeps of what it found outside, and what it lets go of because it is not there any more."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from app.accounts.kept import Found, Kept, drop_kept, find_kept, keep_found
from app.accounts.scope import Scope
from app.problems import describe_fault
from app.scans.pool import Entry
from app.settings import Settings
from app.sources.contract import Source
from app.storage import Database
from matchers.profile import Subject

log = logging.getLogger("clonecheck.scans")


class Keeper:
    """Keeps the accounts of one scan. Its methods wait for the database: call them in a thread."""

    def __init__(self, database: Database, settings: Settings, subject: Subject, sources: Mapping[str, Source]) -> None:
        self._database = database
        self._settings = settings
        self._scope = Scope.of(settings)
        self._subject = subject
        self._outside = {name for name, source in sources.items() if source.info.leaves_machine}
        self._kept: Sequence[Kept] = ()

    def recall(self) -> None:
        """Find the kept accounts that the sources of this scan showed before."""
        if self._outside:
            with self._database.read() as session:
                self._kept = find_kept(session, self._scope, self._subject, self._outside)

    def known(self, source: str) -> tuple[str, ...]:
        """The handles to look up again at a source."""
        return tuple(kept.handle for kept in self._kept if kept.source == source)

    def find_gone(self, source: str, handles: frozenset[str]) -> set[int]:
        """The rows of the index under these handles of a source."""
        return {kept.row_id for kept in self._kept if kept.source == source and kept.handle in handles}

    def finish(self, entries: Iterable[Entry], gone: set[int]) -> None:
        """Keep what may be kept, where the settings say so; drop what is gone, or asks by now not to be kept.

        A fault costs the keeping, not the scan.
        """
        outside = [entry for entry in entries if entry.candidate.source in self._outside]
        refused = {entry.candidate.row_id for entry in outside if not entry.candidate.may_keep}
        refused |= {kept.row_id for kept in self._kept for entry in outside if _is_refused(kept, entry)}
        unwanted = gone | {row_id for row_id in refused if row_id is not None}
        found = [_found(entry) for entry in outside if entry.candidate.may_keep]
        try:
            if unwanted:
                drop_kept(self._database, self._scope, unwanted)
            if self._settings.keep_found and found:
                keep_found(self._database, self._settings, [one for one in found if one is not None])
        except SQLAlchemyError as fault:
            log.error("found accounts were not kept: %s", describe_fault(fault))


def _is_refused(kept: Kept, entry: Entry) -> bool:
    candidate = entry.candidate
    return not candidate.may_keep and (candidate.source, candidate.account.handle) == (kept.source, kept.handle)


def _found(entry: Entry) -> Found | None:
    candidate = entry.candidate
    if candidate.observed_at is None:
        return None
    picture = candidate.picture
    return Found(
        candidate.account,
        candidate.source,
        candidate.observed_at,
        picture.url if picture is not None and not picture.headers else None,
        entry.fetched,
    )
