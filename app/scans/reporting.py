"""From a suspect of a stored scan to a case that can be reported."""

from __future__ import annotations

from app.accounts.scope import Scope
from app.problems import NotFoundError
from app.reports.filing.contract import Case
from app.reports.filing.service import FindCase
from app.reports.route import Reporter
from app.scans import store
from app.scans.intake import stored_subject
from app.scans.models import FindingRow
from app.scans.views import finding_pair
from app.settings import Settings
from app.storage import Database
from matchers.profile import Account


def case_finder(database: Database, settings: Settings) -> FindCase:
    """What finds a case in the scans of this corpus: by the scan's id and the suspect's id or rank.

    It raises `NotFoundError`. A human's decision that still holds takes the place of the verdict.
    """
    scope = Scope.of(settings)

    def find(scan_id: str, suspect_id: str, reporter: Reporter) -> Case:
        with database.read() as session:
            scan = store.find_scan(session, scope, scan_id)
            row = _choose(store.find_findings(session, scan_id), suspect_id)
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
        )
        verdict = decision.verdict if decision is not None and not decision.reopened else body["verdict"]
        evidence = tuple(piece["summary"] for piece in body["evidence"] if piece["bits"] > 0)
        return Case(subject, account, verdict, evidence, reporter, scan_id, scan.request.get("subject_id"))

    return find


def _choose(rows: list[FindingRow], named: str) -> FindingRow:
    suspects = [row for row in rows if row.kind == "suspect"]
    if named.isdecimal() and len(named) < 5:
        chosen = suspects[int(named) - 1 : int(named)] if int(named) else []
    else:
        chosen = [row for row in rows if row.id == named]
    if not chosen:
        raise NotFoundError("No such suspect in this scan.")
    return chosen[0]
