"""From a suspect of a stored scan to a case that can be reported."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.accounts.scope import Scope
from app.problems import NotFoundError
from app.reports.filing.contract import Case
from app.reports.filing.service import FindCase
from app.reports.route import Reporter, Statement
from app.scans import store
from app.scans.intake import stored_subject
from app.scans.models import FindingRow, ScanRow
from app.scans.reporting import reported_as
from app.scans.views import finding_pair
from app.settings import Settings
from app.storage import Database
from matchers.profile import Account

MAX_RANK_DIGITS = 4


def case_finder(database: Database, settings: Settings) -> FindCase:
    """What finds a case in the scans of this corpus: by the scan's id and the suspect's id or rank.

    It raises `NotFoundError`. A human's decision that still holds takes the place of the verdict.
    """
    scope = Scope.of(settings)

    def find(scan_id: str, suspect_id: str, reporter: Reporter) -> Case:
        with database.read() as session:
            scan = store.find_scan(session, scope, scan_id)
            row = _find_row(session, scan, suspect_id)
            decisions = store.load_decisions(session, scan.subject_key)
            body, decision = finding_pair(row, decisions.get(store.finding_key(row)))
            subject = stored_subject(scan.request)
        told = body["account"]
        account = Account(
            platform=told["platform"],
            handle=told.get("handle"),
            account_id=told.get("account_id"),
            display_name=told.get("display_name"),
            profile_url=told.get("profile_url"),
            bio=told.get("bio"),
            labels=tuple(told.get("labels") or ()),
        )
        verdict = decision.verdict if decision is not None and not decision.reopened else body["verdict"]
        evidence = tuple(Statement(one["summary"], (one["code"],)) for one in body["evidence"] if one["bits"] > 0)
        told_of = reported_as(scan, row)
        return Case(
            subject, account, verdict, evidence, reporter, body.get("declares_parody", False), told_of, scan_id,
            scan.request.get("subject_id"),
        )  # fmt: skip

    return find


def _find_row(session: Session, scan: ScanRow, named: str) -> FindingRow:
    """A suspect by its rank or id; by its id also an account that was set aside, so that it can be said why."""
    if named.isascii() and named.isdecimal() and len(named) <= MAX_RANK_DIGITS:
        return store.find_suspect(session, scan, int(named))
    row = session.get(FindingRow, named)
    if row is None or row.scan_id != scan.id:
        raise NotFoundError("No such suspect in this scan.")
    return row
