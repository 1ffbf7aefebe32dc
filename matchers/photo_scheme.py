"""The photo hash scheme `cc1` as numbers: which parts of a picture are hashed, in which order (see docs/hashes.md).

Only geometry and names live here, so that the service, which has the pixels, and the judgement, which has the hashes,
read the same list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

SCHEME = "cc1"
BITS = 256

# Below this share of pixels with detail a picture is flat, a default avatar or a gradient: no evidence either way.
# Measured in nine encodings from 400 pixels to 48 pixels at JPEG quality 30: of 3,762 real and manipulated portraits
# none falls below; drawn default avatars stay below, but for 2.5 % of the smallest and coarsest encodings.
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
CENTER = Part("center", 0.707, 0.707)
CORE = Part("core", 0.5, 0.5)
VIEW_PARTS: tuple[Part, ...] = (WHOLE, CENTER, CORE, Part("square", 1, 1), Part("top", 1, 1, 0, 0))
VIEWS: tuple[str, ...] = tuple(part.label for part in VIEW_PARTS)
SQUARE_VIEWS = frozenset({"square", "top"})


def _crop(size: float, x: float = 0.5, y: float = 0.5) -> Part:
    where = "" if x == y == 0.5 else f" at {x:.0%} {y:.0%}"
    return Part(f"crop {size:.0%}{where}", size, size, x, y)


def _ring(size: float, steps: int) -> tuple[Part, ...]:
    """Crops on a grid of `steps` x `steps` places, the middle one left out."""
    places = [step / (steps - 1) for step in range(steps)]
    return tuple(_crop(size, x, y) for y in places for x in places if (x, y) != (0.5, 0.5))


def _some(size: float, steps: int, chosen: tuple[int, ...]) -> tuple[Part, ...]:
    """The crops of a ring at the chosen steps of each axis."""
    return tuple(_crop(size, x / (steps - 1), y / (steps - 1)) for y in chosen for x in chosen)


def _squeeze(width: float, height: float) -> Part:
    return Part(f"squeeze {width:.0%} x {height:.0%}", width, height, square=False)


def _turn(degrees: float, size: float) -> Part:
    return Part(f"turn {degrees:+g} of {size:.0%}", size, size, turn=degrees)


def _mirror(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(replace(part, label=f"mirrored {part.label}", mirrored=True) for part in parts)


# Also compared with the centre of an avatar: what is left of the subject's photo inside a frame or ring, or of a
# picture turned with its corners left empty.
_INNER = (
    WHOLE,
    *(_crop(size) for size in (0.95, 0.9, 0.85, 0.8, 0.75, 0.707, 0.64, 0.5)),
    *(_turn(degrees, 0.9) for degrees in (-5, -3, 3, 5)),
    *(_turn(degrees, 0.707) for degrees in (-5, 5)),
)
# Zooms that an index is asked for too, coarser than the grids below.
_NET = (*_some(0.8, 8, (0, 3, 7)), *_some(0.7, 10, (0, 3, 6, 9)))
_MIDDLE = (
    _crop(1),
    _crop(1, 0, 0),
    _crop(1, 1, 1),
    *_ring(0.95, 2),
    *_ring(0.9, 3),
    *(_turn(degrees, 0.94) for degrees in (-4, 4)),
    *(_turn(degrees, 0.88) for degrees in (-7, 7)),
)
# Zooms at any place. A hash bears a shift of about 2.5 % of the side, so the grid grows denser as the zoom grows
# (docs/decisions/0004-photo-hashes.md).
_DENSE = (
    *_ring(0.85, 6),
    *(part for part in (*_ring(0.8, 8), *_ring(0.75, 8), *_ring(0.7, 10)) if part not in _NET),
)
_LAST = (*(_turn(degrees, 0.88) for degrees in (-10, 10)), _squeeze(0.75, 1), _squeeze(1, 0.75))

# What the probes of a subject's photo are, in their fixed order.
PROBE_PARTS: tuple[Part, ...] = (*_INNER, *_mirror(_INNER), *_NET, *_MIDDLE, *_mirror(_MIDDLE), *_DENSE, *_LAST)
PROBES: tuple[str, ...] = tuple(part.label for part in PROBE_PARTS)
# The place of the first probe of the dense grids.
DENSE_FROM = len(PROBE_PARTS) - len(_LAST) - len(_DENSE)

# How many of the probes, from the first, each view of an avatar is compared with.
REACH: Mapping[str, int] = {
    "whole": len(PROBE_PARTS),
    "center": 2 * len(_INNER),
    "core": len(PROBE_PARTS) - len(_LAST),
    "square": len(PROBE_PARTS),
    "top": len(PROBE_PARTS),
}

# Scouts: probes, by their place above, of which one is near in the lowest frequencies whenever any probe is near. Where
# at most IN_SIGHT of the bits in LOWEST (10 x 10 frequencies) differ, all are compared, else the first alone. Chosen
# greedily on development people, so that each copy found at 61 bits or nearer is in sight of one, most of two.
_SCOUTS = (
    *(2, 3, 9, 17, 26, 73, 101, 105, 110, 115, 120, 132, 137, 148, 164, 168),
    *(184, 193, 198, 199, 200, 207, 208, 216, 223, 235, 239, 240, 251, 257, 321, 334),
)
SCOUTS: Mapping[str, tuple[int, ...]] = {
    "whole": _SCOUTS,
    "core": (7, 8, 35, 213, 214, 221, 222, 229, 278, 295),
    "square": _SCOUTS,
    "top": _SCOUTS,
}
IN_SIGHT = 32
LOWEST = sum(1 << (BITS - 1 - 16 * row - column) for row in range(10) for column in range(10))
