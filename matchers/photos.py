"""Is it the same photo? Distances between picture hashes, as a likelihood ratio.

A subject's photo carries many probes (the photo as a cloner might change it), an account's avatar few views; the
nearest pair decides, and which pair it is says what was done to the picture.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from matchers.evidence import Finding
from matchers.photo_scheme import BITS, GATE, MIN_SIDE, PROBE_PARTS, PROBES, SCHEME, VIEWS, Part
from matchers.profile import Account, Photo, Subject
from matchers.world import World

__all__ = ["BITS", "GATE", "MIN_SIDE", "PROBES", "SCHEME", "VIEWS", "compare_photos", "photo_usable"]

# Nearer than this the pictures are the same whatever the other pairs say: the search stops.
CERTAIN = 10

# (distance, log2 likelihood ratio); straight lines between.
_CURVE = ((20, 26.0), (60, 15.0), (75, 5.0), (90, -3.5))

_SAME_BITS = 8.0


class Match(NamedTuple):
    """The nearest pair: Hamming distance in bits (0..256), index of the probe, name of the view."""

    distance: int
    probe: int
    view: str


def photo_usable(photo: Photo) -> tuple[bool, str | None]:
    """Whether a picture can be evidence at all, and if not, why, as one sentence."""
    if not photo.views:
        return False, "There is no picture to compare."
    if photo.side is not None and photo.side < MIN_SIDE:
        return False, "The picture is too small to recognise anything by."
    if photo.gate < GATE:
        return False, "The picture is a default avatar or nearly flat, so it proves nothing."
    return True, None


def nearest(probes: tuple[int, ...], photo: Photo) -> Match:
    """Find the nearest pair of a probe and a view; `probes` and `photo.views` must not be empty."""
    best = Match(BITS + 1, 0, "")
    for name, view in photo.views.items():
        distances = [(probe ^ view).bit_count() for probe in probes]
        distance = min(distances)
        if distance < best.distance:
            best = Match(distance, distances.index(distance), name)
            if distance <= CERTAIN:
                break
    return best


def weigh_distance(distance: int) -> float:
    """log2 likelihood ratio of a distance: the same picture, changed, against another picture."""
    left = _CURVE[0]
    if distance <= left[0]:
        return left[1]
    for right in _CURVE[1:]:
        if distance <= right[0]:
            share = (distance - left[0]) / (right[0] - left[0])
            return left[1] + share * (right[1] - left[1])
        left = right
    return left[1]


def compare_photos(subject: Subject, account: Account, world: World) -> Finding | None:
    """Compare the subject's photos with the account's avatar; None unless both have a picture that can be evidence."""
    avatar = account.avatar
    if avatar is None or not photo_usable(avatar)[0]:
        return None
    matches = [nearest(photo.probes, avatar) for photo in subject.photos if photo.probes and photo_usable(photo)[0]]
    if not matches:
        return None
    best = min(matches)
    bits = weigh_distance(best.distance)
    wearers = world.photo_counts.get(avatar.views.get("whole", -1), 0)
    common = math.log2(wearers + 1) if bits > 0 else 0.0
    return _describe(best, bits, min(common, max(bits, 0.0)), wearers)


def _describe(match: Match, bits: float, common: float, wearers: int) -> Finding:
    part = PROBE_PARTS[match.probe] if match.probe < len(PROBE_PARTS) else PROBE_PARTS[0]
    changed = name_change(part, match.view)
    code, summary = "photo.same", "The account uses the same photo."
    if bits < 0:
        code, summary, changed = "photo.differs", "The account uses a different photo.", None
    elif bits < _SAME_BITS:
        code, summary = "photo.similar", "The photos look alike, but they may be two different pictures."
    elif common > bits / 2:
        code = "photo.stock"
        summary = f"The photo is the same, but {wearers} unrelated accounts use it too, so it says little."
    elif changed is not None:
        code = "photo.mirrored" if part.mirrored else "photo.altered"
        summary = f"The account uses the same photo, {changed}."
    return Finding(code, bits - common, summary, params={"distance": match.distance, "changed": changed})


def name_change(part: Part, view: str) -> str | None:
    """Say in a word or two what was done to the picture, from the pair that matched; None when nothing visible."""
    words = ["mirrored"] if part.mirrored else []
    if part.turn:
        words.append("turned")
    elif view == "center":
        words.append("framed" if part.width > 0.75 else "edited")
    elif part.width < 0.97 or part.height < 0.97:
        words.append("cropped")
    return " and ".join(words) or None
