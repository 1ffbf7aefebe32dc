"""The two shapes of a scan request, JSON and multipart form, read into one job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from app.forms import media_type, read_form
from app.photos.schemas import photo_to_wire
from app.problems import FieldError, InvalidInputError, UnsupportedMediaError
from app.scans.intake import Job, PhotoReader, read_request
from app.scans.schemas import ScanIn
from app.settings import Settings
from app.subjects.protected import ProtectedSubjects
from app.wire import validate

_SINGLE = ("name", "handle", "platform", "bio", "limit", "min_probability")
# Form field -> request field for what may be given several times.
_REPEATED = {
    "own_account": "own_accounts",
    "source": "sources",
    "absent_from": "absent_from",
    "link": "links",
    "language": "languages",
}
_BUDGET = {"budget_calls": "calls", "budget_seconds": "seconds", "budget_money": "money"}
MAX_FIELDS = 300

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "handle": _TEXT,
        "platform": _TEXT,
        "photo": {"type": "string", "format": "binary"},
        "bio": _TEXT,
        **dict.fromkeys(_REPEATED, _TEXTS),
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000},
        "min_probability": {"type": "number", "minimum": 0, "maximum": 1},
        "budget_calls": {"type": "integer", "minimum": 0},
        "budget_seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 600},
        "budget_money": {"type": "number", "minimum": 0},
    },
}
SCAN_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/ScanIn"}},
            "multipart/form-data": {"schema": _FORM_SCHEMA},
        },
    }
}


async def read_scan(request: Request) -> Job:
    """Read a scan request of either shape; raises the problems of a bad one."""
    settings = cast("Settings", request.app.state.settings)
    sources = cast("Collection[str]", request.app.state.sources)
    kind = media_type(request)
    subjects = cast("ProtectedSubjects", request.app.state.subjects)
    read = partial(read_request, settings=settings, known_sources=sources, find_subject=subjects.read_given)
    if kind == "application/json":
        body = await request.body()
        return await asyncio.to_thread(lambda: read(validate(ScanIn, body)))
    if kind != "multipart/form-data":
        raise UnsupportedMediaError("Send JSON (application/json), or a form (multipart/form-data) with the photo.")
    async with read_form(request, MAX_FIELDS) as form:
        fields = _collect_fields(form)
        data = await read_upload(form, "photo")
    return await asyncio.to_thread(_read_form, fields, data, settings, read)


async def read_upload(form: FormData, name: str) -> bytes | None:
    """The content of a file field; None where there is none, or none was chosen."""
    upload = form.get(name)
    if not isinstance(upload, UploadFile):
        return None
    data = await upload.read()
    # A browser sends a nameless empty file where none was chosen.
    return data if upload.filename or data else None


def _read_form(fields: dict[str, Any], data: bytes | None, settings: Settings, read: Callable[[ScanIn], Job]) -> Job:
    reader = PhotoReader(settings)
    if data is not None:
        fields["photo"] = {"hashes": photo_to_wire(reader.hash_file(data, "/photo"))}
    job = read(validate(ScanIn, fields))
    job.timings.update(reader.timings)
    job.pictures.extend(reader.pictures)
    return job


def _collect_fields(form: FormData) -> dict[str, Any]:
    known = {*_SINGLE, *_REPEATED, *_BUDGET, "photo"}
    errors = [FieldError(f"/{name}", "no such field") for name in dict.fromkeys(form) if name not in known]
    errors += [FieldError(f"/{name}", "is given more than once") for name in _SINGLE if len(form.getlist(name)) > 1]
    if len(form.getlist("photo")) > 1:
        errors.append(FieldError("/photo", "is given more than once; a form takes one, JSON takes several"))
    elif isinstance(form.get("photo"), str) and form.get("photo"):
        errors.append(FieldError("/photo", "must be a file"))
    if errors:
        raise InvalidInputError(
            "The form has fields that are not as they should be.", slug="invalid_form", errors=errors
        )
    fields: dict[str, Any] = {name: form[name] for name in _SINGLE if form.get(name)}
    # A browser sends fields that were left blank.
    repeated = {wire: [value for value in form.getlist(name) if value] for name, wire in _REPEATED.items()}
    fields |= {wire: values for wire, values in repeated.items() if values}
    budget = {wire: form[name] for name, wire in _BUDGET.items() if form.get(name)}
    return {**fields, "budget": budget} if budget else fields
