"""The nearest pairs of a subject's photo and many avatars at once; the same answers as `matchers.photos.nearest`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matchers.photo_scheme import BITS, IN_SIGHT, LOWEST, PROBES, REACH, SCOUTS
from matchers.photos import Match, match_key, nearest
from matchers.profile import Photo, Subject
from matchers.world import MatchKey

Words = npt.NDArray[np.uint64]

_BYTES = BITS // 8
# With fewer the arrays cost more than they save.
LEAST = 8


def match_photos(subject: Subject, avatars: Iterable[Photo]) -> Mapping[MatchKey, tuple[Match, ...]]:
    """The nearest pair of each of the subject's photos with each avatar, by `match_key`, for `World.photo_matches`.

    Empty where there are too few avatars, or a photo has other probes than the scheme's; they are compared one by one.
    """
    chosen = {match_key(avatar): avatar for avatar in avatars if avatar.views}
    photos = [photo for photo in subject.photos if photo.probes]
    if len(chosen) < LEAST or not photos or any(len(photo.probes) != len(PROBES) for photo in photos):
        return {}
    columns = [_match_all(photo.probes, list(chosen.values())) for photo in photos]
    return dict(zip(chosen, zip(*columns, strict=True), strict=True))


def _match_all(probes: tuple[int, ...], avatars: Sequence[Photo]) -> list[Match]:
    """One match an avatar: strangers from arrays, the rest, of whom a scout is in sight, one by one."""
    words = to_words(probes)
    distance = np.full(len(avatars), BITS + 1)
    probe, seen_in = np.zeros(len(avatars), np.intp), np.full(len(avatars), "", dtype=object)
    strange = np.ones(len(avatars), dtype=np.bool_)
    for view in dict.fromkeys(name for avatar in avatars for name in avatar.views):
        places = np.array([at for at, avatar in enumerate(avatars) if view in avatar.views])
        hashes = to_words([avatars[at].views[view] for at in places])
        if view in SCOUTS:
            scouts = words[list(SCOUTS[view])] & _lowest()
            strange[places] &= _distances(hashes & _lowest(), scouts).min(axis=1) > IN_SIGHT
        reach = 1 if view in SCOUTS else REACH.get(view, 0)
        if not reach:
            continue
        found = _distances(hashes, words[:reach])
        nearer = found.min(axis=1) < distance[places]
        at = places[nearer]
        distance[at], probe[at], seen_in[at] = found.min(axis=1)[nearer], found.argmin(axis=1)[nearer], view
    return [
        Match(int(distance[at]), int(probe[at]), seen_in[at]) if strange[at] else nearest(probes, avatar)
        for at, avatar in enumerate(avatars)
    ]


def to_words(hashes: Sequence[int]) -> Words:
    """Hashes as rows of four words of 64 bits."""
    packed = b"".join([value.to_bytes(_BYTES, "big") for value in hashes])
    return np.frombuffer(packed, np.uint64).reshape(len(hashes), _BYTES // 8)


@lru_cache(maxsize=1)
def _lowest() -> Words:
    return to_words([LOWEST])


def _distances(hashes: Words, probes: Words) -> npt.NDArray[np.int64]:
    """Bits that differ, one row a hash and one column a probe."""
    counts = np.zeros((len(hashes), len(probes)), np.int64)
    for word in range(hashes.shape[1]):
        counts += np.bitwise_count(hashes[:, word, None] ^ probes[None, :, word])
    return counts
