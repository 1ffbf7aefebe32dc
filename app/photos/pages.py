"""A picture on a page: the screenshot of a profile has a small photo on it and letters, which would drown it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# Screens are this much longer than wide, or wider than high; portraits are not.
LEAST_RATIO = 1.6
SIDE = 480  # longer side of the copy that is looked at, pixels
LEAST_WIDTH = 8  # shorter side of that copy, pixels: a thinner strip is no page, and could not even be reduced
FLAT_LEVEL = 0.02  # share of the page from which on a grey level is a ground or its letters
FLAT_SHARE = 0.5  # share of the page that such levels must cover
MIN_SHARE, MAX_SHARE = 0.01, 0.6  # of the page, for what is cut out
_LETTERS = np.ones((3, 3), np.uint8)
_GAPS = np.ones((9, 9), np.uint8)
_NEIGHBOURS = np.ones((1, 5), np.uint8)


def cut_picture(grey: Array) -> Array:
    """Cut the largest photo out of a page, given as grey levels (0..255); anything that is no page stays whole.

    A photo has many grey levels and none of them often; a page has few, each of which covers a lot.
    """
    height, width = grey.shape
    if max(height, width) < LEAST_RATIO * min(height, width):
        return grey
    scale = min(1.0, SIDE / max(height, width))
    if min(height, width) * scale < LEAST_WIDTH:
        return grey
    small = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    mask = _mark_rare_levels(small)
    if mask.mean() > 1 - FLAT_SHARE:
        return grey
    box = _find_largest(mask)
    if box is None:
        return grey
    left, top, right, bottom = (round(edge / scale) for edge in box)
    return grey[top:bottom, left:right]


def _mark_rare_levels(grey: Array) -> Array:
    """1 where the grey level, and those next to it, are rare on the page; thin traces such as letters' edges are 0."""
    counts = np.bincount(grey.ravel(), minlength=256)
    common = (counts > FLAT_LEVEL * grey.size).astype(np.uint8)[None]
    rare = 1 - cv2.dilate(common, _NEIGHBOURS)[0]
    mask = cv2.morphologyEx(rare[grey], cv2.MORPH_OPEN, _LETTERS)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _GAPS))


def _find_largest(mask: Array) -> tuple[int, int, int, int] | None:
    """The box around the largest connected area: left, top, right, bottom; None where it is no part of a page."""
    count, _, areas, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    left, top, width, height, area = (int(value) for value in areas[1 + int(areas[1:, cv2.CC_STAT_AREA].argmax())])
    if not MIN_SHARE <= area / mask.size <= MAX_SHARE:
        return None
    return left, top, left + width, top + height
