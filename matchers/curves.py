"""Curves that were counted at some points: straight lines between them, flat beyond the ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

# Points (x, y), x rising.
Curve = Sequence[tuple[float, float]]


def read_off(curve: Curve, x: float) -> float:
    """The height of a curve at `x`; at its first or last point where `x` lies beyond."""
    if x <= curve[0][0]:
        return curve[0][1]
    for (left, value), (right, after) in pairwise(curve):
        if x < right:
            return value + (after - value) * (x - left) / (right - left)
    return curve[-1][1]
