"""The outcome ledger: which suspect was reported where, and what became of it. Nothing here sends anything.

Functions take a session; the caller commits. Whoever files a report by API writes it down with `record`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from app.accounts.corpora import AccountIdentity
from app.accounts.dialects import dialect_of
from app.accounts.scope import Scope
from app.problems import ConflictError, FieldError, InvalidInputError, NotFoundError
from app.reports.models import ReportEventRow, ReportRow
from app.storage import new_id, utc_now
from app.subjects.binding import MAX_KEY, account_ref, handle_key, subject_key
from matchers.profile import Account, Subject

Status = Literal["filed", "acknowledged", "removed", "refused", "reappeared"]

# Clocks of two machines differ; a date further ahead than this is a mistake.
AHEAD = timedelta(minutes=5)
MAX_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Reported:
    """The suspect of a report: an account, and the subject it was reported for, as decisions know them."""

    subject_key: str
    platform: str
    account_id: str | None = None
    handle: str | None = None
    handle_key: str | None = None

    @classmethod
    def of(cls, subject: Subject, account: Account) -> Reported:
        """The suspect as judged."""
        return cls(subject_key(subject), account.platform, account.account_id, account.handle, handle_key(account))

    @property
    def account_ref(self) -> str:
        """What the report binds to on the platform."""
        return account_ref(self.account_id, self.handle_key)


@dataclass(frozen=True, slots=True)
class Entry:
    """One step to be written down.

    `channel` is that of the route (`web_form`, `email`, `api`, …), at most 64 characters; `reference` what the platform
    calls the report; `scan_id` is the scan that the suspect was reported from and `subject_id` the stored subject it
    was made for, with either of which the report is erased.
    """

    suspect: Reported
    channel: str
    status: Status
    at: datetime
    reference: str | None = None
    note: str | None = None
    scan_id: str | None = None
    subject_id: str | None = None


class Recorded(NamedTuple):
    """What became of an entry: the report it belongs to, and whether report and step are new."""

    report_id: str
    is_new: bool
    is_step: bool


def record(session: Session, scope: Scope, entry: Entry) -> Recorded:
    """Write a step down; the first one of a suspect and a channel begins a report.

    Idempotent: the same status twice in a row is one step, the first date stands, and a reference given later is added.
    Raises `InvalidInputError` for a date in the future, `ConflictError` where a report has too many steps.
    """
    _refuse_future(entry.at)
    row, is_new = _find_or_begin(session, scope, entry)
    row.scan_id = entry.scan_id or row.scan_id
    row.subject_id = entry.subject_id or row.subject_id
    row.reference = entry.reference or row.reference
    is_step = _add_step(session, row, entry.status, entry.at, entry.note)
    return Recorded(row.id, is_new, is_step)


def append(
    session: Session, tenant: str, report_id: str, status: Status, at: datetime, note: str | None = None
) -> bool:
    """Add an outcome to a report; says whether it is new. Raises `NotFoundError` and what `record` raises."""
    _refuse_future(at)
    return _add_step(session, find_report(session, tenant, report_id, lock=True), status, at, note)


def find_report(session: Session, tenant: str, report_id: str, *, lock: bool = False) -> ReportRow:
    """Load a report; raises `NotFoundError`. With `lock` other writers of it wait."""
    query = select(ReportRow).where(ReportRow.id == report_id, ReportRow.tenant_id == tenant)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFoundError("No such report in the ledger; it may have expired or been erased.")
    return row


def find_events(session: Session, report_ids: Iterable[str]) -> dict[str, list[ReportEventRow]]:
    """The steps of reports, each list in the order of their dates."""
    found: dict[str, list[ReportEventRow]] = {one: [] for one in report_ids}
    query = select(ReportEventRow).where(ReportEventRow.report_id.in_(found))
    for event in session.scalars(query.order_by(ReportEventRow.at, ReportEventRow.number)):
        found[event.report_id].append(event)
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports to list; None means any."""

    platform: str | None = None
    channel: str | None = None
    status: Status | None = None
    scan_id: str | None = None

    def conditions(self, tenant: str) -> list[ColumnElement[bool]]:
        """The conditions on a row, its tenant among them."""
        pairs = (
            (ReportRow.platform, self.platform),
            (ReportRow.channel, self.channel),
            (ReportRow.status, self.status),
            (ReportRow.scan_id, self.scan_id),
        )
        return [ReportRow.tenant_id == tenant, *(column == value for column, value in pairs if value is not None)]


def list_reports(
    session: Session, tenant: str, wanted: Wanted, limit: int, before: tuple[datetime, str] | None = None
) -> Sequence[ReportRow]:
    """List reports, the newest first, from a position on."""
    query = select(ReportRow).where(*wanted.conditions(tenant))
    if before is not None:
        moment, report_id = before
        earlier = and_(ReportRow.created_at == moment, ReportRow.id < report_id)
        query = query.where(or_(ReportRow.created_at < moment, earlier))
    return session.scalars(query.order_by(ReportRow.created_at.desc(), ReportRow.id.desc()).limit(limit)).all()


def erase_report(session: Session, tenant: str, report_id: str) -> None:
    """Erase a report with its steps, as one that was written down by mistake; raises `NotFoundError`."""
    _erase(session, ReportRow.id == find_report(session, tenant, report_id).id)


def reported_accounts(session: Session, tenant: str) -> list[AccountIdentity]:
    """All accounts that reports tell of."""
    columns = (ReportRow.platform, ReportRow.handle_key, ReportRow.account_id)
    found = session.execute(select(*columns).where(ReportRow.tenant_id == tenant).distinct())
    return [AccountIdentity(platform, None, folded, account_id) for platform, folded, account_id in found]


def forget_reports_on(session: Session, tenant: str, account: AccountIdentity) -> int:
    """Erase all reports on an account that is erased; returns how many."""
    same = []
    if account.handle_key:
        same.append(ReportRow.handle_key == account.handle_key[:MAX_KEY])
    if account.account_id:
        same.append(ReportRow.account_id == account.account_id)
    if not same:
        return 0
    return _erase(session, (ReportRow.tenant_id == tenant) & (ReportRow.platform == account.platform) & or_(*same))


def forget_reports_for(session: Session, tenant: str, subject_id: str, subject_keys: Iterable[str]) -> int:
    """Erase all reports that were made for a stored subject, or under one of its keys; returns how many."""
    theirs = or_(ReportRow.subject_id == subject_id, ReportRow.subject_key.in_(set(subject_keys)))
    return _erase(session, (ReportRow.tenant_id == tenant) & theirs)


def forget_reports_from(session: Session, tenant: str, scan_ids: Iterable[str]) -> int:
    """Erase the reports that were made from scans that are erased by hand; returns how many."""
    return _erase(session, (ReportRow.tenant_id == tenant) & ReportRow.scan_id.in_(set(scan_ids)))


def forget_reports_of(session: Session, scope: Scope) -> int:
    """Erase all reports of a tenant's corpus, those too whose scans have expired; returns how many."""
    return _erase(session, scope.owns(ReportRow))


def purge_reports(session: Session, before: datetime) -> int:
    """Erase the reports that nothing was added to since a moment; returns how many."""
    return _erase(session, ReportRow.changed_at < before)


def _erase(session: Session, which: ColumnElement[bool]) -> int:
    ids = session.scalars(select(ReportRow.id).where(which)).all()
    session.execute(delete(ReportEventRow).where(ReportEventRow.report_id.in_(ids)))
    session.execute(delete(ReportRow).where(ReportRow.id.in_(ids)))
    return len(ids)


def _refuse_future(at: datetime) -> None:
    if at > utc_now() + AHEAD:
        raise InvalidInputError(
            "The date of a report or its outcome lies in the future.",
            slug="date_in_future",
            errors=[FieldError("/at", "lies in the future")],
        )


def _find_or_begin(session: Session, scope: Scope, entry: Entry) -> tuple[ReportRow, bool]:
    """The report of a suspect and a channel, locked, and whether it was begun here."""
    suspect = entry.suspect
    bound = {
        "tenant_id": scope.tenant,
        "corpus": scope.corpus,
        "subject_key": suspect.subject_key,
        "platform": suspect.platform,
        "account_ref": suspect.account_ref,
        "channel": entry.channel,
    }
    query = select(ReportRow).filter_by(**bound).with_for_update()
    known = session.scalar(query)
    if known is not None:
        return known, False
    told = {"account_id": suspect.account_id, "handle": suspect.handle, "handle_key": suspect.handle_key}
    now, report_id = utc_now(), new_id()
    fresh: dict[str, object] = {"id": report_id, "created_at": now, "changed_at": now, "status": entry.status}
    # Two who record at once: the later one finds the report of the first.
    dialect_of(session).insert_missing(session, ReportRow, [{**bound, **told, **fresh}])
    row = session.scalars(query).one()
    return row, row.id == report_id


def _add_step(session: Session, row: ReportRow, status: Status, at: datetime, note: str | None) -> bool:
    """Add a step where its date puts it; False where the step before or after it says the same already."""
    events = find_events(session, [row.id])[row.id]
    place = sum(event.at <= at for event in events)
    if any(event.status == status for event in events[max(0, place - 1) : place + 1]):
        return False
    if len(events) >= MAX_EVENTS:
        raise ConflictError(f"A report has at most {MAX_EVENTS} steps.", slug="too_many_steps")
    number = max((event.number for event in events), default=0) + 1
    session.add(ReportEventRow(report_id=row.id, number=number, status=status, at=at, note=note))
    if place == len(events):
        row.status = status
    row.changed_at = utc_now()
    session.flush()
    return True
