"""Two pictures side by side on a terminal: each character is two pixels, one above the other."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

# Fewer colours than these make a blotch of a face.
_ENOUGH = frozenset({"truecolor", "256"})
_INDENT, _GAP, _MOST = 3, 2, 28
_HALF = "▀"
CAPTIONS = ("your photo", "theirs")


def can_show(console: Console) -> bool:
    """Whether pictures can be seen there: a terminal, with enough colours."""
    seen = console.file.isatty() and not console.is_dumb_terminal
    return seen and not console.no_color and console.color_system in _ENOUGH


def choose_side(console: Console) -> int:
    """How many columns a picture has, so that two stand side by side."""
    return max(8, min(_MOST, (console.width - _INDENT - _GAP) // 2 - 1)) // 2 * 2


def draw_pair(own: bytes | None, theirs: bytes, side: int) -> Text:
    """Draw the person's picture, where there is one, beside the account's; both are square pictures drawn by us.

    `side` counts columns, and is even; as many rows of pixels make half as many lines.
    """
    shown = [(caption, data) for caption, data in zip(CAPTIONS, (own, theirs), strict=True) if data is not None]
    drawn = [list(_draw(data, side)) for _, data in shown]
    text = Text()
    for lines in zip(*drawn, strict=True):
        text.append(" " * _INDENT).append_text(Text(" " * _GAP).join(lines)).append("\n")
    captions = (" " * _GAP).join(caption[:side].ljust(side) for caption, _ in shown)
    return text.append(" " * _INDENT + captions.rstrip(), "dim")


def _draw(data: bytes, side: int) -> Iterator[Text]:
    from PIL import Image  # noqa: PLC0415  # keeps every other command quick

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        raster = image.convert("RGB").resize((side, side), Image.Resampling.BOX).tobytes()
    row = side * 3
    for top in range(0, side * row, 2 * row):
        line = Text()
        for at in range(top, top + row, 3):
            above, below = raster[at : at + 3], raster[at + row : at + row + 3]
            line.append(_HALF, Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
        yield line
