"""What can keep a report from being filed, in sentences that say what to do. None quotes a token or a reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from app.problems import ConflictError, InvalidInputError, ProblemError

NOTHING_FILED = "Nothing was filed."


class NotReportableError(ConflictError):
    """409: nothing is drafted against this account; the detail says why, and what to do instead."""

    slug = "not_reportable"
    title = "This account is not one to report"


class ChangedPreviewError(ConflictError):
    """409: what would be sent now is not what was shown."""

    slug = "preview_changed"
    title = "The report is not the one that was shown"


class UnderWayError(ConflictError):
    """409: another call files the same report at this moment."""

    slug = "filing_under_way"
    title = "The report is being filed"


class UnclearError(ConflictError):
    """409: whether an earlier attempt arrived is not known, and it is not sent again unasked."""

    slug = "filing_unclear"
    title = "It is not known whether the report arrived"


class SuspectGoneError(ConflictError):
    """409: the platform does not show the account any more."""

    slug = "suspect_gone"
    title = "The account is not there any more"


class TokenRefusedError(InvalidInputError):
    """422: the token is no good there, or may not do this."""

    slug = "token_refused"
    title = "The platform does not accept the token"


class FilingError(ProblemError):
    """502: the platform did not take the report; nothing was filed."""

    status = HTTPStatus.BAD_GATEWAY
    slug = "filing_failed"
    title = "The platform did not take the report"


class LostReplyError(ProblemError):
    """504: the report was sent and no answer came: it may have arrived."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    slug = "filing_unclear"
    title = "It is not known whether the report arrived"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a platform's refusal means, as a sentence, and the error that it is."""

    why: str
    kind: type[ProblemError] = FilingError

    def error(self) -> ProblemError:
        """The error to raise; nothing was filed."""
        return self.kind(f"{self.why} {NOTHING_FILED}")


class AskedToWaitError(ProblemError):
    """503: the platform takes no more for now."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "platform_asks_to_wait"
    title = "The platform asks to wait"

    def __init__(self, retry_at: datetime | None) -> None:
        told = f"The platform asks to wait before the next report. {NOTHING_FILED} Try again later."
        headers = {}
        if retry_at is not None:
            seconds = max(1, round((retry_at - datetime.now(UTC)).total_seconds()))
            told = f"The platform asks to wait until {retry_at:%Y-%m-%d %H:%M:%S} UTC. {NOTHING_FILED} Try again then."
            headers = {"Retry-After": str(seconds)}
        super().__init__(told, headers=headers)
