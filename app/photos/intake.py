"""From hostile bytes to one grey raster: checked before decoding, decoded once, upright, alpha on white."""

from __future__ import annotations

import io
import struct
import threading
import warnings
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus

import numpy as np
from PIL import Image

from app.problems import FieldError, ProblemError
from app.settings import Settings

# Hashes need 256 pixels a side; JPEG decoders can leave out detail beyond that and are many times faster so.
DRAFT_SIDE = 256

# Pictures beyond this many pixels are decoded one at a time, so that a few of them cannot exhaust the memory.
LARGE_PIXELS = 4_000_000
_large = threading.Lock()

# Key in `Image.info` for the width and height before the decoder left out detail.
ORIGINAL_SIZE = "original_size"

_SIGNATURES = (
    ("JPEG", 0, b"\xff\xd8\xff"),
    ("PNG", 0, b"\x89PNG\r\n\x1a\n"),
    ("GIF", 0, b"GIF8"),
    ("WEBP", 8, b"WEBP"),
)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})

# Pillow warns where it could refuse. As an error it reaches the handler below; a filter set once, at import, is the
# only way that is safe with threads.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class PhotoRejectedError(ProblemError):
    """422: the picture cannot be read. Subclasses say that it is too large or of a kind that is not read here."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    slug = "photo_not_readable"
    title = "The picture cannot be read"

    def at(self, pointer: str) -> PhotoRejectedError:
        """The same refusal with a JSON pointer to the picture in the request."""
        self.errors = (FieldError(pointer, self.detail),)
        return self


class PhotoTooLargeError(PhotoRejectedError):
    """413: more bytes or pixels than the settings allow."""

    status = HTTPStatus(413)
    slug = "photo_too_large"
    title = "The picture is too large"


class PhotoTypeError(PhotoRejectedError):
    """415: not JPEG, PNG, WebP or GIF."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    slug = "photo_type"
    title = "Not a kind of picture that is read here"


def decode(data: bytes, settings: Settings, *, side: int = DRAFT_SIDE) -> Image.Image:
    """Decode a picture to mode "L", upright, first frame, transparency on white.

    JPEG detail that is not needed for `side` pixels may be left out; `original_size` tells the size before.
    Raises `PhotoRejectedError` (slugs photo_not_readable, photo_type, photo_too_large, photo_too_many_pixels).
    """
    if not data:
        raise PhotoRejectedError("The picture is empty; choose another file.")
    if len(data) > settings.max_photo_bytes:
        raise PhotoTooLargeError(
            f"The picture has {len(data):,} bytes; at most {settings.max_photo_bytes:,} are read. Save it smaller."
        )
    kind = sniff_kind(data)
    if kind == "PNG" and data[12:16] == b"IHDR":
        # A bare header is enough to refuse by; Pillow wants the next chunk before it tells the size.
        width, height = struct.unpack(">II", data[16:24].ljust(8, b"\0"))
        _refuse_many_pixels(width, height, settings.max_photo_pixels)
    try:
        return _decode_kind(data, kind, settings.max_photo_pixels, side)
    except PhotoRejectedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(settings.max_photo_pixels) from error
    except Exception as error:  # decoders raise anything on garbage: OSError, struct.error, KeyError
        raise PhotoRejectedError(
            "The picture is damaged or cut off and cannot be read; save it again or choose another file."
        ) from error


def original_size(image: Image.Image) -> tuple[int, int]:
    """Width and height in pixels of the picture as it was sent, upright."""
    width, height = image.info.get(ORIGINAL_SIZE, image.size)
    return int(width), int(height)


def take_turn(width: int, height: int) -> AbstractContextManager[object]:
    """Wait for one's turn where a picture is large: only one of those is decoded at a time."""
    return nullcontext() if width * height <= LARGE_PIXELS else _large


def sniff_kind(data: bytes) -> str:
    """Name the format by its first bytes, whatever the file is called; raises `PhotoTypeError` for any other."""
    for kind, offset, magic in _SIGNATURES:
        if data.startswith(magic, offset):
            return kind
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise PhotoTypeError("HEIC and AVIF pictures are not read here; save the picture as JPEG or PNG.")
    raise PhotoTypeError("The file is not a JPEG, PNG, WebP or GIF picture; save it as one of these.")


def _too_many_pixels(limit: int) -> PhotoTooLargeError:
    return PhotoTooLargeError(
        f"The picture has more than {limit:,} pixels; save it smaller.", slug="photo_too_many_pixels"
    )


def _refuse_many_pixels(width: int, height: int, limit: int) -> None:
    if width * height > limit:
        raise _too_many_pixels(limit)


def _decode_kind(data: bytes, kind: str, max_pixels: int, side: int) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=(kind,)) as image:
        width, height = image.size
        _refuse_many_pixels(width, height, max_pixels)
        if kind == "JPEG":
            image.draft("L", (side, side))
        with take_turn(width, height):
            grey = _flatten(image)
        method = read_orientation(image)
    upright = grey if method is None else grey.transpose(method)
    upright.info = {ORIGINAL_SIZE: (height, width) if method in _SIDEWAYS else (width, height)}
    return upright


def _flatten(image: Image.Image) -> Image.Image:
    """Make a grey picture: 16 bits scaled to 8, transparency on white."""
    image.load()
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image).astype(np.int64).clip(0, 65535) // 257).astype(np.uint8))
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        grey, alpha = image.convert("RGBA").convert("LA").split()
        white = Image.new("L", image.size, 255)
        white.paste(grey, mask=alpha)
        return white
    return image.convert("RGB").convert("L") if image.mode == "CMYK" else image.convert("L")


def read_orientation(image: Image.Image) -> Image.Transpose | None:
    """Find what turns the picture upright by its EXIF orientation, if there is one that can be read."""
    try:
        return _ORIENTATIONS.get(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # noqa: BLE001  # EXIF is hostile too; a picture with broken EXIF is still a picture
        return None


_ORIENTATION_TAG = 0x0112
_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset(_ORIENTATIONS[i] for i in (5, 6, 7, 8))
