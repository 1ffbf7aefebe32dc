"""A picture from elsewhere made fit to be shown: decoded, made small, and written anew, so that only pixels remain."""

from __future__ import annotations

import io
import threading

from PIL import Image, ImageOps

from app.net.asking import Asker
from app.photos.copying import scale_depth
from app.photos.intake import LARGE_PIXELS, PhotoRejectedError, decode, original_size, read_orientation, sniff_kind
from app.settings import Settings

# Side in pixels of the square that is shown: twice the size on the page, for fine screens.
SHOWN_SIDE = 240
_QUALITY = 82
# Pictures decoded at the same moment: a few of the largest would fill the memory.
_turns = threading.Semaphore(2)


def fetch_shown(ask: Asker, url: str, settings: Settings) -> bytes:
    """Fetch a picture for one reader, and draw it anew; raises `NetError` and what `redraw` raises."""
    return redraw(ask.fetch_picture(url, {}, settings.max_photo_bytes).expect().content, settings)


def redraw(data: bytes, settings: Settings, side: int = SHOWN_SIDE) -> bytes:
    """Make a square JPEG of `side` pixels from a picture file; nothing of the file but its pixels is passed on.

    Raises `PhotoRejectedError` for what is no picture, such as SVG, and for one that is too large.
    """
    # The same checks as for every picture, before colours are looked at.
    width, height = original_size(decode(data, settings))
    if width * height > LARGE_PIXELS * 2:
        raise PhotoRejectedError("The picture is too large to be shown.")
    try:
        with _turns, Image.open(io.BytesIO(data), formats=(sniff_kind(data),)) as image:
            flat = _shrink(image, side * 2)
    except Exception as error:  # decoders raise anything on garbage
        raise PhotoRejectedError("The picture is damaged and cannot be shown.") from error
    out = io.BytesIO()
    ImageOps.fit(flat, (side, side), Image.Resampling.LANCZOS).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _shrink(image: Image.Image, side: int) -> Image.Image:
    """A copy in colours on white, upright, whose shorter side is about `side` pixels at most."""
    image.draft("RGB", (side, side))
    scale = max(1.0, min(image.size) / side)
    small = scale_depth(image).convert("RGBA").resize([max(1, round(length / scale)) for length in image.size])
    small.info = {}
    method = read_orientation(image)
    upright = small if method is None else small.transpose(method)
    return Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")
