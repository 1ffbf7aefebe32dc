"""Evidence bundles over HTTP: parse, call, return."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import FormData

from app.forms import media_type, read_form
from app.problems import FieldError, InvalidInputError, UnsupportedMediaError
from app.reports.evidence.keys import SigningKey
from app.scans.evidence import Choice, EvidenceService, Made
from app.scans.form import read_upload
from app.settings import Settings

router = APIRouter(prefix="/v1", tags=["evidence"])

MAX_FIELDS = 20
_FILES = ("subject_picture", "suspect_picture")
_FETCH = "fetch_suspect_picture"
_FILE: dict[str, Any] = {"type": "string", "format": "binary"}
_BUNDLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The bundle, as a ZIP file.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "subject_picture": {**_FILE, "description": "The person's own photo, given again."},
                        "suspect_picture": {**_FILE, "description": "The account's picture, as you saved it."},
                        "fetch_suspect_picture": {
                            "type": "boolean",
                            "description": "Fetch the account's picture now, from the address where it was seen.",
                        },
                    },
                }
            }
        },
    }
}


class KeyOut(BaseModel):
    """The key by which a receiver knows bundles of this installation."""

    algorithm: str = Field(description="Ed25519 (RFC 8032).")
    fingerprint: str = Field(description="SHA-256 of the key as DER, in hexadecimal.")
    public_key: str = Field(description="The key as PEM.")


def _service(request: Request) -> EvidenceService:
    return cast("EvidenceService", request.app.state.evidence)


Service = Annotated[EvidenceService, Depends(_service)]


@router.get(
    "/scans/{scan_id}/suspects/{suspect_id}/evidence",
    operation_id="readEvidence",
    response_class=Response,
    responses=_BUNDLE,
)
def read_evidence(scan_id: str, suspect_id: str, service: Service) -> Response:
    """The evidence bundle of a suspect: one signed file for people and programs, without pictures.

    It holds what the scan was told of the subject. Nothing of it is kept here.
    """
    return _answer(service.make(scan_id, suspect_id))


@router.post(
    "/scans/{scan_id}/suspects/{suspect_id}/evidence",
    operation_id="makeEvidence",
    response_class=Response,
    responses=_BUNDLE,
    openapi_extra=_BODY,
)
async def make_evidence(scan_id: str, suspect_id: str, request: Request, service: Service) -> Response:
    """The same with the pictures that you choose; they are encoded anew, and dropped with the answer."""
    if media_type(request) != "multipart/form-data":
        raise UnsupportedMediaError("Send a form (multipart/form-data) with the pictures to include.")
    async with read_form(request, MAX_FIELDS) as form:
        choice = await _read_choice(form)
    return _answer(await asyncio.to_thread(service.make, scan_id, suspect_id, choice))


@router.get("/evidence/key", operation_id="readEvidenceKey")
def read_key(request: Request) -> KeyOut:
    """The public key of this installation, made at first use; its fingerprint is for those who receive bundles."""
    key = SigningKey.of(cast("Settings", request.app.state.settings))
    return KeyOut(algorithm="Ed25519", fingerprint=key.fingerprint, public_key=key.public_pem.decode())


def _answer(made: Made) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{made.file_name}"', "Cache-Control": "no-store"}
    return Response(made.data, media_type="application/zip", headers=headers)


async def _read_choice(form: FormData) -> Choice:
    errors = [FieldError(f"/{name}", "no such field") for name in dict.fromkeys(form) if name not in (*_FILES, _FETCH)]
    errors += [FieldError(f"/{name}", "is given more than once") for name in form if len(form.getlist(name)) > 1]
    errors += [FieldError(f"/{name}", "must be a file") for name in _FILES if isinstance(form.get(name), str)]
    fetch = form.get(_FETCH, "false")
    if fetch not in ("true", "false"):
        errors.append(FieldError(f"/{_FETCH}", "must be true or false"))
    if fetch == "true" and form.get("suspect_picture") is not None:
        errors.append(FieldError(f"/{_FETCH}", "give the account's picture, or have it fetched"))
    if errors:
        raise InvalidInputError(
            "The form has fields that are not as they should be.", slug="invalid_form", errors=errors
        )
    subject, suspect = [await read_upload(form, name) for name in _FILES]
    return Choice(subject, suspect, fetch_suspect_picture=fetch == "true")
