"""Is it the same photo? Distances between picture hashes, as a likelihood ratio.

A subject's photo carries many probes (the photo as a cloner might change it), an account's avatar few views; the
nearest pair decides, and which pair it is says what was done to the picture.
"""

from __future__ import annotations

from functools import lru_cache

from matchers.curves import Curve, read_off
from matchers.evidence import Finding
from matchers.photo_exchange import compare_exchange
from matchers.photo_findings import tell_photo
from matchers.photo_scheme import (
    BITS,
    GATE,
    IN_SIGHT,
    LOWEST,
    MIN_SIDE,
    PROBE_PARTS,
    PROBES,
    REACH,
    SCHEME,
    SCOUTS,
    VIEWS,
    Part,
)
from matchers.profile import Account, Photo, Subject
from matchers.world import Match, MatchKey, World

__all__ = ["BITS", "GATE", "MIN_SIDE", "PROBES", "SCHEME", "VIEWS", "Match", "compare_photos", "photo_usable"]

# At this distance or nearer the pictures are the same whatever the other pairs say: the search stops.
CERTAIN = 10

# log2 likelihood ratio by distance, straight lines between the points and flat beyond them. Fitted on development
# people (python -m benchmarks.photo_curves): portraits changed in 55 ways, against other people's portraits and, as
# many, pictures of one studio (same backdrop, pose and camera). Nearer than 48 bits no wrong pair was seen among
# 210,995; the lines go on from there at the slope that the counts had and stop at 26 bits. At 52 bits one was,
# and from there on pictures are called alike, not the same.
# Two framings that are alike, as studio pictures of two people are, say less than one found inside the other. Of small
# pictures, copies are found less near and wrong pairs come as near: their lines are flatter.
_FINE: tuple[Curve, Curve] = (
    ((12, 26.0), (25, 19.0), (35, 13.0), (46, 9.5), (51, 8.0), (54, 6.0), (58, 3.0), (62, 0.5), (70, -2.0), (76, -3.5)),
    (
        (12, 26.0),
        (25, 19.5),
        (35, 15.0),
        (44, 12.5),
        (50, 9.5),
        (52, 7.9),
        (58, 5.2),
        (62, 2.6),
        (70, -0.8),
        (75, -3.5),
    ),
)
_COARSE: tuple[Curve, Curve] = (
    ((12, 25.0), (25, 17.0), (35, 12.0), (46, 8.0), (50, 7.0), (54, 4.5), (58, 2.5), (66, 1.0), (76, -1.6), (88, -3.5)),
    (
        (12, 25.0),
        (25, 18.5),
        (35, 14.0),
        (44, 12.0),
        (50, 9.5),
        (52, 7.9),
        (58, 6.4),
        (62, 4.6),
        (74, -0.2),
        (86, -3.5),
    ),
)
# Where either picture has a shorter side than this many pixels, or an unknown one, the lines of small pictures hold.
FINE_SIDE = 150

# Drawn pictures that pass the gate are alike in their outlines, whatever their colours. So a pair in which one picture
# has this little detail speaks for a copy only when it is this near. Chosen on drawn avatars of development (the set of
# the gate, pydenticon, boring-avatars: gates up to .225, distances from 40 on) at the cost of 1 in 1,584 development
# copies (python -m benchmarks.matching --only defaults).
_SCANT_DETAIL = 0.24
_SCANT_REACH = 35

# Few copies are mirrored, but as many wrong pairs are nearest mirrored as upright.
_MIRRORED_BITS = -2.0
_LEAST_BITS = -3.5

# A view of the inside of an avatar that shows more of the subject's photo than this: the avatar adds something around.
_INSIDE = {"center": 0.75, "core": 0.53}


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
    """Find the nearest pair of a probe and a view; `probes` and `photo.views` must not be empty.

    Most pictures are strangers': they are looked at through a few scouts, and compared with all probes only where one
    of these is in sight (matchers.photo_scheme.SCOUTS).
    """
    best = Match(BITS + 1, 0, "")
    if "whole" in photo.views:
        best = Match((probes[0] ^ photo.views["whole"]).bit_count(), 0, "whole")
        if best.distance <= CERTAIN:
            return best
    whole_list = len(probes) == len(PROBES)
    for name, view in photo.views.items():
        reach = REACH.get(name, 0)
        if whole_list and name in SCOUTS and not _in_sight(probes, view, SCOUTS[name]):
            reach = 1
        distances = list(map(int.bit_count, map(view.__xor__, probes[:reach])))
        distance = min(distances, default=BITS + 1)
        if distance < best.distance:
            best = Match(distance, distances.index(distance), name)
            if distance <= CERTAIN:
                break
    return best


def _in_sight(probes: tuple[int, ...], view: int, scouts: tuple[int, ...]) -> bool:
    """Whether a scout is near in the low frequencies, which change least from one place of a grid to the next."""
    return min([((probes[at] ^ view) & LOWEST).bit_count() for at in scouts]) <= IN_SIGHT


def has_same_framing(match: Match) -> bool:
    """Whether the pair shows (nearly) whole pictures, so that two alike pictures of two people come near too."""
    part = PROBE_PARTS[match.probe]
    return match.view not in _INSIDE and not part.turn and min(part.width, part.height) >= 0.95


def weigh_match(match: Match, *, fine: bool = True) -> float:
    """log2 likelihood ratio of the nearest pair: the same picture, perhaps changed, against another picture.

    `fine` says that both pictures have at least FINE_SIDE pixels a side.
    """
    same, other = _FINE if fine else _COARSE
    value = read_off(same if has_same_framing(match) else other, match.distance)
    return max(value + _MIRRORED_BITS, _LEAST_BITS) if PROBE_PARTS[match.probe].mirrored else value


def match_key(avatar: Photo) -> MatchKey:
    """Under what `World.photo_matches` holds an avatar."""
    return tuple(avatar.views.values())


def weigh_pair(photo: Photo, avatar: Photo, match: Match | None = None) -> tuple[float, Match]:
    """log2 likelihood ratio of a subject's photo and an avatar, with the nearest pair; both must have hashes.

    0 where the pictures are alike and one has too little detail for that to mean anything.
    """
    match = match or nearest(photo.probes, avatar)
    bits = weigh_match(match, fine=min(photo.side or 0, avatar.side or 0) >= FINE_SIDE)
    scant = min(photo.gate, avatar.gate) < _SCANT_DETAIL and match.distance > _SCANT_REACH
    return (min(bits, 0.0) if scant else bits), match


def compare_photos(subject: Subject, account: Account, world: World) -> Finding | None:
    """Compare the subject's photos with the account's avatar; None unless both have a picture that can be evidence."""
    avatar = account.avatar
    if avatar is not None and not avatar.views:
        return compare_exchange([photo for photo in subject.photos if photo_usable(photo)[0]], avatar, world)
    if avatar is None or not photo_usable(avatar)[0]:
        return None
    photos = [photo for photo in subject.photos if photo.probes]
    matches = world.photo_matches.get(match_key(avatar)) or (None,) * len(photos)
    pairs = [pair for pair in zip(photos, matches, strict=True) if photo_usable(pair[0])[0]]
    weighed = [weigh_pair(photo, avatar, match) for photo, match in pairs]
    weighed = [pair for pair in weighed if pair[1].distance <= BITS]
    if not weighed:
        return None
    bits, match = max(weighed)
    if not bits:
        return None
    wearers = world.photo_counts.get(avatar.views.get("whole", -1), 0)
    return _describe(match, bits, wearers)


@lru_cache(maxsize=256)
def _describe(match: Match, bits: float, wearers: int) -> Finding:
    part = PROBE_PARTS[match.probe]
    changed = name_change(part, match.view) if bits > 0 else None
    same = "photo.same", "The account uses the same photo"
    if changed is not None:
        same = "photo.mirrored" if part.mirrored else "photo.altered", f"The account uses the same photo, {changed}"
    return tell_photo(bits, wearers, same, {"distance": match.distance, "changed": changed})


def name_change(part: Part, view: str) -> str | None:
    """Say in a word or two what was done to the picture, from the pair that matched; None when nothing visible."""
    changed = _name_cut(part, view)
    if not part.mirrored:
        return changed
    return f"mirrored and {changed}" if changed else "mirrored"  # said


def _name_cut(part: Part, view: str) -> str | None:
    if view in _INSIDE:
        return "framed" if part.width > _INSIDE[view] else "cut to a circle or edited"  # said
    if part.turn:
        return "turned a little"
    if part.square and part.width < 0.97:
        return "cropped"  # said
    return "stretched" if part.width != part.height else None  # said
