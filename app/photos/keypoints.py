"""Is one picture inside the other? ORB key points and one affine map between them (docs/decisions/0005-pixels.md).

Far stronger than hashes, and needs the pixels of both pictures. Importing this module loads OpenCV (about 20 MB):
import it where it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from app.photos.pages import cut_picture
from matchers.pixels import SAME_DETAILS, PixelMatch

Array = npt.NDArray[Any]

# Requests are spread over threads already.
cv2.setNumThreads(1)

SIDE = 320  # longer side of the small grey copy, pixels
MIN_SIDE = 64  # ORB leaves out a border of 31 pixels, and cannot halve a strip often enough
POINTS = 500
FAST_STEP = 8  # grey levels by which a corner differs from its surroundings
RATIO = 0.85  # how much nearer the nearest descriptor must be than the second
MISS = 2.0  # pixels by which a point may miss the place the map gives it
TRIES = 800
MIN_MATCHES = 4

# What a cloner's copy can be: neither tiny nor huge, not upside down, not squeezed to a strip, and not all in one spot.
MIN_SCALE, MAX_SCALE = 0.1, 4.0
MAX_TURN = 30.0  # degrees
MAX_STRETCH = 1.7
MIN_SPREAD = 12.0  # pixels, standard deviation on each axis


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Key points of a picture: places (n x 2 pixels) and binary descriptors (n x 32 bytes)."""

    places: Array
    descriptors: Array


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """Key points of a small grey copy of a picture; `mirrored` holds those of the mirror image where made."""

    upright: Points
    mirrored: Points | None = None


def make_pixels(image: Image.Image, *, mirror: bool = False) -> Pixels:
    """Find the key points of a picture; with `mirror` also those of its mirror image, as a subject's photo needs."""
    grey = _shrink(image)
    return Pixels(_find_points(grey), _find_points(np.ascontiguousarray(grey[:, ::-1])) if mirror else None)


def verify(reference: Pixels, candidate: Pixels) -> PixelMatch:
    """Lay the subject's photo over an avatar, upright and mirrored if made with `mirror`; the better counts."""
    possible = min(len(reference.upright.places), len(candidate.upright.places))
    inliers = _count_agreeing(reference.upright, candidate.upright)
    if inliers < SAME_DETAILS and reference.mirrored is not None:
        mirrored = _count_agreeing(reference.mirrored, candidate.upright)
        if mirrored > inliers:
            return PixelMatch(mirrored, mirrored=True, possible=possible)
    return PixelMatch(inliers, possible=possible)


def verify_best(references: Iterable[Pixels], candidate: Pixels) -> PixelMatch:
    """Lay each of a subject's photos, at least one, over an avatar; the one with the most details that agree counts."""
    return max((verify(reference, candidate) for reference in references), key=lambda match: match.inliers)


def _shrink(image: Image.Image) -> Array:
    grey = cut_picture(np.asarray(image if image.mode == "L" else image.convert("L")))
    scale = SIDE / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR))


def _find_points(grey: Array) -> Points:
    none = Points(np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
    if min(grey.shape) < MIN_SIDE:
        return none
    orb: Any = cv2.ORB.create(nfeatures=POINTS, fastThreshold=FAST_STEP)
    found, descriptors = orb.detectAndCompute(grey, None)
    if descriptors is None:
        return none
    return Points(np.array([point.pt for point in found], np.float32), descriptors)


def _count_agreeing(reference: Points, candidate: Points) -> int:
    """Count the places that one believable map carries from one picture into the other; 0 where there is none."""
    if min(len(reference.places), len(candidate.places)) < MIN_MATCHES:
        return 0
    engine: Any = cv2
    far, which = engine.batchDistance(
        reference.descriptors, candidate.descriptors, cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2
    )
    clear = far[:, 0] < RATIO * far[:, 1]
    if clear.sum() < MIN_MATCHES:
        return 0
    there, here = reference.places[clear], candidate.places[which[clear, 0]]
    engine.setRNGSeed(0)
    matrix, inside = engine.estimateAffine2D(
        there, here, method=cv2.RANSAC, ransacReprojThreshold=MISS, maxIters=TRIES, confidence=0.99
    )
    if matrix is None or not _is_believable(matrix[:, :2]):
        return 0
    agreeing = inside.ravel().astype(bool)
    if there[agreeing].std(axis=0).min() < MIN_SPREAD:
        return 0
    # Several points of one corner, at different sizes, are one detail.
    return min(len(np.unique(places[agreeing].round(), axis=0)) for places in (there, here))


def _is_believable(linear: Array) -> bool:
    scale = float(np.hypot(linear[0, 0], linear[1, 0]))
    turn = float(np.degrees(np.arctan2(linear[1, 0], linear[0, 0])))
    long, short = np.linalg.svd(linear, compute_uv=False)
    upright = MIN_SCALE < scale < MAX_SCALE and abs(turn) <= MAX_TURN and np.linalg.det(linear) > 0
    return bool(upright and long <= MAX_STRETCH * short)
