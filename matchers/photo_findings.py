"""What is told of two pictures, whichever hashes they were compared by: the same, alike, different, or everybody's."""

from __future__ import annotations

import math
from collections.abc import Mapping

from matchers.evidence import Finding, Param

# From this many bits on the pictures are called the same; below, alike.
SAME_BITS = 8.0


def discount(bits: float, wearers: int) -> float:
    """The bits in favour that a picture loses because so many unrelated accounts wear it; at most all of them.

    Such a picture was as likely picked up anywhere: n wearers take away the odds of n + 1 to 1.
    """
    return min(math.log2(wearers + 1), bits) if bits > 0 else 0.0


def tell_photo(bits: float, wearers: int, same: tuple[str, str], params: Mapping[str, Param]) -> Finding:
    """Tell what `bits`, a log2 likelihood ratio, say of an avatar that `wearers` unrelated accounts wear.

    `same` is the code and the sentence for where the pictures are the same and little worn.
    """
    code, summary = same
    common = discount(bits, wearers)
    if bits <= 0:
        code, summary = "photo.differs", "The account uses a different photo"
    elif bits < SAME_BITS:
        code, summary = "photo.similar", "The photos look alike, but they may be two different pictures"
    elif common > bits / 2:
        code = "photo.stock"
        summary = f"The photo is the same, but {wearers:,} unrelated accounts use it too, so it says little"
    return Finding(code, round(bits - common, 4), summary, params={**params, "wearers": wearers})
