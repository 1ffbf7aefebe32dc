"""Filing a report: shown first, sent once, and only what was shown."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.scope import Scope
from app.net.asking import Net
from app.problems import ConflictError, FieldError, InvalidInputError, NotFoundError, ProblemError
from app.reports.filing.claims import Claims, Filing
from app.reports.filing.contract import Case, Credentials, Draft, Filer, Submission, Wishes
from app.reports.filing.drafting import draft_report
from app.reports.filing.errors import (
    NOTHING_FILED,
    ChangedPreviewError,
    LostReplyError,
    UnclearError,
    UnderWayError,
)
from app.reports.filing.line import Line
from app.reports.filing.registry import connect_all
from app.reports.filing.sending import UNCLEAR, prepare, send
from app.reports.ledger import Entry, Reported, record
from app.reports.route import Reporter
from app.settings import Settings
from app.storage import Database

# From a scan's id, the id or rank of one of its suspects, and who reports.
FindCase = Callable[[str, str, Reporter], Case]
MAX_TOKEN = 4096
# The ledger names channels as routes do.
LEDGER_CHANNEL = "api"


@dataclass(frozen=True, slots=True)
class Order:
    """Which suspect of which scan to report, by which channel, and how."""

    scan_id: str
    suspect_id: str
    channel: str
    reporter: Reporter
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent, and the report that was filed before, or tried, if there is one."""

    draft: Draft
    earlier: Filing | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A filed report: when it was sent, its number at the platform, and whether that was an earlier call."""

    filed_at: datetime
    receipt: str | None
    already: bool


class FilingService:
    """Shows and files reports: the same for the HTTP API and the command line."""

    def __init__(self, database: Database, net: Net, settings: Settings, find_case: FindCase) -> None:
        self._database = database
        self._net = net
        self._find_case = find_case
        self._scope = Scope.of(settings)
        self._claims = Claims(self._scope)
        self.filers = connect_all(settings)

    def preview(self, order: Order) -> Preview:
        """What would be sent, and to whom. Nothing leaves the machine.

        Raises `NotFoundError`, `NotReportableError` and `InvalidInputError`.
        """
        _, draft = self._draft(order)
        return Preview(draft, self._find(draft))

    def file(self, order: Order, credentials: Credentials, fingerprint: str, *, again: bool = False) -> Outcome:
        """Send what was shown under this fingerprint, once.

        Raises `ProblemError`s that say what happened and what to do. After `LostReplyError` and `UnclearError` it is
        not known whether the report arrived; after all others it was not filed.
        """
        check_token(credentials)
        case, draft = self._draft(order)
        if draft.fingerprint != fingerprint:
            raise ChangedPreviewError(
                f"What would be sent now is not what was shown. {NOTHING_FILED} Look at the preview again."
            )
        earlier = self._find(draft)
        if earlier is not None and (earlier.state != "unclear" or not again):
            return _answer_earlier(earlier)
        line = Line(self._net)
        submission = prepare(self.filers[draft.channel], draft, credentials, line)
        try:
            return self._send(submission, order, case, draft, line, again=again)
        finally:
            line.leave(submission.farewell)

    def _draft(self, order: Order) -> tuple[Case, Draft]:
        filer = self.filer(order.channel)
        case = self._find_case(order.scan_id, order.suspect_id, order.reporter)
        return case, draft_report(filer, case, order.wishes)

    def _find(self, draft: Draft) -> Filing | None:
        with self._database.read() as session:
            return self._claims.find(session, draft.account, draft.channel)

    def filer(self, channel: str) -> Filer:
        """The channel of this name; raises `InvalidInputError`."""
        if channel not in self.filers:
            raise InvalidInputError(
                f"There is no such channel; there are {', '.join(self.filers)}.",
                errors=[FieldError("/channel", "is not known")],
            )
        return self.filers[channel]

    def _send(
        self, submission: Submission, order: Order, case: Case, draft: Draft, line: Line, *, again: bool
    ) -> Outcome:
        with self._database.write() as session:
            filing, ours = self._claims.claim(session, draft.account, draft.channel, draft.fingerprint, again=again)
        if not ours:
            return _answer_earlier(filing)
        try:
            receipt = send(submission, draft, line)
        except LostReplyError:
            with self._database.write() as session:
                self._claims.settle(session, filing, "unclear")
            raise
        except ProblemError:
            with self._database.write() as session:
                self._claims.release(session, filing)
            raise
        with self._database.write() as session:
            # Both or neither: what is filed stands in the ledger, and what is erased there does not come back.
            self._claims.settle(session, filing, "filed", receipt)
            if self._is_kept(order, case):
                self._write_down(session, case, filing, receipt)
        return Outcome(filing.began_at, receipt, already=False)

    def _is_kept(self, order: Order, case: Case) -> bool:
        """Whether the suspect was not erased while the report was under way."""
        try:
            return self._find_case(order.scan_id, order.suspect_id, order.reporter).reported == case.reported
        except NotFoundError:
            return False

    def _write_down(self, session: Session, case: Case, filing: Filing, receipt: str | None) -> None:
        entry = Entry(
            case.reported or Reported.of(case.subject, case.account),
            LEDGER_CHANNEL,
            "filed",
            filing.began_at,
            receipt,
            scan_id=case.scan_id,
            subject_id=case.subject_id,
        )
        # A report with all the steps that one may have: the platform has it nevertheless.
        with suppress(ConflictError):
            record(session, self._scope, entry)


def _answer_earlier(earlier: Filing) -> Outcome:
    """What is told instead of sending a second time; raises `UnderWayError` and `UnclearError`."""
    moment = f"{earlier.began_at:%Y-%m-%d %H:%M:%S} UTC"
    if earlier.state == "filed":
        return Outcome(earlier.began_at, earlier.receipt, already=True)
    if earlier.state == "sending":
        raise UnderWayError(f"This report has been under way since {moment}; ask again in two minutes.")
    raise UnclearError(UNCLEAR.format(why=f"it was sent at {moment}, and its outcome was not learned"))


def check_token(credentials: Credentials) -> None:
    """Refuse what can be no token, without quoting it; raises `InvalidInputError`."""
    for name, value in (("token", credentials.token), ("account", credentials.account)):
        if value is not None and not (0 < len(value) <= MAX_TOKEN and value.isascii() and value.isprintable()):
            raise InvalidInputError(
                f"The {name} has characters that none has; copy it again.", errors=[FieldError(f"/{name}", "is none")]
            )
    if " " in credentials.token:
        raise InvalidInputError("The token has a space in it; copy it again.", errors=[FieldError("/token", "is none")])
