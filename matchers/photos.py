"""Is it the same photo? Distances between picture hashes, as a likelihood ratio.

A subject's photo carries many probes (the photo as a cloner might change it), an account's avatar few views; the
nearest pair decides, and which pair it is says what was done to the picture.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from matchers.evidence import Finding
from matchers.photo_scheme import BITS, GATE, MIN_SIDE, PROBE_PARTS, PROBES, REACH, SCHEME, VIEWS, Part
from matchers.profile import Account, Photo, Subject
from matchers.world import World

__all__ = ["BITS", "GATE", "MIN_SIDE", "PROBES", "SCHEME", "VIEWS", "compare_photos", "photo_usable"]

# At this distance or nearer the pictures are the same whatever the other pairs say: the search stops.
CERTAIN = 10

# log2 likelihood ratio by distance, straight lines between the points and flat beyond them. Fitted on half of the
# people: a portrait changed in 55 ways, against other people's portraits, half of these from one studio (same backdrop,
# pose and camera), whose wrong pairs come as near as 46 bits; resolution made no difference down to 48 pixels. Nearer
# than that one wrong pair in 285,690 was seen, at 36 bits; the lines go on from there to 26 bits and stop.
# Two framings that are alike, as studio pictures of two people are, say less than one found inside the other.
_SAME_FRAMING = ((12, 26.0), (25, 19.0), (35, 12.5), (46, 7.5), (55, 5.0), (62, 2.5), (68, 1.0), (75, -2.0), (84, -3.5))
_OTHER_FRAMING = (
    (12, 26.0),
    (25, 19.5),
    (35, 13.5),
    (46, 10.0),
    (52, 7.5),
    (62, 6.5),
    (67, 4.2),
    (77, 0.0),
    (90, -3.5),
)

# Few copies are mirrored, but as many wrong pairs are nearest mirrored as upright.
_MIRRORED_BITS = -2.0
_LEAST_BITS = -3.5

# From this many bits on the pictures are called the same; below, alike.
SAME_BITS = 8.0


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
    if "whole" in photo.views:
        best = Match((probes[0] ^ photo.views["whole"]).bit_count(), 0, "whole")
        if best.distance <= CERTAIN:
            return best
    for name, view in photo.views.items():
        distances = list(map(int.bit_count, map(view.__xor__, probes[: REACH.get(name, 0)])))
        distance = min(distances, default=BITS + 1)
        if distance < best.distance:
            best = Match(distance, distances.index(distance), name)
            if distance <= CERTAIN:
                break
    return best


def weigh_match(match: Match) -> float:
    """log2 likelihood ratio of the nearest pair: the same picture, perhaps changed, against another picture."""
    part = PROBE_PARTS[match.probe]
    same_framing = match.view != "center" and not part.turn and min(part.width, part.height) >= 0.95
    curve = _SAME_FRAMING if same_framing else _OTHER_FRAMING
    left, value = curve[0]
    for right, after in curve:
        if match.distance <= right:
            share = (match.distance - left) / (right - left) if right > left else 1.0
            value += max(share, 0.0) * (after - value)
            break
        left, value = right, after
    return max(value + _MIRRORED_BITS, _LEAST_BITS) if part.mirrored else value


def compare_photos(subject: Subject, account: Account, world: World) -> Finding | None:
    """Compare the subject's photos with the account's avatar; None unless both have a picture that can be evidence."""
    avatar = account.avatar
    if avatar is None or not photo_usable(avatar)[0]:
        return None
    found = [nearest(photo.probes, avatar) for photo in subject.photos if photo.probes and photo_usable(photo)[0]]
    weighed = [(weigh_match(match), match) for match in found if match.distance <= BITS]
    if not weighed:
        return None
    bits, match = max(weighed)
    wearers = world.photo_counts.get(avatar.views.get("whole", -1), 0)
    # A picture that n unrelated accounts wear was as likely picked up anywhere: it loses the odds of n + 1 to 1.
    common = min(math.log2(wearers + 1), bits) if bits > 0 else 0.0
    return _describe(match, bits, common, wearers)


def _describe(match: Match, bits: float, common: float, wearers: int) -> Finding:
    part = PROBE_PARTS[match.probe]
    changed = name_change(part, match.view)
    code, summary = "photo.same", "The account uses the same photo"
    if bits <= 0:
        code, summary, changed = "photo.differs", "The account uses a different photo", None
    elif bits < SAME_BITS:
        code, summary = "photo.similar", "The photos look alike, but they may be two different pictures"
    elif common > bits / 2:
        code = "photo.stock"
        summary = f"The photo is the same, but {wearers:,} unrelated accounts use it too, so it says little"
    elif changed is not None:
        code = "photo.mirrored" if part.mirrored else "photo.altered"
        summary = f"The account uses the same photo, {changed}"
    params = {"distance": match.distance, "changed": changed, "wearers": wearers}
    return Finding(code, round(bits - common, 4), summary, params=params)


def name_change(part: Part, view: str) -> str | None:
    """Say in a word or two what was done to the picture, from the pair that matched; None when nothing visible."""
    words = ["mirrored"] if part.mirrored else []
    if view == "center":
        words.append("framed" if part.width > 0.75 else "cut to a circle or edited")
    elif part.turn:
        words.append("turned a little")
    elif part.square and part.width < 0.97:
        words.append("cropped")
    elif part.width != part.height:
        words.append("stretched")
    return " and ".join(words) or None
