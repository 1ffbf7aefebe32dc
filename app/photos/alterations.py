"""What impostors do to a photo before they wear it: mirrored, cropped, ringed, tinted, and more. In memory only."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageOps

from app.photos.copying import copy_picture
from app.settings import Settings

_SMALL = 200
_QUALITY = 60
_RING = "teal"
_TINT = "orange"
_TINT_SHARE = 0.3
# Side of a square cut from a screenshot, in lengths of the photo that is on it.
_SCREEN_SIDE = 1.25
_GROUND, _LETTERS = "white", "dimgrey"


@dataclass(frozen=True, slots=True)
class Alteration:
    """One way to change a photo: what is told of it, and how it is done."""

    name: str
    told: str
    change: Callable[[Image.Image], Image.Image]


def mirror(picture: Image.Image) -> Image.Image:
    """Mirror a picture."""
    return ImageOps.mirror(picture)


def crop(picture: Image.Image, share: float) -> Image.Image:
    """Cut away a share of each side's length, around the centre."""
    width, height = picture.size
    left, top = round(width * share / 2), round(height * share / 2)
    return picture.crop((left, top, width - left, height - top))


def add_ring(picture: Image.Image, colour: str) -> Image.Image:
    """Draw a coloured ring around the picture."""
    ringed = picture.copy()
    width = picture.width // 16
    ImageDraw.Draw(ringed).ellipse((0, 0, picture.width - 1, picture.height - 1), outline=colour, width=width)
    return ringed


def _cut_corner(picture: Image.Image) -> Image.Image:
    """Keep the lower right part, three quarters of each side."""
    width, height = picture.size
    return picture.crop((width // 4, height // 4, width, height))


def tint(picture: Image.Image, colour: str, share: float) -> Image.Image:
    """Lay a colour over the picture; `share` is how much of it one sees."""
    return Image.blend(picture, Image.new("RGB", picture.size, colour), share)


def shoot_screen(picture: Image.Image) -> Image.Image:
    """Show the picture on a page with lines of writing below it, cut to a square, as from a screenshot of a profile."""
    width, height = picture.size
    side = round(max(width, height) * _SCREEN_SIDE)
    screen = Image.new("RGB", (side, side), _GROUND)
    left, top = (side - width) // 2, side // 30
    screen.paste(picture, (left, top))
    pen = ImageDraw.Draw(screen)
    line = side // 25
    for at, share in enumerate((0.7, 0.45)):
        y = top + height + line * (2 * at + 1)
        pen.rectangle((left, y, left + round(width * share), y + line // 2), fill=_LETTERS)
    return screen


ALTERATIONS = (
    Alteration("saved_again", "saved again, small and coarse", lambda image: image),
    Alteration("mirrored", "mirrored", mirror),
    Alteration("cropped", "cropped by 15 %", lambda image: crop(image, 0.15)),
    Alteration("cut_corner", "cut out off the centre", _cut_corner),
    Alteration("ringed", "with a ring around it", lambda image: add_ring(image, _RING)),
    Alteration("grey", "in black and white", lambda image: ImageOps.grayscale(image).convert("RGB")),
    Alteration("tinted", "with a colour laid over it", lambda image: tint(image, _TINT, _TINT_SHARE)),
    Alteration("screenshot", "cut from a screenshot of your profile", shoot_screen),
    Alteration(
        "all_together",
        "mirrored, cropped and ringed at once",
        lambda image: add_ring(crop(mirror(image), 0.1), _RING),
    ),
)


def alter_all(data: bytes, settings: Settings) -> Iterator[tuple[Alteration, bytes]]:
    """Change a picture file in each way; every result is a small JPEG. Raises `PhotoRejectedError` as `decode` does."""
    with Image.open(io.BytesIO(copy_picture(data, settings)), formats=("JPEG",)) as copied:
        picture = copied.convert("RGB")
    for alteration in ALTERATIONS:
        changed = alteration.change(picture)
        changed.thumbnail((_SMALL, _SMALL), Image.Resampling.LANCZOS)
        written = io.BytesIO()
        changed.save(written, "JPEG", quality=_QUALITY)
        yield alteration, written.getvalue()
