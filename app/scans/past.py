"""Past scans as people look at them: whom each looked for, what was new, and erasing them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.accounts.scope import Scope
from app.problems import InvalidInputError
from app.scans import store
from app.scans.history import Earlier, compare_with_earlier, erase_history, scan_ids
from app.scans.intake import stored_subject
from app.scans.runner import ScanRunner
from app.scans.schemas import ScanOut, ScanStatus
from app.scans.service import ScanService
from app.settings import Settings
from app.storage import Database
from matchers.profile import Subject


@dataclass(frozen=True, slots=True)
class Past:
    """A past scan in a list. `who` is as it was given, not yet safe to show; empty where only a photo was.

    `new` counts accounts that the scan before for the same subject did not have, None where there was none.
    """

    id: str
    who: str
    status: ScanStatus
    created_at: datetime
    expires_at: datetime
    suspects: int
    new: int | None


class History:
    """Reads and erases past scans: the same for pages and the command line."""

    def __init__(self, database: Database, runner: ScanRunner, scans: ScanService, settings: Settings) -> None:
        self._database = database
        self._runner = runner
        self._scans = scans
        self._scope = Scope.of(settings)

    def list(self, limit: int, cursor: str | None = None) -> tuple[list[Past], str | None]:
        """A page of past scans, the newest first, and the cursor of the next; a cursor of nobody's begins again."""
        try:
            listed = self._scans.list(limit, cursor)
        except InvalidInputError:
            listed = self._scans.list(limit, None)
        with self._database.read() as session:
            rows = [store.find_scan(session, self._scope, item.id) for item in listed.items]
            changes = [compare_with_earlier(session, self._scope, row) for row in rows]
        past = [
            Past(
                id=item.id,
                who=name_subject(stored_subject(row.request)),
                status=item.status,
                created_at=item.created_at,
                expires_at=item.expires_at,
                suspects=item.suspects_found,
                new=len(change.new) if change else None,
            )
            for item, row, change in zip(listed.items, rows, changes, strict=True)
        ]
        return past, listed.next

    def count(self) -> int:
        """How many scans are kept."""
        with self._database.read() as session:
            return len(scan_ids(session, self._scope))

    def find_earlier(self, scan_id: str) -> Earlier | None:
        """What is new in a scan; None where nothing was scanned before. Raises `NotFoundError`."""
        with self._database.read() as session:
            return compare_with_earlier(session, self._scope, store.find_scan(session, self._scope, scan_id))

    def erase_all(self) -> int:
        """Erase all scans, what they found, what was said of accounts, and the reports noted; returns how many."""
        with self._database.read() as session:
            ids = scan_ids(session, self._scope)
        for scan_id in ids:
            self._runner.forget(scan_id)
        with self._database.write() as session:
            count = erase_history(session, self._scope)
        self._database.clear_log()
        return count


def name_subject(subject: Subject) -> str:
    """Whom a scan looks for, as it was given and not yet safe to show; empty where only a photo was."""
    return next(iter((*subject.names, *(f"@{handle.text}" for handle in subject.handles))), "")


def keep_new(scan: ScanOut, earlier: Earlier | None) -> ScanOut:
    """The scan with those findings alone that the one before did not have; the whole where there was none before."""
    if earlier is None:
        return scan
    suspects = [item for item in scan.suspects if item.id in earlier.new]
    set_aside = [item for item in scan.set_aside if item.id in earlier.new]
    return scan.model_copy(update={"suspects": suspects, "set_aside": set_aside})
