"""Copies of pictures for people: pixels alone come through, upright and small."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from app.demo.portraits import draw_portrait, encode_jpeg
from app.photos.copying import COPY_SIDE, copy_picture
from app.photos.intake import PhotoRejectedError, PhotoTypeError
from app.settings import Settings

SETTINGS = Settings()


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def read(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("JPEG",))
    image.load()
    return image


def test_a_copy_is_small_and_has_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    exif[0x0112] = 6
    wide = Image.new("RGB", (1200, 600), (200, 30, 30))
    data = copy_picture(encoded(wide, "JPEG", exif=exif, comment=b"secret comment"), SETTINGS)
    assert b"secret" not in data
    copy = read(data)
    # Turned upright by its orientation.
    assert copy.size == (COPY_SIDE // 2, COPY_SIDE)
    assert not copy.getexif()
    red, green, _ = copy.getpixel((5, 5))  # type: ignore[misc]
    assert red > 150 > green


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_is_shown_in_colour(mode: str) -> None:
    grey = Image.linear_gradient("L")
    image = Image.frombytes("I;16", (16, 16), bytes(range(256)) * 2) if mode == "I;16" else grey.convert(mode)
    assert read(copy_picture(encoded(image, "PNG"), SETTINGS)).mode == "RGB"


def test_transparency_is_white() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert read(copy_picture(encoded(clear, "PNG"), SETTINGS)).getpixel((10, 10)) == (255, 255, 255)


def test_sixteen_bits_keep_their_brightness() -> None:
    middle = Image.frombytes("I;16", (64, 64), b"\x00\x80" * 64 * 64)
    value = read(copy_picture(encoded(middle, "PNG"), SETTINGS)).getpixel((10, 10))
    assert value in ((127, 127, 127), (128, 128, 128))


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(PhotoTypeError):
        copy_picture(b"<svg onload=alert(1)>", SETTINGS)
    with pytest.raises(PhotoRejectedError):
        copy_picture(encode_jpeg(draw_portrait("copy"))[:300], SETTINGS)
    # What was appended to a picture does not come through.
    assert b"PK\x03\x04" not in copy_picture(encode_jpeg(draw_portrait("copy")) + b"PK\x03\x04", SETTINGS)
