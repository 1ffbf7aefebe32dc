"""From a suspect of a stored scan to a case that can be reported."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.scope import Scope
from app.reports.filing.contract import Case
from app.reports.filing.service import FindCase
from app.reports.route import Reporter
from app.reports.schemas import make_statements
from app.scans import store
from app.scans.intake import stored_subject
from app.scans.models import FindingRow, ScanRow
from app.scans.reporting import reported_as
from app.scans.views import finding_pair, stored_account, stored_verdict
from app.settings import Settings
from app.storage import Database


def case_finder(database: Database, settings: Settings) -> FindCase:
    """What finds a case in the scans of this corpus: by the scan's id and the suspect's id or rank.

    It raises `NotFoundError`. A human's decision that still holds takes the place of the verdict.
    """
    scope = Scope.of(settings)

    def find(scan_id: str, suspect_id: str, reporter: Reporter) -> Case:
        with database.read() as session:
            scan = store.find_scan(session, scope, scan_id)
            row = _find_row(session, scan, suspect_id)
            decisions = store.load_decisions(session, scope, scan.subject_key)
            body, decision = finding_pair(row, decisions.get(store.finding_key(row)))
            subject = stored_subject(scan.request)
        return Case(
            subject,
            stored_account(body),
            stored_verdict(body, decision),
            make_statements(body["evidence"]),
            reporter,
            body.get("declares_parody", False),
            reported_as(scan, row),
            scan_id,
            scan.request.get("subject_id"),
        )

    return find


def _find_row(session: Session, scan: ScanRow, named: str) -> FindingRow:
    """A suspect by its rank or id; by its id also an account that was set aside, so that it can be said why."""
    place = store.read_suspect(named)
    if isinstance(place, int):
        return store.find_suspect(session, scan, place)
    return store.find_finding(session, scan, place)
