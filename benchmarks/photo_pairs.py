"""Portraits of one half as subjects, changed copies of them, and pictures of other people: what photo figures rest on.

At full size the wrong pairs are the portraits of the half against one another, against the 2014 pictures and against
one changed copy of each other portrait. Reduced, every picture is cropped to 3:4 and made 120 x 160, and the wrong
pairs come from one studio: the 2014 pictures against one another, as they are and changed in seven ways.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from app.photos.hashing import account_photo, subject_photo
from benchmarks.people import Half, Legislator, load_people, read_picture
from benchmarks.transforms import TRANSFORMS, transform
from matchers.profile import Photo

REDUCED = (120, 160)
# The changes of a 2014 picture before it is compared with the other ones.
_STUDIO_CHANGES = 7


@dataclass(frozen=True)
class Shot:
    """One picture as an account wears it: whose it is, what was done to it, and the pixels."""

    person: str
    change: str
    image: Image.Image

    @cached_property
    def photo(self) -> Photo:
        """What an index stores of it."""
        return account_photo(self.image)

    @cached_property
    def subject(self) -> Photo:
        """What a scan makes of it: probes too."""
        return subject_photo(self.image)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Wrong pairs: each of the subjects against each of the strangers who is another person."""

    subjects: Sequence[Shot]
    strangers: Sequence[Shot]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each copy with its subject, made as they are asked for and once, and the wrong pairs, of one half."""

    copies: Iterator[tuple[Shot, Shot]]
    wrong: Wrong


def make_pairs(data: Path, half: Half, *, reduced: bool, people: int | None = None, copied: int = 100) -> Pairs:
    """The pairs of one half; the first `copied` of the first `people` are copied in every way."""
    chosen = [who for who in load_people(data) if who.half == half][:people]
    portraits = [Shot(who.id, "as it is", read_picture(who.portrait)) for who in chosen]
    copies = _copy_all(portraits, copied, reduced=reduced)
    if reduced:
        return Pairs(copies, _studio(chosen))
    older = [Shot(who.id, "2014", read_picture(who.older)) for who in chosen if who.older is not None]
    changed = [_copy_once(shot, "stranger") for shot in portraits]
    return Pairs(copies, Wrong(portraits, [*portraits, *older, *changed]))


def _copy_all(portraits: Sequence[Shot], copied: int, *, reduced: bool) -> Iterator[tuple[Shot, Shot]]:
    for at, shot in enumerate(portraits[:copied]):
        subject = _reduce(shot) if reduced else shot
        for copy in _copy(shot, portraits[at - 1].image):
            yield subject, _reduce(copy) if reduced else copy


def _studio(people: Sequence[Legislator]) -> Wrong:
    older = [Shot(who.id, "2014", read_picture(who.older)) for who in people if who.older is not None]
    square = [Shot(shot.person, shot.change, ImageOps.fit(shot.image, (200, 200))) for shot in older]
    changed = [_copy_once(shot, f"studio {number}") for shot in square for number in range(_STUDIO_CHANGES)]
    return Wrong([_reduce(shot) for shot in older], [_reduce(shot) for shot in (*older, *changed)])


def _seed(text: str) -> np.random.Generator:
    return np.random.default_rng(list(text.encode()))


def _copy(shot: Shot, other: Image.Image) -> Iterator[Shot]:
    rng = _seed(shot.person)
    for name in TRANSFORMS:
        yield Shot(shot.person, name, _open(transform(name, shot.image, rng, other)))


def _copy_once(shot: Shot, seed: str) -> Shot:
    rng = _seed(f"{seed} {shot.person}")
    name = sorted(TRANSFORMS)[rng.integers(len(TRANSFORMS))]
    # The other half of a collage is left empty: it must not show one of the subjects.
    return Shot(shot.person, name, _open(transform(name, shot.image, rng, Image.new("RGB", shot.image.size))))


def _reduce(shot: Shot) -> Shot:
    return Shot(shot.person, shot.change, ImageOps.fit(shot.image, REDUCED, Image.Resampling.LANCZOS))


def _open(file: bytes) -> Image.Image:
    """The picture as intake would see it: transparent parts on white."""
    with Image.open(io.BytesIO(file)) as image:
        if "A" not in image.getbands():
            return image.convert("RGB")
        ground = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
