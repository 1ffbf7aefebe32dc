"""A photo from the wire, however it was given, to the hashes that are compared."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from PIL import Image

from app.photos.exchange import DEFAULT_EXCHANGE, PDQ_SIDE, Exchange, add_exchange, searched_photo
from app.photos.fetching import fetch_photo
from app.photos.hashing import account_photo, subject_photo
from app.photos.intake import PhotoRejectedError, PhotoTooLargeError, decode, original_size
from app.photos.schemas import PhotoIn
from app.problems import FieldError, InvalidInputError
from app.settings import Settings
from matchers.pixels import PixelMatch
from matchers.profile import Photo

_DATA_URL = re.compile(r"^data:[a-z0-9.+/-]{0,64}(;charset=[a-z0-9-]{1,32})?;base64,", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Hashed:
    """A subject's hashes with the size of the picture in pixels, upright."""

    photo: Photo
    width: int
    height: int


def read_subject_photo(photo: PhotoIn, settings: Settings, pointer: str = "/photo") -> Photo:
    """Hash or take over a subject's photo: views and probes. `pointer` says where it stands in the request.

    Raises `PhotoRejectedError` for a picture that cannot be read or fetched, `InvalidInputError` for hashes without
    probes.
    """
    if photo.hashes is None:
        data, where = read_file(photo, settings, pointer)
        return searched_photo(decode_at(data, settings, where))
    if not photo.hashes.probes:
        raise InvalidInputError(
            "The hashes of a subject's photo need probes; make them with POST /v1/hashes or send the picture itself.",
            slug="photo_probes_missing",
            errors=[FieldError(f"{pointer}/hashes/probes", "at least one probe is needed")],
        )
    return photo.hashes.to_photo()


def read_account_photo(photo: PhotoIn, settings: Settings, pointer: str = "/avatar") -> Photo | None:
    """Hash or take over an account's avatar: views only. None for a `url`: it is stored, not fetched.

    Raises `PhotoRejectedError` for a picture that cannot be read.
    """
    if photo.base64 is not None:
        data, where = read_file(photo, settings, pointer)
        return account_photo(decode_at(data, settings, where))
    return None if photo.hashes is None else replace(photo.hashes.to_photo(), probes=())


def confirm_on_pixels(photos: Sequence[PhotoIn], avatar: PhotoIn | None, settings: Settings) -> PixelMatch | None:
    """Lay a subject's photos over an avatar; None unless the avatar and some photo are pictures themselves.

    The photo with the most details that agree counts. Raises `PhotoRejectedError` for a picture that cannot be read.
    """
    pictures = [photo.base64 for photo in photos if photo.base64 is not None]
    if not pictures or avatar is None or avatar.base64 is None:
        return None
    # Loaded on first use: OpenCV is large, and most scans have hashes alone.
    from app.photos.keypoints import SIDE, make_pixels, verify_best  # noqa: PLC0415

    candidate, *references = [
        decode(read_base64(text, settings), settings, side=SIDE) for text in (avatar.base64, *pictures)
    ]
    return verify_best([make_pixels(reference, mirror=True) for reference in references], make_pixels(candidate))


def read_exchange(names: Sequence[str]) -> Sequence[Exchange]:
    """Check the names of hashes for exchange; without any, the default. Raises `InvalidInputError`."""
    known = {name: name for name in get_args(Exchange)}
    if not set(names) <= set(known):
        raise InvalidInputError(
            "The hashes for exchange are pdq and phash.", errors=[FieldError("/exchange", "pdq or phash")]
        )
    return [known[name] for name in names] or DEFAULT_EXCHANGE


def hash_picture(
    data: bytes, settings: Settings, exchange: Collection[Exchange] = DEFAULT_EXCHANGE, pointer: str = "/photo"
) -> Hashed:
    """Hash a picture file for a client: views, probes and the hashes wanted for exchange.

    Raises `PhotoRejectedError`, and `PdqMissingError` where PDQ is wanted and cannot be computed.
    """
    image = decode_at(data, settings, pointer)
    width, height = original_size(image)
    # PDQ shall be that of the file, so it sees what the decoder leaves out for our own hashes.
    finer = decode(data, settings, side=PDQ_SIDE) if "pdq" in exchange else image
    return Hashed(add_exchange(subject_photo(image), finer, exchange), width, height)


def hash_given(photo: PhotoIn, settings: Settings, exchange: Collection[Exchange] = DEFAULT_EXCHANGE) -> Hashed:
    """Hash a picture given in base64 or by address; raises what `hash_picture` does, `InvalidInputError` for hashes."""
    data, where = read_file(photo, settings, "/photo")
    return hash_picture(data, settings, exchange, where)


def read_file(photo: PhotoIn, settings: Settings, pointer: str) -> tuple[bytes, str]:
    """The file of a picture given in base64 or by address, and the JSON pointer to either in the request.

    `pointer` is that of the photo itself. Raises `PhotoRejectedError`, and `InvalidInputError` for hashes.
    """
    if photo.url is not None:
        where = f"{pointer}/url"
        return fetch_photo(photo.url, settings, where), where
    if photo.base64 is None:
        raise InvalidInputError(
            "Hashes are given already; send the picture itself in base64.",
            slug="photo_already_hashed",
            errors=[FieldError(f"{pointer}/hashes", "send base64 instead")],
        )
    where = f"{pointer}/base64"
    try:
        return read_base64(photo.base64, settings), where
    except PhotoRejectedError as error:
        raise error.at(where) from error


def decode_at(data: bytes, settings: Settings, pointer: str) -> Image.Image:
    """Decode a picture file to grey; a refusal (`PhotoRejectedError`) carries the pointer to it in the request."""
    try:
        return decode(data, settings)
    except PhotoRejectedError as error:
        raise error.at(pointer) from error


def read_base64(text: str, settings: Settings) -> bytes:
    """Decode base64, with or without a `data:` prefix and line breaks; raises `PhotoRejectedError`."""
    if len(text) > settings.max_photo_bytes * 3 // 2 + 200:
        raise PhotoTooLargeError(f"The picture has more than {settings.max_photo_bytes:,} bytes; save it smaller.")
    body = _SPACE.sub("", text[_prefix(text) :])
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PhotoRejectedError("The picture is not valid base64; encode the bytes of the file again.") from error


def _prefix(text: str) -> int:
    found = _DATA_URL.match(text)
    return found.end() if found else 0
