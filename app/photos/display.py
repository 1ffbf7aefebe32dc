"""A picture from elsewhere made fit to be shown: decoded, made small, and written anew, so that only pixels remain."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from app.photos.intake import LARGE_PIXELS, PhotoRejectedError, decode, original_size, sniff_kind
from app.settings import Settings

# Side in pixels of the square that is shown: twice the size on the page, for fine screens.
SHOWN_SIDE = 240
_QUALITY = 82


def redraw(data: bytes, settings: Settings, side: int = SHOWN_SIDE) -> bytes:
    """Make a square JPEG of `side` pixels from a picture file; nothing of the file but its pixels is passed on.

    Raises `PhotoRejectedError` for what is no picture, such as SVG, and for one that is too large.
    """
    # The same checks as for every picture, before colours are looked at.
    width, height = original_size(decode(data, settings))
    if width * height > LARGE_PIXELS * 2:
        raise PhotoRejectedError("The picture is too large to be shown.")
    try:
        with Image.open(io.BytesIO(data), formats=(sniff_kind(data),)) as image:
            image.draft("RGB", (side * 2, side * 2))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except Exception as error:  # decoders raise anything on garbage
        raise PhotoRejectedError("The picture is damaged and cannot be shown.") from error
    white = Image.new("RGBA", upright.size, "white")
    flat = Image.alpha_composite(white, upright).convert("RGB")
    out = io.BytesIO()
    ImageOps.fit(flat, (side, side), Image.Resampling.LANCZOS).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
