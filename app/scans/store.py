"""Scans in the database: plain functions that take a session and the tenant's corpus they may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, Result, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.corpora import AccountIdentity
from app.accounts.dialects import dialect_of
from app.accounts.models import AccountRow
from app.accounts.scope import Scope
from app.problems import ConflictError, InvalidInputError, NotFoundError
from app.reports.ledger import forget_reports_for, forget_reports_from, forget_reports_on
from app.reports.models import ReportRow
from app.scans.judging import Decision, Judged, Ranking
from app.scans.models import DecisionRow, FindingRow, IdempotencyRow, ScanRow
from app.scans.views import finding_body, inputs_body
from app.storage import utc_now
from app.subjects.binding import MAX_KEY, AccountKey, account_ref, handle_key
from matchers.model import Verdict

IDEMPOTENCY_HOURS = 24
# Ids are longer.
MAX_RANK_DIGITS = 4


def claim_key(
    session: Session,
    scope: Scope,
    key: str,
    request_hash: str,
    scan_id: str,
    made: type[ScanRow] | type[ReportRow] = ScanRow,
) -> str | None:
    """Bind an `Idempotency-Key` to the scan that is about to be made; returns the scan that it made before, if any.

    The same for a report, which may turn out to be one that is known: `settle_key` tells its id then.

    Whoever comes with the same key meanwhile, to this process or another, waits here until the first is done. Raises
    `InvalidInputError` if the key came with another request, `ConflictError` if what it made was erased.
    """
    now = utc_now()
    own = (scope.owns(IdempotencyRow), IdempotencyRow.key == key)
    outdated = IdempotencyRow.created_at < now - timedelta(hours=IDEMPOTENCY_HOURS)
    session.execute(delete(IdempotencyRow).where(*own, outdated))
    whose = {"tenant_id": scope.tenant, "corpus": scope.corpus, "key": key}
    fresh = {**whose, "request_hash": request_hash, "scan_id": scan_id, "created_at": now}
    dialect_of(session).insert_missing(session, IdempotencyRow, [fresh])
    row = session.scalars(select(IdempotencyRow).where(*own)).one()
    if row.scan_id == scan_id:
        return None
    if row.request_hash != request_hash:
        raise InvalidInputError(
            "This Idempotency-Key was used with another request; take a new key.", slug="idempotency_key_reused"
        )
    if session.get(made, row.scan_id) is None:
        what = "scan" if made is ScanRow else "report"
        raise ConflictError(f"The {what} made with this Idempotency-Key was erased; take a new key.")
    return row.scan_id


def settle_key(session: Session, scope: Scope, key: str, made_id: str) -> None:
    """Bind a claimed key to what was made, or found to be there already."""
    own = (scope.owns(IdempotencyRow), IdempotencyRow.key == key)
    session.execute(update(IdempotencyRow).where(*own).values(scan_id=made_id))


def owned(scope: Scope) -> ColumnElement[bool]:
    """The condition that a scan belongs to a tenant's corpus."""
    return scope.owns(ScanRow)


def find_scan(session: Session, scope: Scope, scan_id: str) -> ScanRow:
    """Load a scan that has not expired; raises `NotFoundError`."""
    row = session.scalar(select(ScanRow).where(ScanRow.id == scan_id, owned(scope), ScanRow.expires_at > utc_now()))
    if row is None:
        raise NotFoundError("No such scan; it may have expired or been erased.")
    return row


def list_scans(session: Session, scope: Scope, limit: int, before: tuple[datetime, str] | None) -> list[ScanRow]:
    """List scans, the newest first, from a position on."""
    query = select(ScanRow).where(owned(scope), ScanRow.expires_at > utc_now())
    if before is not None:
        moment, scan_id = before
        earlier = and_(ScanRow.created_at == moment, ScanRow.id < scan_id)
        query = query.where(or_(ScanRow.created_at < moment, earlier))
    return list(session.scalars(query.order_by(ScanRow.created_at.desc(), ScanRow.id.desc()).limit(limit)))


def unfinished_scans(session: Session, scope: Scope) -> list[ScanRow]:
    """Find the scans that a restart interrupted."""
    query = select(ScanRow).where(owned(scope), ScanRow.finished_at.is_(None), ScanRow.expires_at > utc_now())
    return list(session.scalars(query.order_by(ScanRow.created_at)))


def finish_scan(
    session: Session,
    scan_id: str,
    status: str,
    ranking: Ranking,
    coverage: Sequence[Mapping[str, Any]],
    cost: float,
) -> bool:
    """Store the outcome; False if the scan was erased, or finished by another process, meanwhile.

    Accounts that were erased from the index while the scan ran are left out.
    """
    values = {
        "status": status,
        "finished_at": utc_now(),
        "coverage": [dict(entry) for entry in coverage],
        "cost": cost,
        "suspects_found": len(ranking.suspects),
    }
    changed = session.execute(
        update(ScanRow).where(ScanRow.id == scan_id, ScanRow.finished_at.is_(None)).values(**values)
    )
    if not _count(changed):
        return False
    erased = _erased_rows(session, (*ranking.suspects, *ranking.set_aside))
    for kind, items in (("suspect", ranking.suspects), ("set_aside", ranking.set_aside)):
        kept = [item for item in items if item.row_id not in erased]
        session.add_all(_finding_row(scan_id, kind, position, item) for position, item in enumerate(kept, start=1))
    return True


def _erased_rows(session: Session, items: Iterable[Judged]) -> set[int]:
    wanted = {item.row_id for item in items if item.row_id is not None}
    if not wanted:
        return set()
    return wanted - set(session.scalars(select(AccountRow.id).where(AccountRow.id.in_(wanted))))


def _finding_row(scan_id: str, kind: str, position: int, item: Judged) -> FindingRow:
    account = item.account
    return FindingRow(
        id=item.id,
        scan_id=scan_id,
        kind=kind,
        position=position,
        platform=account.platform,
        handle_key=handle_key(account),
        account_id=account.account_id,
        fingerprint=item.fingerprint,
        body=finding_body(item),
        inputs=inputs_body(item) if kind == "suspect" else None,
    )


def find_findings(session: Session, scan_id: str) -> list[FindingRow]:
    """Load what a scan reports, in order."""
    query = select(FindingRow).where(FindingRow.scan_id == scan_id).order_by(FindingRow.kind, FindingRow.position)
    return list(session.scalars(query))


def read_suspect(named: str) -> str | int:
    """How a person names a suspect: by its rank, which is a short number, or by its id."""
    return int(named) if named.isascii() and named.isdecimal() and len(named) <= MAX_RANK_DIGITS else named


def find_suspect(session: Session, scan: ScanRow, suspect: str | int) -> FindingRow:
    """A suspect of a scan, by its id or as a number by its rank; raises `NotFoundError`."""
    query = select(FindingRow).where(FindingRow.scan_id == scan.id, FindingRow.kind == "suspect")
    if isinstance(suspect, int):
        # Ranks close up where an account was erased; positions do not.
        query = query.order_by(FindingRow.position).offset(max(suspect - 1, 0)).limit(1)
    else:
        query = query.where(FindingRow.id == suspect)
    row = session.scalar(query)
    if row is None or suspect == 0:
        raise NotFoundError("No such suspect in this scan.")
    return row


def find_finding(session: Session, scan: ScanRow, finding_id: str) -> FindingRow:
    """A suspect of a scan, or an account that it set aside, by its id; raises `NotFoundError`."""
    row = session.get(FindingRow, finding_id)
    if row is None or row.scan_id != scan.id:
        raise NotFoundError("No such suspect in this scan.")
    return row


def erase_scan(session: Session, scope: Scope, scan_id: str) -> None:
    """Erase a scan with everything found in it, and with the reports that were made from it."""
    row = find_scan(session, scope, scan_id)
    session.execute(delete(FindingRow).where(FindingRow.scan_id == row.id))
    session.execute(delete(ScanRow).where(ScanRow.id == row.id))
    forget_reports_from(session, scope.tenant, [row.id])


def load_decisions(session: Session, scope: Scope, key: str) -> dict[AccountKey, Decision]:
    """Load what a human said of accounts for this subject."""
    query = select(DecisionRow).where(scope.owns(DecisionRow), DecisionRow.subject_key == key)
    return {
        (row.platform, row.account_ref): Decision(_verdict(row.verdict), row.note, row.decided_at, row.fingerprint)
        for row in session.scalars(query)
    }


def _verdict(text: str) -> Verdict:
    return text  # type: ignore[return-value]  # only `decide_finding` writes it, from a checked literal


def decide_finding(session: Session, scan: ScanRow, finding_id: str, verdict: Verdict, note: str | None) -> None:
    """Remember a human's word on an account that a scan reported; raises `NotFoundError`."""
    finding = find_finding(session, scan, finding_id)
    _, reference = finding_key(finding)
    bound: dict[str, object] = {
        "tenant_id": scan.tenant_id,
        "corpus": scan.corpus,
        "subject_key": scan.subject_key,
        "platform": finding.platform,
        "account_ref": reference,
    }
    said: dict[str, object] = {
        "fingerprint": finding.fingerprint,
        "verdict": verdict,
        "note": note,
        "decided_at": utc_now(),
    }
    # Two who decide at once: the later word stands.
    dialect_of(session).insert_missing(session, DecisionRow, [bound | said])
    session.execute(update(DecisionRow).filter_by(**bound).values(**said))


def finding_key(row: FindingRow) -> AccountKey:
    """The key under which a decision on this finding is remembered."""
    return row.platform, account_ref(row.account_id, row.handle_key)


def forget_account(session: Session, scope: Scope, account: AccountIdentity) -> int:
    """Erase an account from a corpus' scans and decisions, and from its tenant's reports; returns how many went."""
    same: list[ColumnElement[bool]] = []
    references = []
    if account.handle_key:
        same.append(FindingRow.handle_key == account.handle_key[:MAX_KEY])
        references.append(account_ref(None, account.handle_key[:MAX_KEY]))
    if account.account_id:
        same.append(FindingRow.account_id == account.account_id)
        references.append(account_ref(account.account_id, None))
    if not references:
        return 0
    scans = select(ScanRow.id).where(owned(scope))
    here = (FindingRow.platform == account.platform, or_(*same), FindingRow.scan_id.in_(scans))
    touched = list(session.scalars(select(FindingRow.scan_id).where(*here).distinct()))
    found = session.execute(delete(FindingRow).where(*here))
    _recount(session, touched)
    decisions = delete(DecisionRow).where(
        scope.owns(DecisionRow),
        DecisionRow.platform == account.platform,
        DecisionRow.account_ref.in_(references),
    )
    reports = forget_reports_on(session, scope.tenant, account)
    return _count(found) + _count(session.execute(decisions)) + reports


def forget_subject(session: Session, scope: Scope, public_id: str) -> int:
    """Erase the scans made by the id of a stored subject, with the decisions and reports on them; returns how many."""
    query = select(ScanRow.id, ScanRow.subject_key).where(
        owned(scope), ScanRow.request["subject_id"].as_string() == public_id
    )
    scans = session.execute(query).all()
    ids, subjects = [row.id for row in scans], {row.subject_key for row in scans}
    session.execute(delete(FindingRow).where(FindingRow.scan_id.in_(ids)))
    session.execute(delete(DecisionRow).where(scope.owns(DecisionRow), DecisionRow.subject_key.in_(subjects)))
    forget_reports_for(session, scope.tenant, public_id, subjects)
    return _count(session.execute(delete(ScanRow).where(ScanRow.id.in_(ids))))


def purge_scans(session: Session, now: datetime) -> int:
    """Erase expired scans and forget old idempotency keys; returns how many scans went."""
    expired = select(ScanRow.id).where(ScanRow.expires_at <= now)
    session.execute(delete(FindingRow).where(FindingRow.scan_id.in_(expired)))
    gone = session.execute(delete(ScanRow).where(ScanRow.expires_at <= now))
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - timedelta(hours=IDEMPOTENCY_HOURS)))
    return _count(gone)


def _recount(session: Session, scans: Sequence[str]) -> None:
    left = select(func.count()).where(FindingRow.scan_id == ScanRow.id, FindingRow.kind == "suspect")
    fresh = update(ScanRow).where(ScanRow.id.in_(scans)).values(suspects_found=left.scalar_subquery())
    session.execute(fresh, execution_options={"synchronize_session": False})


def _count(result: Result[Any]) -> int:
    """How many rows a statement changed."""
    return result.rowcount if isinstance(result, CursorResult) else 0
