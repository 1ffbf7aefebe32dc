"""POST /v1/hashes: hash a picture, so that a client can keep it and send the hashes alone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile

from app.photos.schemas import HashesOut, PhotoIn, UploadIn, photo_to_wire
from app.photos.service import hash_given, hash_picture
from app.problems import FieldError, InvalidInputError, UnsupportedMediaError
from app.wire import read_form, validate
from matchers.photos import photo_usable

router = APIRouter(tags=["photos"])

_JSON = {
    "type": "object",
    "required": ["photo"],
    "additionalProperties": False,
    "properties": {
        "photo": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                "base64": {"type": "string", "minLength": 1, "contentEncoding": "base64"},
                "url": {"type": "string", "minLength": 1, "maxLength": 2000},
            },
        }
    },
}
_FORM = {
    "type": "object",
    "required": ["photo"],
    "properties": {"photo": {"type": "string", "format": "binary"}},
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _JSON}, "multipart/form-data": {"schema": _FORM}},
    }
}


async def _read_upload(request: Request) -> PhotoIn | bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return validate(UploadIn, await request.body()).photo
    if kind != "multipart/form-data":
        raise UnsupportedMediaError("Send JSON, or a form (multipart/form-data) with the file as photo.")
    async with read_form(request, max_fields=8) as form:
        photo = form.get("photo")
        if not isinstance(photo, UploadFile):
            raise InvalidInputError(
                "The form has no file named photo; add one.", errors=[FieldError("/photo", "a file is needed")]
            )
        return await photo.read()


@router.post("/v1/hashes", operation_id="hash_photo", summary="Hash a picture", openapi_extra=_BODY)
def hash_photo(request: Request, upload: Annotated[PhotoIn | bytes, Depends(_read_upload)]) -> HashesOut:
    """Hash a picture; it is not kept. The answer can stand for the picture wherever a photo is asked for."""
    settings = request.app.state.settings
    hashed = hash_picture(upload, settings) if isinstance(upload, bytes) else hash_given(upload, settings)
    usable, reason = photo_usable(hashed.photo)
    return HashesOut.model_validate(
        {
            "hashes": photo_to_wire(hashed.photo),
            "usable": usable,
            "reason": reason,
            "width": hashed.width,
            "height": hashed.height,
        }
    )
