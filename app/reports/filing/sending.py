"""Sending one report, once, and reading what the platform's answer means."""

from __future__ import annotations

from app.net.client import Call
from app.net.errors import (
    BudgetSpentError,
    CircuitOpenError,
    NetError,
    RateLimitedError,
    RefusedAddressError,
    StatusError,
    StoppedError,
)
from app.net.reply import Reply
from app.problems import ProblemError
from app.reports.filing.contract import Credentials, Draft, Filer, Submission
from app.reports.filing.errors import (
    NOTHING_FILED,
    AskedToWaitError,
    FilingError,
    LostReplyError,
    Refusal,
    SuspectGoneError,
    TokenRefusedError,
)
from app.reports.filing.line import Line, code_in

# What is raised before a request has left. Anything else may have happened after the platform had read it.
_NEVER_LEFT = (RefusedAddressError, CircuitOpenError, BudgetSpentError, StoppedError)
_KINDS: dict[int, type[ProblemError]] = {
    401: TokenRefusedError,
    403: TokenRefusedError,
    404: SuspectGoneError,
    410: SuspectGoneError,
}
UNCLEAR = (
    "Whether the report arrived is not known: {why}. It is not sent again unless you ask for that (again); where the "
    "platform shows you your reports, look there first."
)


def prepare(filer: Filer, draft: Draft, credentials: Credentials, line: Line) -> Submission:
    """Get the report ready; raises `ProblemError`s, after all of which nothing was filed."""
    try:
        return filer.prepare(draft, credentials, line)
    except RateLimitedError as error:
        raise AskedToWaitError(error.retry_at) from None
    except StatusError as error:
        raise Refusal(f"{draft.server}: {error.detail}.", _KINDS.get(error.status, FilingError)).error() from None
    except NetError as error:
        raise FilingError(f"{draft.server}: {error.detail}. {NOTHING_FILED}") from None


def send(submission: Submission, draft: Draft, line: Line) -> str | None:
    """Send the report; returns the number that the platform gives it, where it gives one.

    Raises `LostReplyError` where it may have arrived, and other `ProblemError`s where it certainly was not filed.
    """
    reply = _send_once(submission.call, draft, line)
    other = submission.other(reply) if _is_refusal(reply.status) else None
    if other is not None:
        reply = _send_once(other, draft, line)
    if _is_refusal(reply.status):
        raise _explained(submission, draft, reply)
    if not 200 <= reply.status < 300:
        raise LostReplyError(UNCLEAR.format(why=f"{draft.server} was in trouble (status {reply.status})"))
    try:
        return submission.receipt(reply)
    except NetError:
        raise LostReplyError(UNCLEAR.format(why=f"the answer of {draft.server} could not be understood")) from None


def _send_once(call: Call, draft: Draft, line: Line) -> Reply:
    try:
        return line.send(call)
    except RateLimitedError as error:
        raise AskedToWaitError(error.retry_at) from None
    except _NEVER_LEFT as error:
        raise FilingError(f"{draft.server}: {error.detail}. {NOTHING_FILED}") from None
    except NetError as error:
        raise LostReplyError(UNCLEAR.format(why=f"{error.detail[:1].lower()}{error.detail[1:]}")) from None


def _is_refusal(status: int) -> bool:
    """Whether a status says that the report was not taken. 408 does not: who knows when the server gave up."""
    return 300 <= status < 500 and status != 408


def _explained(submission: Submission, draft: Draft, reply: Reply) -> ProblemError:
    if 300 <= reply.status < 400:
        return Refusal(
            f"{draft.server} leads to another address, which gets neither token nor report. Name the server itself."
        ).error()
    code = code_in(reply, "error")
    plain = f"{draft.server} did not accept the report (status {reply.status}{f', {code}' if code else ''})."
    return (submission.explain(reply) or Refusal(plain, _KINDS.get(reply.status, FilingError))).error()
