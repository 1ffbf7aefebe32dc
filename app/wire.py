"""Checking what FastAPI does not check by itself: forms, NDJSON, bodies of two content types; cursors of lists."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from app.problems import InvalidInputError, ProblemError, UnsupportedMediaError

Model = TypeVar("Model", bound=BaseModel)
Place = TypeVar("Place")


def validate(model: type[Model], given: bytes | Mapping[str, Any]) -> Model:
    """Check a body against a model; raises `RequestValidationError`, so that its errors look like FastAPI's own."""
    try:
        if isinstance(given, bytes):
            return model.model_validate_json(given)
        return model.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from error


def media_type(request: Request) -> str:
    """The `Content-Type` of a request without its parameters, in lower case; empty where there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def refuse_encoded(request: Request) -> None:
    """Refuse a compressed body, which nothing here unpacks; raises `UnsupportedMediaError`."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaError(
            "A body with a Content-Encoding, such as gzip, is not read here; send it as it is.",
            headers={"Accept-Encoding": "identity"},
        )


def matches_tag(given: str, tag: str) -> bool:
    """Whether an `If-Match` names this entity tag (RFC 9110, 13.1.1): a list of strong tags, or `*` for any."""
    return given.strip() == "*" or tag in {one.strip() for one in given.split(",")}


def encode_cursor(place: str) -> str:
    """The cursor of a list for a place in it."""
    return base64.urlsafe_b64encode(place.encode()).decode()


def decode_cursor(cursor: str, read: Callable[[bytes], Place]) -> Place:
    """The place that a cursor names; raises `InvalidInputError` where `read` cannot read it (`ValueError`)."""
    try:
        return read(base64.urlsafe_b64decode(cursor))
    except (ValueError, OverflowError) as error:
        raise InvalidInputError("The cursor is not one that this service gave.", slug="invalid_cursor") from error


def encode_moment(moment: datetime, row_id: str) -> str:
    """The cursor of a list that is ordered by moments, and by ids among equal ones."""
    return encode_cursor(f"{moment.isoformat()} {row_id}")


def read_moment(told: bytes) -> tuple[datetime, str]:
    """The moment and the id in such a cursor; raises `ValueError`."""
    moment, _, row_id = told.decode().partition(" ")
    return datetime.fromisoformat(moment).astimezone(UTC), row_id


class MalformedFormError(ProblemError):
    """400: a multipart body that is not whole, or not one at all."""

    slug = "malformed_form"
    title = "The form cannot be read"


class _MemoryParser(MultiPartParser):
    # Pictures stay in memory, where the bound on the request bounds them too: they never touch the disk.
    spool_max_size = 1 << 40


@asynccontextmanager
async def read_form(request: Request, max_fields: int) -> AsyncIterator[FormData]:
    """Read a multipart form that arrived whole; raises `MalformedFormError`.

    The parser takes a body that was cut off for one that ends early, and the last file with it is lost in silence.
    """
    body = await request.body()
    _, options = parse_options_header(request.headers.get("content-type"))
    if not body.rstrip(b"\r\n").endswith(b"--" + options.get(b"boundary", b"") + b"--"):
        raise MalformedFormError("The form ends before its closing boundary; send it again.")
    try:
        form = await _MemoryParser(request.headers, _stream(body), max_files=10, max_fields=max_fields).parse()
    except (MultiPartException, KeyError) as error:
        raise MalformedFormError("The form is not valid multipart/form-data; send it again.") from error
    try:
        yield form
    finally:
        await form.close()


async def _stream(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
