"""Changed copies of portraits laid over their originals and over other people's: what pixel figures rest on.

Each copy is compared with the portrait it was made of, with the other portraits that are nearest to it by hash, and
with some drawn at random. People of one half only, spread over the cores.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from app.photos.hashing import account_photo, subject_photo
from app.photos.keypoints import Pixels, make_pixels, verify
from benchmarks.people import Half, Legislator, load_people, read_picture
from benchmarks.transforms import TRANSFORMS, transform
from matchers.photos import nearest
from matchers.profile import Photo

# Wrong portraits for each copy: the nearest by hash, and some of the rest.
NEAR = 6
DRAWN = 2


@dataclass(frozen=True, slots=True)
class Laid:
    """One changed copy: how many details agree with its original, with the nearest others, and with drawn others."""

    change: str
    own: int
    near: tuple[int, ...]
    drawn: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Original:
    person: str
    photo: Photo
    pixels: Pixels


def lay_all(data: Path, half: Half, people: int | None = None, changes: Sequence[str] | None = None) -> list[Laid]:
    """Lay the copies of the first `people` of a half over all portraits of that half."""
    chosen = [who.id for who in load_people(data) if who.half == half][:people]
    work = partial(_lay_person, data, half, tuple(changes or TRANSFORMS))
    if len(chosen) < 4:
        return [laid for person in chosen for laid in work(person)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return [laid for rows in pool.map(work, chosen, chunksize=4) for laid in rows]


@lru_cache(maxsize=1)
def _originals(data: Path, half: Half) -> dict[str, _Original]:
    return {who.id: _make_original(who) for who in load_people(data) if who.half == half}


def _make_original(who: Legislator) -> _Original:
    image = read_picture(who.portrait)
    return _Original(who.id, subject_photo(image), make_pixels(image, mirror=True))


def _lay_person(data: Path, half: Half, changes: Sequence[str], person: str) -> list[Laid]:
    return list(_lay_copies(data, half, changes, person))


def _lay_copies(data: Path, half: Half, changes: Sequence[str], person: str) -> Iterator[Laid]:
    originals = _originals(data, half)
    ids = list(originals)
    at = ids.index(person)
    portraits = {who.id: who.portrait for who in load_people(data)}
    image, other = read_picture(portraits[person]), read_picture(portraits[ids[at - 1]])
    rng = np.random.default_rng(at)
    # The other half of a collage is no wrong person.
    wrong = [one for one in originals.values() if one.person not in {person, ids[at - 1]}]
    for change in changes:
        copy = read_picture(io.BytesIO(transform(change, image, rng, other)))
        seen, photo = make_pixels(copy), account_photo(copy)
        by_hash = sorted(wrong, key=lambda one: nearest(one.photo.probes, photo).distance)
        drawn = rng.choice(len(wrong) - NEAR, DRAWN, replace=False) + NEAR
        yield Laid(
            change,
            verify(originals[person].pixels, seen).inliers,
            tuple(verify(one.pixels, seen).inliers for one in by_hash[:NEAR]),
            tuple(verify(by_hash[int(place)].pixels, seen).inliers for place in drawn),
        )
