"""What earlier scans tell: which accounts were known before, who was searched for, and how all of it is erased."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.scope import Scope
from app.reports.ledger import forget_reports_of
from app.scans.models import DecisionRow, IdempotencyRow, ScanRow
from app.scans.store import erase_scan, find_findings, finding_key, owned, purge_scans
from app.storage import utc_now


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last finished scan for the same subject, and the ids of this scan's findings that it did not have."""

    scan_id: str
    created_at: datetime
    new: AbstractSet[str]


def compare_with_earlier(session: Session, scope: Scope, scan: ScanRow) -> Earlier | None:
    """Tell what is new in a scan; None where the subject was never scanned before, or the scan has not finished."""
    if scan.finished_at is None:
        return None
    query = (
        select(ScanRow)
        .where(
            owned(scope),
            ScanRow.subject_key == scan.subject_key,
            ScanRow.created_at < scan.created_at,
            ScanRow.finished_at.is_not(None),
            ScanRow.status != "failed",
            ScanRow.expires_at > utc_now(),
        )
        .order_by(ScanRow.created_at.desc())
        .limit(1)
    )
    before = session.scalar(query)
    if before is None:
        return None
    known = {finding_key(row) for row in find_findings(session, before.id)}
    fresh = {row.id for row in find_findings(session, scan.id) if finding_key(row) not in known}
    return Earlier(before.id, before.created_at, fresh)


def scan_ids(session: Session, scope: Scope) -> list[str]:
    """The ids of all scans of a tenant's corpus that have not expired."""
    return list(session.scalars(select(ScanRow.id).where(owned(scope), ScanRow.expires_at > utc_now())))


def erase_history(session: Session, scope: Scope) -> int:
    """Erase all scans of a corpus with what they found, all decisions and reports; returns how many scans went."""
    purge_scans(session, utc_now())
    ids = scan_ids(session, scope)
    for scan_id in ids:
        # One by one, so that whatever belongs to a scan goes with it.
        erase_scan(session, scope, scan_id)
    forget_reports_of(session, scope)
    session.execute(delete(DecisionRow).where(scope.owns(DecisionRow)))
    session.execute(delete(IdempotencyRow).where(scope.owns(IdempotencyRow)))
    return len(ids)
