"""What can be done with scans: the same for the HTTP API and the command line."""

from __future__ import annotations

from app.accounts.scope import Scope
from app.photos.service import confirm_on_pixels
from app.problems import ConflictError
from app.reports.comparison import comparison_body
from app.scans import store
from app.scans.intake import fold_account, stored_subject
from app.scans.judging import rank
from app.scans.models import ScanRow
from app.scans.progress import Progress
from app.scans.runner import ScanRunner, make_world
from app.scans.schemas import CompareIn, ComparisonOut, DecisionIn, ScanOut, ScanPage, ScanStatus
from app.scans.views import coverage_body, finding_body, finding_pair, scan_body, scan_summary
from app.settings import Settings
from app.storage import Database
from app.wire import decode_cursor, encode_moment, read_moment
from matchers.model import judge


class ScanService:
    """Reads, lists, erases and decides; starting and following is the runner's."""

    def __init__(self, database: Database, runner: ScanRunner, settings: Settings) -> None:
        self._database = database
        self._runner = runner
        self._settings = settings
        self._scope = Scope.of(settings)

    def read(self, scan_id: str) -> ScanOut:
        """A scan with everything found so far; raises `NotFoundError`."""
        progress = self._runner.live(scan_id)
        with self._database.read() as session:
            row = store.find_scan(session, self._scope, scan_id)
            subject = stored_subject(row.request)
            if progress is not None and row.finished_at is None:
                return self._read_live(row, progress)
            decisions = store.load_decisions(session, self._scope, row.subject_key)
            pairs = [
                (found.kind, finding_pair(found, decisions.get(store.finding_key(found))))
                for found in store.find_findings(session, scan_id)
            ]
            return scan_body(
                row,
                subject,
                [pair for kind, pair in pairs if kind == "suspect"],
                [pair for kind, pair in pairs if kind == "set_aside"],
                row.coverage,
            )

    def _read_live(self, row: ScanRow, progress: Progress) -> ScanOut:
        options = row.request["options"]
        ranking = rank(progress.judged, options["limit"], options["min_probability"])
        return scan_body(
            row,
            stored_subject(row.request),
            [(finding_body(item), item.decision) for item in ranking.suspects],
            [(finding_body(item), item.decision) for item in ranking.set_aside],
            coverage_body(progress.coverage),
            live=self._live_status(row),
        )

    def list(self, limit: int, cursor: str | None) -> ScanPage:
        """A page of scans, the newest first; raises `InvalidInputError` for a cursor that is none of ours."""
        with self._database.read() as session:
            after = decode_cursor(cursor, read_moment) if cursor else None
            rows = store.list_scans(session, self._scope, limit + 1, after)
        items = [scan_summary(row, live=self._live_status(row)) for row in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return ScanPage(items=items, next=encode_moment(last.created_at, last.id) if last else None)

    def _live_status(self, row: ScanRow) -> ScanStatus | None:
        progress = self._runner.live(row.id)
        if row.finished_at is not None or progress is None:
            return None
        return "failed" if progress.failed else "running" if progress.running else None

    def check_cancellable(self, scan_id: str) -> None:
        """Raise `NotFoundError` or `ConflictError` where there is nothing to cancel."""
        with self._database.read() as session:
            row = store.find_scan(session, self._scope, scan_id)
        if row.finished_at is not None and row.status != "cancelled":
            raise ConflictError("The scan has finished already; there is nothing to cancel.", slug="scan_finished")

    def erase(self, scan_id: str) -> None:
        """Erase a scan with everything found in it; raises `NotFoundError`."""
        self._runner.forget(scan_id)
        with self._database.write() as session:
            store.erase_scan(session, self._scope, scan_id)
        self._database.clear_log()

    def decide(self, scan_id: str, suspect_id: str, decision: DecisionIn) -> None:
        """Remember a human's word on a suspect; raises `NotFoundError`."""
        with self._database.write() as session:
            scan = store.find_scan(session, self._scope, scan_id)
            store.decide_finding(session, scan, suspect_id, decision.verdict, decision.note)

    def compare(self, request: CompareIn) -> ComparisonOut:
        """Judge one account against a subject, without any search."""
        return compare_pair(request, self._settings)


def compare_pair(request: CompareIn, settings: Settings) -> ComparisonOut:
    """Judge one account against a subject; raises the problems of a bad picture or handle."""
    subject = request.subject.to_subject(settings)
    account = request.account.to_account(settings)
    photos = [photo for _, photo in request.subject.given_photos()]
    pixels = confirm_on_pixels(photos, request.account.avatar, settings)
    found = judge(subject, fold_account(account), make_world(settings), pixels)
    return ComparisonOut.model_validate(comparison_body(found))
