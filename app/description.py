"""Completes the API description with what the framework does not know: problem documents and bodies read by hand."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI
from pydantic import BaseModel

from app.failures import MEDIA_TYPE
from app.scans.schemas import ScanIn
from app.subjects.schemas import SubjectIn

PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "A failure (RFC 9457). `type` is stable; `errors` point into the request with JSON pointers.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:clonecheck:problem:invalid_input"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_PROBLEM = {
    "description": "A problem document that says what to do.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def complete_description(app: FastAPI) -> None:
    """Make `app.openapi()` answer the completed description."""
    original = app.openapi

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(original())
        return cast("dict[str, Any]", app.openapi_schema)

    app.openapi = describe  # type: ignore[method-assign]


def _complete(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    _add_request(schemas, ScanIn)
    _add_request(schemas, SubjectIn)
    schemas["Problem"] = PROBLEM_SCHEMA
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for methods in description["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM


def _add_request(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    """Add the schema of a body that is read by hand."""
    request = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for name, definition in request.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    schemas[model.__name__] = request
