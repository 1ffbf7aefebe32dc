"""The photo hash scheme `cc1` as numbers: which parts of a picture are hashed, in which order (see docs/hashes.md).

Only geometry and names live here, so that the service, which has the pixels, and the judgement, which has the hashes,
read the same list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SCHEME = "cc1"
BITS = 256

# Below this share of pixels with detail a picture is flat, a default avatar or a gradient: no evidence either way.
# Measured with |Laplacian| > 4 at 128 x 128 grey: drawn defaults reach .17, manipulated portraits start at .19.
GATE = 0.18

# A picture with a shorter side than this many pixels holds too little to recognise anything by.
MIN_SIDE = 24

# A picture whose sides differ by more than this ratio also gets hashes of its squares.
SQUARE_RATIO = 1.05


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a picture that is hashed.

    A `square` part has the side `width` times the shorter side of the picture; any other part has the shares `width`
    and `height` of the picture's width and height. `x` and `y` place it in the room left over (0 left or top, .5
    middle, 1 right or bottom). `turn` is degrees counter-clockwise around the middle of the part.
    """

    label: str
    width: float
    height: float
    x: float = 0.5
    y: float = 0.5
    square: bool = True
    turn: float = 0.0
    mirrored: bool = False


WHOLE = Part("whole", 1, 1, square=False)
CENTER = Part("center", 0.707, 0.707, square=False)
VIEW_PARTS: tuple[Part, ...] = (WHOLE, CENTER, Part("square", 1, 1), Part("top", 1, 1, 0, 0))
VIEWS: tuple[str, ...] = tuple(part.label for part in VIEW_PARTS)
SQUARE_VIEWS = frozenset({"square", "top"})

_COLUMNS = {0.0: "left", 0.5: "", 1.0: "right"}
_ROWS = {0.0: "top", 0.5: "", 1.0: "bottom"}
_GRID = tuple((x, y) for y in _ROWS for x in _COLUMNS)


def _crop(size: float, x: float = 0.5, y: float = 0.5) -> Part:
    where = f"{_ROWS[y]} {_COLUMNS[x]}".strip() or "centre"
    return Part(f"crop {size:.0%} {where}", size, size, x, y)


def _squeeze(width: float, height: float) -> Part:
    return Part(f"squeezed {width:.0%} x {height:.0%}", width, height, square=False)


def _turn(degrees: float) -> Part:
    return Part(f"turned {degrees:+g}", 0.88, 0.88, turn=degrees)


_UPRIGHT: tuple[Part, ...] = (
    WHOLE,
    _crop(1),
    _crop(1, 0, 0),
    _crop(0.95),
    *(_crop(0.9, x, y) for x, y in _GRID if y != 0.5 or x == 0.5),
    *(_crop(0.8, x, y) for x, y in _GRID),
    *(_crop(0.7, x, y) for x, y in _GRID),
    _crop(0.6),
    _crop(0.5, 0.5, 0),
    _squeeze(0.8, 1),
    _squeeze(1, 0.8),
    *(_turn(degrees) for degrees in (-8, -4, 4, 8)),
)

# What the probes of a subject's photo are, in their fixed order; the second half is the first half mirrored.
PROBE_PARTS: tuple[Part, ...] = (
    *_UPRIGHT,
    *(replace(part, label=f"mirrored {part.label}", mirrored=True) for part in _UPRIGHT),
)
PROBES: tuple[str, ...] = tuple(part.label for part in PROBE_PARTS)
