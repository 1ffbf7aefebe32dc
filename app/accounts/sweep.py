"""A subject's photo against every stored picture: finds heavily changed copies whatever the account calls itself.

Keys find what differs little (`matchers.keys`); this reads all there is, in three steps that each leave few accounts to
the next (`matchers.photo_sweep`): a few lookouts against the low word of every view; every probe against the low words
of the accounts in sight; the whole hashes of the pairs that are near there. Plain NumPy on arrays that stay in the
processor's cache; it lets other threads run meanwhile.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from app.accounts.hash_file import SHAPES, Block, Ids, Words, split_hashes
from app.photos.matching import pack_hashes
from matchers.photo_findings import SAME_BITS
from matchers.photo_scheme import BITS, REACH, VIEWS
from matchers.photo_sweep import IN_REACH, IN_SIGHT, farthest, lookouts
from matchers.photos import Match, photo_usable, weigh_match
from matchers.profile import Photo

# Accounts whose words are compared at a time: with the results they fill a third of a megabyte.
STRIP = 16_384
# Accounts in sight that are compared with all probes at a time.
_GROUP = 256
# Beyond this many times what is wanted, the farther finds are dropped on the way.
_SPARE = 8

Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Near:
    """A stored account and the nearest pair of a probe and one of its views."""

    row_id: int
    match: Match


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found, what promises most first.

    `left_out` counts accounts beyond the wanted number that may wear the same photo. Where the time was over before all
    accounts were compared, `compared` is less than `total`.
    """

    found: list[Near]
    left_out: int
    compared: int
    total: int


@dataclass(frozen=True, slots=True)
class _Look:
    """The probes for one view: the words of the lookouts, and of all probes the words and the rests (probes, 3)."""

    scouts: Words
    words: Words
    rests: Words


@dataclass(frozen=True, slots=True)
class _Finds:
    """Pairs that are near, one an account and photo: row ids, distances, probes, views by their place in `VIEWS`."""

    ids: Ids
    distances: Numbers
    probes: Numbers
    views: Numbers

    def nearest(self) -> _Finds:
        """The nearest pair of each account, nearest first; of equals the first probe of the first view."""
        order = np.lexsort((self.probes, self.views, self.distances))
        _, first = np.unique(self.ids[order], return_index=True)
        return self.pick(order[np.sort(first)])

    def pick(self, chosen: Numbers) -> _Finds:
        """Some of them."""
        return _Finds(self.ids[chosen], self.distances[chosen], self.probes[chosen], self.views[chosen])


class Sweep:
    """The sweep for one subject's photos; `stop` may be set from any thread and ends it early."""

    def __init__(self, photos: Iterable[Photo], limit: int, stop: threading.Event | None = None) -> None:
        usable = [photo for photo in photos if photo.probes and photo_usable(photo)[0]]
        self._looks = [_look(photo.probes) for photo in usable]
        self._limit = limit
        self._stop = stop or threading.Event()

    @property
    def has_photos(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._looks)

    def run(self, blocks: Sequence[Block], seconds: float) -> Swept:
        """Compare all accounts, the newest first, for at most so many seconds."""
        until = time.monotonic() + seconds
        strips = [
            block.cut(at, at + STRIP) for block in reversed(blocks) for at in reversed(range(0, len(block.ids), STRIP))
        ]
        total = sum(len(strip.ids) for strip in strips)
        if not self._looks:
            return Swept([], 0, 0, total)
        compared, finds = 0, _join([])
        for part in self._search(strips, until):
            if part is not None:
                compared += part[0]
                finds = _join([finds, part[1]]) if len(part[1].ids) else finds
                if len(finds.ids) > _SPARE * self._limit + STRIP:
                    break
        return self._choose(finds, compared, total)

    def _search(self, strips: Sequence[Block], until: float) -> Iterator[tuple[int, _Finds] | None]:
        if len(strips) <= 2:
            yield from (self._search_strip(strip, until) for strip in strips)
        else:
            yield from _threads().map(lambda strip: self._search_strip(strip, until), strips)

    def _search_strip(self, strip: Block, until: float) -> tuple[int, _Finds] | None:
        """How many accounts were compared and what was found; None where there was no time left."""
        if self._stop.is_set() or time.monotonic() >= until:
            return None
        finds = [self._search_photo(strip, looks) for looks in self._looks]
        return len(strip.ids), _join(finds).nearest()

    def _search_photo(self, strip: Block, looks: Sequence[_Look]) -> _Finds:
        seen = np.flatnonzero(_least_distance(strip, looks) <= IN_SIGHT)
        seen = seen[strip.ids[seen] > 0]
        groups = [seen[at : at + _GROUP] for at in range(0, len(seen), _GROUP)]
        return _join([_compare_all(strip, group, looks) for group in groups if not self._stop.is_set()])

    def _choose(self, finds: _Finds, compared: int, total: int) -> Swept:
        best = finds.nearest()
        found = [
            Near(int(row), Match(int(distance), int(probe), VIEWS[view]))
            for row, distance, probe, view in zip(
                *(part[: _SPARE * self._limit] for part in (best.ids, best.distances, best.probes, best.views)),
                strict=True,
            )
        ]
        found.sort(key=lambda near: (-weigh_match(near.match), near.match.distance, -near.row_id))
        beyond = found[self._limit :]
        same = sum(weigh_match(near.match) >= SAME_BITS for near in beyond)
        # Those that were dropped on the way are farther than all of these.
        more = len(best.ids) - len(found) if same == len(beyond) else 0
        return Swept(found[: self._limit], same + more, compared, total)


def finds_picture(photos: Sequence[Photo], avatar: Photo) -> bool:
    """Whether a sweep for these photos would find an account that wears this picture."""
    sweep = Sweep(photos, 1)
    views = next((shape for shape in SHAPES if set(shape) == avatar.views.keys()), None)
    if views is None or not sweep.has_photos:
        return False
    packed = np.frombuffer(pack_hashes([avatar.views[view] for view in views]), np.uint8)
    words, rests = split_hashes(packed.reshape(len(views), BITS // 8))
    block = Block(SHAPES.index(views), np.array([1]), words[:, None], rests[:, None])
    return bool(sweep.run([block], 1.0).found)


@cache
def _threads() -> ThreadPoolExecutor:
    """Shared by all sweeps of a process."""
    return ThreadPoolExecutor(min(4, os.cpu_count() or 1), "sweep")


def _look(probes: tuple[int, ...]) -> tuple[_Look, ...]:
    packed = np.frombuffer(pack_hashes(probes), np.uint8)
    words, rests = split_hashes(packed.reshape(len(probes), BITS // 8))
    found = []
    for view in VIEWS:
        reach = min(REACH[view], len(probes))
        scouts = words[list(lookouts(view, len(probes)))]
        found.append(_Look(scouts, words[:reach], rests[:reach]))
    return tuple(found)


def _least_distance(strip: Block, looks: Sequence[_Look]) -> npt.NDArray[np.uint8]:
    """Of each account the least distance of a lookout and the low word of a view."""
    size = len(strip.ids)
    least = np.full(size, 255, np.uint8)
    differing, counts = np.empty(size, np.uint64), np.empty(size, np.uint8)
    for words, view in zip(strip.words, SHAPES[strip.shape], strict=True):
        for scout in looks[VIEWS.index(view)].scouts:
            np.bitwise_xor(words, scout, out=differing)
            np.bitwise_count(differing, out=counts)
            np.minimum(least, counts, out=least)
    return least


def _compare_all(strip: Block, group: Numbers, looks: Sequence[_Look]) -> _Finds:
    """The nearest pair of each account of a group, for those that have a pair near enough to speak for a copy."""
    found = []
    for at, view in enumerate(SHAPES[strip.shape]):
        place = VIEWS.index(view)
        look = looks[place]
        near_words = np.bitwise_count(strip.words[at, group][:, None] ^ look.words)
        rows, probes = np.nonzero(near_words <= IN_REACH)
        rest = np.bitwise_count(strip.rests[at, group[rows]] ^ look.rests[probes]).sum(axis=1, dtype=np.intp)
        distances = near_words[rows, probes] + rest
        near = np.flatnonzero(distances <= farthest())
        ids = strip.ids[group[rows[near]]]
        found.append(_Finds(ids, distances[near], probes[near], np.full(len(near), place)))
    return _join(found).nearest()


def _join(finds: Sequence[_Finds]) -> _Finds:
    if len(finds) == 1:
        return finds[0]
    empty = np.empty(0, np.intp)
    columns = ([getattr(one, name) for one in finds] for name in ("distances", "probes", "views"))
    ids = np.concatenate([np.empty(0, np.int64), *(one.ids for one in finds)])
    return _Finds(ids, *(np.concatenate([empty, *column]) for column in columns))
