"""Reports on suspects that scans have found: written down, followed, counted. Nothing is sent anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.scope import Scope
from app.reports import ledger
from app.reports.ledger import Entry, Reported, Wanted
from app.reports.ledger_schemas import (
    LedgerReportOut,
    OutcomeIn,
    PlatformStatisticsOut,
    ReportIn,
    ReportPage,
    StatisticsOut,
)
from app.reports.models import ReportEventRow, ReportRow
from app.reports.statistics import PlatformStatistics, count_outcomes, typical
from app.scans import store
from app.scans.models import FindingRow, ScanRow
from app.settings import Settings
from app.storage import Database, new_id, utc_now
from app.wire import decode_cursor, encode_moment, read_moment


@dataclass(frozen=True, slots=True)
class Written:
    """A report as it stands, and whether it is new."""

    report: LedgerReportOut
    is_new: bool


class ReportService:
    """The ledger of one tenant."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._days = timedelta(days=settings.report_days)
        self._scope = Scope.of(settings)

    def record(self, given: ReportIn, key: str | None = None, *, rank: int | None = None) -> Written:
        """Write down that a suspect was reported, or what became of it; `rank` names the suspect in place of its id.

        The same suspect, channel and status are one step however often they come; so is one `Idempotency-Key`. Raises
        `NotFoundError` for the scan or the suspect, and what `ledger.record` raises.
        """
        with self._database.write() as session:
            scan = store.find_scan(session, self._scope, given.scan_id)
            suspect = store.find_suspect(session, scan, given.suspect_id if rank is None else rank)
            known = self._claim(session, given, key)
            if known is not None:
                return Written(self._show(session, [known])[0], is_new=False)
            entry = Entry(
                reported_as(scan, suspect),
                given.channel,
                given.status,
                given.at or utc_now(),
                given.reference,
                given.note,
                scan.id,
                scan.request.get("subject_id"),
            )
            done = ledger.record(session, self._scope, entry)
            if key is not None:
                store.settle_key(session, self._scope, key, done.report_id)
            row = ledger.find_report(session, self._scope.tenant, done.report_id)
            return Written(self._show(session, [row])[0], done.is_new)

    def _claim(self, session: Session, given: ReportIn, key: str | None) -> ReportRow | None:
        """The report that a key has written down before."""
        if key is None:
            return None
        told = json.dumps(given.model_dump(mode="json"), sort_keys=True)
        digest = hashlib.sha256(f"report {told}".encode()).hexdigest()
        known = store.claim_key(session, self._scope, key, digest, new_id(), ReportRow)
        return ledger.find_report(session, self._scope.tenant, known) if known is not None else None

    def append(self, report_id: str, given: OutcomeIn) -> LedgerReportOut:
        """Add an outcome to a report; raises `NotFoundError` and what `ledger.append` raises."""
        with self._database.write() as session:
            ledger.append(session, self._scope.tenant, report_id, given.status, given.at or utc_now(), given.note)
            return self._show(session, [ledger.find_report(session, self._scope.tenant, report_id)])[0]

    def read(self, report_id: str) -> LedgerReportOut:
        """One report; raises `NotFoundError`."""
        with self._database.read() as session:
            return self._show(session, [ledger.find_report(session, self._scope.tenant, report_id)])[0]

    def erase(self, report_id: str) -> None:
        """Erase a report, as one that was written down by mistake; raises `NotFoundError`."""
        with self._database.write() as session:
            ledger.erase_report(session, self._scope.tenant, report_id)

    def list(self, wanted: Wanted, limit: int, cursor: str | None) -> ReportPage:
        """A page of reports, the newest first; raises `InvalidInputError` for a cursor that is none of ours."""
        after = decode_cursor(cursor, read_moment) if cursor else None
        with self._database.read() as session:
            rows = ledger.list_reports(session, self._scope.tenant, wanted, limit + 1, after)
            items = self._show(session, rows[:limit])
        last = rows[limit - 1] if len(rows) > limit else None
        return ReportPage(items=[*items], next=encode_moment(last.created_at, last.id) if last else None)

    def count(self, wanted: Wanted, since: datetime | None = None) -> StatisticsOut:
        """What the ledger says of platforms."""
        with self._database.read() as session:
            counted = count_outcomes(session, self._scope.tenant, wanted, since)
        return StatisticsOut(platforms=[_tell(one) for one in counted])

    def _show(self, session: Session, rows: Sequence[ReportRow]) -> Sequence[LedgerReportOut]:
        events = ledger.find_events(session, [row.id for row in rows])
        return [_report_body(row, events[row.id], row.changed_at + self._days) for row in rows]


def reported_as(scan: ScanRow, suspect: FindingRow) -> Reported:
    """What a report on a suspect binds to: the same as a decision on it."""
    return Reported(
        scan.subject_key,
        suspect.platform,
        suspect.account_id,
        suspect.body["account"].get("handle"),
        suspect.handle_key,
    )


def _report_body(row: ReportRow, events: Sequence[ReportEventRow], expires_at: datetime) -> LedgerReportOut:
    return LedgerReportOut.model_validate(
        {
            "id": row.id,
            "scan_id": row.scan_id,
            "account": {"platform": row.platform, "handle": row.handle, "account_id": row.account_id},
            "channel": row.channel,
            "reference": row.reference,
            "status": row.status,
            "created_at": row.created_at,
            "expires_at": expires_at,
            "events": [{"status": one.status, "at": one.at, "note": one.note} for one in events],
        }
    )


def _tell(counted: PlatformStatistics) -> PlatformStatisticsOut:
    return PlatformStatisticsOut(
        platform=counted.platform,
        filings=counted.filings,
        open=counted.open,
        acknowledged=counted.acknowledged,
        removed=counted.removed,
        refused=counted.refused,
        reappeared=counted.reappeared,
        removed_share=counted.share(counted.removed),
        refused_share=counted.share(counted.refused),
        median_days_to_acknowledgement=typical(counted.days_to_acknowledgement),
        median_days_to_removal=typical(counted.days_to_removal),
    )
