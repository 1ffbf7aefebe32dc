"""The nearest pairs of a subject's photo and many avatars at once; the same answers as `matchers.photos.nearest`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matchers.photo_scheme import BITS, IN_SIGHT, LOWEST, PROBES, REACH, SCOUTS
from matchers.photos import CERTAIN, Match, match_key, nearest
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
    """One match an avatar, as `nearest` finds it."""
    words = to_words(probes)
    best = _Best(len(avatars))
    for view in dict.fromkeys(name for avatar in avatars for name in avatar.views):
        places = np.array([at for at, avatar in enumerate(avatars) if view in avatar.views])
        hashes = to_words([avatars[at].views[view] for at in places])
        if view not in SCOUTS:
            best.take(places, view, _distances(hashes, words[: REACH.get(view, 0)]))
            continue
        near = _distances(hashes & _lowest(), words[list(SCOUTS[view])] & _lowest()).min(axis=1) <= IN_SIGHT
        best.take(places[~near], view, _distances(hashes[~near], words[:1]))
        best.take(places[near], view, _distances(hashes[near], words[: REACH[view]]))
    return [
        Match(*found) if found[0] > CERTAIN else nearest(probes, avatar)
        for found, avatar in zip(best.list_all(), avatars, strict=True)
    ]


def match_subjects(packed: Sequence[bytes], avatar: Photo) -> list[Match]:
    """The nearest pair of each of many subjects' photos, as packed probes, with one avatar, as `nearest` finds it.

    The avatar has views; each photo has the probes of the scheme, or fewer.
    """
    whole = [at for at, probes in enumerate(packed) if len(probes) == len(PROBES) * _BYTES]
    words = np.frombuffer(b"".join([packed[at] for at in whole]), np.uint64).reshape(
        len(whole), len(PROBES), _BYTES // 8
    )
    best = _Best(len(packed))
    for view, value in avatar.views.items():
        places, seen = np.array(whole, np.intp), to_words([value])
        if not places.size:
            break
        if view not in SCOUTS:
            best.take(places, view, _differences(words[:, : REACH.get(view, 0)], seen))
            continue
        near = _differences(words[:, list(SCOUTS[view])] & _lowest(), seen & _lowest()).min(axis=1) <= IN_SIGHT
        best.take(places[~near], view, _differences(words[~near, :1], seen))
        best.take(places[near], view, _differences(words[near, : REACH[view]], seen))
    return [
        Match(*found) if CERTAIN < found[0] <= BITS else nearest(unpack_hashes(packed[at]), avatar)
        for at, found in enumerate(best.list_all())
    ]


class _Best:
    """The nearest pair of each avatar so far. Where one is all but certain, the order of asking decides instead."""

    def __init__(self, size: int) -> None:
        self._distance = np.full(size, BITS + 1)
        self._probe = np.zeros(size, np.intp)
        self._view = [""] * size

    def take(self, places: npt.NDArray[np.intp], view: str, found: npt.NDArray[np.int64]) -> None:
        """Take in the distances of the avatars at some places, one column a probe."""
        if not found.size:
            return
        probe = found.argmin(axis=1)
        distance = found[np.arange(len(found)), probe]
        nearer = distance < self._distance[places]
        at = places[nearer]
        self._distance[at], self._probe[at] = distance[nearer], probe[nearer]
        for place in at:
            self._view[place] = view

    def list_all(self) -> Iterator[tuple[int, int, str]]:
        """Distance, probe and view of each avatar."""
        return zip(self._distance.tolist(), self._probe.tolist(), self._view, strict=True)


def to_words(hashes: Sequence[int]) -> Words:
    """Hashes as rows of four words of 64 bits."""
    return np.frombuffer(pack_hashes(hashes), np.uint64).reshape(len(hashes), _BYTES // 8)


@lru_cache(maxsize=1)
def _lowest() -> Words:
    return to_words([LOWEST])


def _differences(probes: Words, view: Words) -> npt.NDArray[np.int64]:
    """Bits that differ from one hash, one row a photo and one column a probe."""
    counts: npt.NDArray[np.int64] = np.bitwise_count(probes ^ view).sum(axis=2, dtype=np.int64)
    return counts


def pack_hashes(hashes: Sequence[int]) -> bytes:
    """Lay out hashes of 256 bits one after the other."""
    return b"".join([value.to_bytes(_BYTES, "big") for value in hashes])


def unpack_hashes(packed: bytes) -> tuple[int, ...]:
    """Read what `pack_hashes` laid out."""
    return tuple([int.from_bytes(packed[at : at + _BYTES], "big") for at in range(0, len(packed), _BYTES)])


def _distances(hashes: Words, probes: Words) -> npt.NDArray[np.int64]:
    """Bits that differ, one row a hash and one column a probe."""
    counts = np.zeros((len(hashes), len(probes)), np.int64)
    for word in range(hashes.shape[1]):
        counts += np.bitwise_count(hashes[:, word, None] ^ probes[None, :, word])
    return counts
