"""What scans, decisions and reports hold of accounts that are remembered as erased: forgotten again after a restore."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.corpora import AccountIdentity, suppression_digests
from app.accounts.erasures import Erasures
from app.reports.ledger import reported_accounts
from app.scans.models import DecisionRow, FindingRow, ScanRow
from app.scans.store import forget_account, owned


def forget_erased(session: Session, known: Erasures) -> int:
    """Forget every erased account that scans of a corpus, decisions or reports still tell of; returns how many."""
    found = select(FindingRow.platform, FindingRow.handle_key, FindingRow.account_id)
    here = FindingRow.scan_id.in_(select(ScanRow.id).where(owned(known.scope)))
    told = {AccountIdentity(row[0], None, row[1], row[2]) for row in session.execute(found.where(here).distinct())}
    decided = select(DecisionRow.platform, DecisionRow.account_ref).where(known.scope.owns(DecisionRow))
    told |= {_read_reference(platform, reference) for platform, reference in session.execute(decided.distinct())}
    told |= set(reported_accounts(session, known.scope.tenant))
    erased = [one for one in told if known.digests.intersection(suppression_digests(known.secret, one))]
    return sum(forget_account(session, known.scope, one) for one in erased)


def _read_reference(platform: str, reference: str) -> AccountIdentity:
    kind, _, value = reference.partition(":")
    return AccountIdentity(platform, account_id=value) if kind == "id" else AccountIdentity(platform, handle_key=value)
