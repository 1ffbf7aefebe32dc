"""Checking request bodies that FastAPI does not check by itself: forms, NDJSON, bodies of two content types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], given: bytes | Mapping[str, Any]) -> Model:
    """Check a body against a model; raises `RequestValidationError`, so that its errors look like FastAPI's own."""
    try:
        if isinstance(given, bytes):
            return model.model_validate_json(given)
        return model.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in found]) from error
