"""The comparison of a photo with every stored hash, in numbers: which probes look first, how near, how far it counts.

Of a hash the sweep first reads one word of 64 bits: its 8 x 8 lowest frequencies, which change least when a picture is
cut, framed or turned a little. Few probes, the lookouts, are compared with that word of every stored view; only
accounts of which one is near are compared with all probes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matchers.photo_scheme import BITS, PROBES, REACH
from matchers.photos import Match, weigh_match

# The bytes of a hash, its 8 x 8 lowest frequencies first: a row of 16 frequencies is two bytes, the lower ones first.
BYTE_ORDER: tuple[int, ...] = (*range(0, 16, 2), *(at for at in range(BITS // 8) if at % 2 or at >= 16))

# An account is looked at more closely where a lookout and one of its views differ in at most this many of the 64 bits.
IN_SIGHT = 12
# Of these accounts, pairs of a probe and a view are compared in full where at most this many of the 64 bits differ.
IN_REACH = 16

# By view, the lookouts: probes by their place in the list. Chosen greedily on development people, each the one that
# brings most copies in sight that none before it does (python -m benchmarks.sweep_recall --choose).
LOOKOUTS: Mapping[str, tuple[int, ...]] = {
    "whole": (
        *(0, 1, 3, 17, 19, 20, 31, 33, 65, 72, 73, 81, 83, 84, 86, 87, 88, 100, 103, 118, 121, 129),
        *(137, 139, 144, 162, 166, 172, 177, 181, 189, 199, 200, 205, 207, 216, 219, 221, 223, 232, 234, 255, 320, 324),
    ),
    "center": (3, 6, 7, 8, 22),
    "core": (7, 8, 23, 49, 149, 215, 222, 286, 296),
    "square": (11, 35, 72, 106, 109, 111, 113, 115, 149, 163, 200, 201, 216, 224, 270, 333),
    "top": (35, 59, 99, 102, 149, 223),
}


@lru_cache(maxsize=1)
def farthest() -> int:
    """The largest distance of a pair that can speak for a copy: by the weights of `matchers.photos`."""
    pairs = [
        Match(distance, probe, view)
        for distance in range(BITS)
        for view, probe in (("whole", 0), ("whole", PROBES.index("crop 75%")), ("center", 0))
    ]
    return max(pair.distance for pair in pairs for fine in (True, False) if weigh_match(pair, fine=fine) > 0)


def lookouts(view: str, probes: int) -> tuple[int, ...]:
    """The lookouts of a view for so many probes; all of them where the list is not as long as the scheme's."""
    if probes == len(PROBES):
        return LOOKOUTS[view]
    return tuple(range(min(REACH[view], probes)))
