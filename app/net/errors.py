"""What can go wrong outside. No message names an address, a handle or a key: these texts reach users and logs."""

from __future__ import annotations

from datetime import datetime


class NetError(Exception):
    """A call outside that brought no usable reply; `detail` is one plain sentence."""

    detail = "The other side could not be reached"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or type(self).detail
        super().__init__(self.detail)


class RefusedAddressError(NetError):
    """The address is one that must not be asked: not http(s), a private network, a strange port."""

    detail = "The address is not one on the public internet"


class UnreachableError(NetError):
    """No connection: unknown name, refused, reset, broken off in mid-reply."""


class BadCertificateError(NetError):
    """The other side could not prove that it is who it should be."""

    detail = "The other side could not prove its identity"


class TimedOutError(NetError):
    """No complete reply in time."""

    detail = "The other side did not answer in time"


class TooBigError(NetError):
    """More bytes than are read, also after unpacking."""

    detail = "The reply was too big to be read"


class TooManyRedirectsError(NetError):
    """One address led to another, and so on."""

    detail = "The address leads from one place to another without end"


class BadReplyError(NetError):
    """A reply that cannot be understood: not JSON, HTML in its place, fields of another kind."""

    detail = "The reply could not be understood"


class StatusError(NetError):
    """A reply with a status that was not expected."""

    def __init__(self, status: int, detail: str | None = None) -> None:
        self.status = status
        super().__init__(detail or _say_status(status))


class RateLimitedError(NetError):
    """The other side asks to wait; `retry_at` says until when, where it told."""

    detail = "The platform asked us to wait"

    def __init__(self, retry_at: datetime | None = None) -> None:
        self.retry_at = retry_at
        super().__init__()


class CircuitOpenError(NetError):
    """The host failed several times in a row and is left alone for a while."""

    detail = "The platform failed several times and is left alone for a while"


class BudgetSpentError(NetError):
    """The calls, seconds or money of this scan are used up; `kind` says which."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"The scan's budget of {kind} was used up")


class StoppedError(NetError):
    """The scan was cancelled."""

    detail = "The scan was cancelled"


def _say_status(status: int) -> str:
    match status:
        case 401 | 403 | 407:
            return f"The platform refused access (status {status})"
        case 404 | 410:
            return f"The platform does not know this address (status {status})"
        case _ if status >= 500:
            return f"The platform is in trouble (status {status})"
        case _:
            return f"The platform did not accept the request (status {status})"
