"""Checking what FastAPI does not check by itself, without a server too; entity tags, and cursors of lists."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.problems import InvalidInputError

Model = TypeVar("Model", bound=BaseModel)
Place = TypeVar("Place")


def validate(model: type[Model], given: bytes | Mapping[str, Any]) -> Model:
    """Check a body against a model; raises `RequestValidationError`, so that its errors look like FastAPI's own."""
    try:
        if isinstance(given, bytes):
            return model.model_validate_json(given)
        return model.model_validate(given)
    except ValidationError as error:
        from fastapi.exceptions import RequestValidationError  # noqa: PLC0415  # the command line seldom needs it

        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from error


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
