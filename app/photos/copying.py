"""A small copy of a picture, for a person to look at: decoded and encoded anew, so that only pixels come through."""

from __future__ import annotations

import io

from PIL import Image

from app.photos.intake import decode, read_orientation, sniff_kind, take_turn
from app.settings import Settings

# Longer side of a copy in pixels: enough for print at the size of a profile picture.
COPY_SIDE = 480
_QUALITY = 85


def copy_picture(data: bytes, settings: Settings) -> bytes:
    """A JPEG of at most `COPY_SIDE` pixels a side, upright, in colour, transparency on white, without metadata.

    Raises what `app.photos.intake.decode` raises.
    """
    # The bounds and the refusals are those of every other picture.
    decode(data, settings)
    kind = sniff_kind(data)
    with Image.open(io.BytesIO(data), formats=(kind,)) as image:
        if kind == "JPEG":
            image.draft("RGB", (COPY_SIDE, COPY_SIDE))
        method = read_orientation(image)
        with take_turn(*image.size):
            colours = _in_colour(image)
            colours.thumbnail((COPY_SIDE, COPY_SIDE), Image.Resampling.LANCZOS)
    if method is not None:
        colours = colours.transpose(method)
    # Pillow would write comments and colour profiles back from here.
    colours.info = {}
    written = io.BytesIO()
    colours.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def scale_depth(image: Image.Image) -> Image.Image:
    """A grey picture of 16 bits brought to 8, which Pillow would clip to white; any other as it is."""
    return image.point(lambda value: value / 257).convert("L") if image.mode.startswith("I") else image


def _in_colour(image: Image.Image) -> Image.Image:
    image.load()
    image = scale_depth(image)
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        white.alpha_composite(layer)
        return white.convert("RGB")
    return image.convert("RGB")
