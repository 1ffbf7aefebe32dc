"""POST /v1/hashes: hash a picture, so that a client can keep it and send the hashes alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile

from app.forms import media_type, read_form
from app.photos.exchange import Exchange
from app.photos.schemas import HashesOut, PhotoIn, UploadIn, photo_to_wire
from app.photos.service import hash_given, hash_picture, read_exchange
from app.problems import FieldError, InvalidInputError, UnsupportedMediaError
from app.wire import validate
from matchers.photos import photo_usable

router = APIRouter(tags=["photos"])

_EXCHANGE = {
    "type": "array",
    "items": {"type": "string", "enum": ["pdq", "phash"]},
    "maxItems": 4,
    "default": ["phash"],
    "description": "Hashes of other systems to add. PDQ needs an optional package on the server; 501 without it.",
}
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
        },
        "exchange": _EXCHANGE,
    },
}
_FORM = {
    "type": "object",
    "required": ["photo"],
    "properties": {"photo": {"type": "string", "format": "binary"}, "exchange": _EXCHANGE},
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": _JSON}, "multipart/form-data": {"schema": _FORM}},
    }
}


@dataclass(frozen=True, slots=True)
class _Upload:
    picture: PhotoIn | bytes
    exchange: Sequence[Exchange]


async def _read_upload(request: Request) -> _Upload:
    kind = media_type(request)
    if kind == "application/json":
        upload = validate(UploadIn, await request.body())
        return _Upload(upload.photo, upload.exchange)
    if kind != "multipart/form-data":
        raise UnsupportedMediaError("Send JSON, or a form (multipart/form-data) with the file as photo.")
    async with read_form(request, max_fields=8) as form:
        photo = form.get("photo")
        if not isinstance(photo, UploadFile):
            raise InvalidInputError(
                "The form has no file named photo; add one.", errors=[FieldError("/photo", "a file is needed")]
            )
        return _Upload(await photo.read(), read_exchange([str(value) for value in form.getlist("exchange")]))


@router.post("/v1/hashes", operation_id="hash_photo", summary="Hash a picture", openapi_extra=_BODY)
def hash_photo(request: Request, upload: Annotated[_Upload, Depends(_read_upload)]) -> HashesOut:
    """Hash a picture; it is not kept. The answer can stand for the picture wherever a photo is asked for."""
    settings = request.app.state.settings
    picture = upload.picture
    if isinstance(picture, bytes):
        hashed = hash_picture(picture, settings, upload.exchange)
    else:
        hashed = hash_given(picture, settings, upload.exchange)
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
