"""Failures as RFC 9457 problem documents. Domain code raises these; one handler in `app.main` answers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

TYPE_BASE = "urn:clonecheck:problem:"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one part of the input; `pointer` is a JSON pointer (RFC 6901) into the body."""

    pointer: str
    detail: str


class ProblemError(Exception):
    """A refusal that a caller can act on: a stable `slug`, a status, and a detail that says what to do."""

    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    slug: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request cannot be carried out"

    def __init__(
        self,
        detail: str,
        *,
        slug: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.type = TYPE_BASE + (slug or self.slug)
        self.errors = tuple(errors)
        self.headers = headers or {}

    def document(self) -> dict[str, object]:
        """The problem document as a JSON-ready mapping."""
        body: dict[str, object] = {
            "type": self.type,
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in self.errors]
        return body


class InvalidInputError(ProblemError):
    """422: the body was understood, but a value in it is wrong."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "invalid_input"
    title = "A value is not valid"


class NotFoundError(ProblemError):
    """404: no such thing, or not yours to see."""

    status = HTTPStatus.NOT_FOUND
    slug = "not_found"
    title = "Not found"


class ConflictError(ProblemError):
    """409: the state of the thing does not allow this now."""

    status = HTTPStatus.CONFLICT
    slug = "conflict"
    title = "Conflict with the current state"


class PreconditionFailedError(ProblemError):
    """412: the thing is not as the request expects it to be any more."""

    status = HTTPStatus.PRECONDITION_FAILED
    slug = "precondition_failed"
    title = "It has changed meanwhile"


class TooLargeError(ProblemError):
    """413: more bytes or pixels than the settings allow."""

    status = HTTPStatus.CONTENT_TOO_LARGE if hasattr(HTTPStatus, "CONTENT_TOO_LARGE") else HTTPStatus(413)
    slug = "too_large"
    title = "Too large"


class UnsupportedMediaError(ProblemError):
    """415: not a content type, or not a kind of file, that is read here."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    slug = "unsupported_media_type"
    title = "Unsupported media type"


class UnauthorisedError(ProblemError):
    """401: a key is needed."""

    status = HTTPStatus.UNAUTHORIZED
    slug = "key_required"
    title = "A valid API key is required"


class ForbiddenError(ProblemError):
    """403: understood and refused."""

    status = HTTPStatus.FORBIDDEN
    slug = "forbidden"
    title = "Refused"


class MisdirectedError(ProblemError):
    """421: this service does not answer to that host name."""

    status = HTTPStatus.MISDIRECTED_REQUEST
    slug = "unknown_host"
    title = "Unknown host name"


class TooManyTriesError(ProblemError):
    """429: too many wrong keys from one address; `Retry-After` says how long to wait."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    slug = "too_many_tries"
    title = "Too many wrong keys"


class UnavailableError(ProblemError):
    """503: try again later."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    slug = "unavailable"
    title = "Not available right now"


def say_invalid(message: str) -> str:
    """What Pydantic says of an invalid value, without what it puts before messages of our own."""
    return message.removeprefix("Value error, ")


def describe_fault(error: BaseException) -> str:
    """Name an unexpected error and where it arose, without its message: messages quote what users sent."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "an unknown place"
    return f"{type(error).__name__} at {place}"
