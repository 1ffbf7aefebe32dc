"""Protected people for the benchmark of checks, and accounts that copy some of them: names as frequent as in life.

A hundred thousand faces cannot be drawn in reasonable time, so that everybody's hashes are those of one of a few
hundred pictures, with the same 37 % of the bits turned over in all of them. That keeps the distances between a picture
and its copies exactly as they are, and those between two people about as far as between two pictures of one studio.

Subjects have handles made of their names. The generator makes its other handles of few words (nightcoder82), and two
people who chose the same would count as a false match, as they do in life, but far more often.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from app.demo.population import Person, draw_person, draw_platform, make_handle, show_name
from app.photos.hashing import account_photo, subject_photo
from app.photos.intake import decode
from app.photos.schemas import photo_to_wire
from app.settings import Settings
from benchmarks.disguises import AFFIXES, disguise, imitate
from benchmarks.transforms import transform
from matchers.profile import Handle, Photo, Subject

Wire = dict[str, Any]
HASHED = 0.85  # of subjects and of accounts have a photo
COPIES = ("jpeg_75", "small_200", "mirror", "crop_15", "off_centre_20", "ring", "frame", "mix_light")

CLONE = "clone: name, lookalike handle, photo changed"
DISGUISED = "clone: disguised name, other handle, photo changed"
REUSE = "photo under another name"
LOOKALIKE = "lookalike handle and name, no photo"
NAMESAKE = "namesake, own photo"
STRANGER = "stranger"
COPYING = (CLONE, DISGUISED, REUSE, LOOKALIKE)


@dataclass(frozen=True, slots=True)
class Protected:
    """A subject with what is needed to copy it: the number of its picture (None: no photo) and the bits turned over."""

    subject: Subject
    person: Person
    picture: int | None
    mask: int


@dataclass(frozen=True, slots=True)
class Checked:
    """An account as it is sent, of which kind it is, and the number of the subject that it copies."""

    kind: str
    wire: Wire
    copies: int | None = None


def draw_mask(rng: random.Random) -> int:
    """256 bits, each set with a chance of 3 in 8."""
    return rng.getrandbits(256) & (rng.getrandbits(256) | rng.getrandbits(256))


def turn_over(photo: Photo, mask: int) -> Photo:
    """The photo with the same bits of every hash turned over."""
    return replace(
        photo,
        views={name: value ^ mask for name, value in photo.views.items()},
        probes=tuple([value ^ mask for value in photo.probes]),
    )


class Faces:
    """A few hundred pictures as hashes: as a subject's photo, as they are worn, and as a cloner changes them."""

    def __init__(self, pictures: Sequence[Image.Image]) -> None:
        self._pictures = pictures
        self._photos = [subject_photo(picture) for picture in pictures]
        self._worn = [account_photo(picture) for picture in pictures]
        self._changed: dict[tuple[int, str], Photo] = {}
        self._settings = Settings()

    def __len__(self) -> int:
        return len(self._pictures)

    def photo(self, number: int) -> Photo:
        """The picture as a subject's photo."""
        return self._photos[number]

    def worn(self, number: int) -> Photo:
        """The picture as an avatar."""
        return self._worn[number]

    def changed(self, number: int, change: str) -> Photo:
        """The picture as an avatar, after a change."""
        if (number, change) not in self._changed:
            picture = self._pictures[number]
            data = transform(change, picture, np.random.default_rng(number), picture)
            self._changed[number, change] = account_photo(decode(data, self._settings))
        return self._changed[number, change]


def draw_protected(rng: random.Random, faces: Faces) -> Protected:
    """One protected person; half of them give a handle with its platform, a fifth several names."""
    person = draw_person(rng)
    names = (
        (person.full, f"{person.given[0].upper()}. {person.surname.title()}") if rng.random() < 0.2 else (person.full,)
    )
    platform = draw_platform(rng)
    handles = (Handle(_make_own_handle(rng, person, platform), platform),) if rng.random() < 0.8 else ()
    picture = rng.randrange(len(faces)) if rng.random() < HASHED else None
    mask = draw_mask(rng)
    photos = () if picture is None else (turn_over(faces.photo(picture), mask),)
    return Protected(Subject(names=names, handles=handles, photos=photos), person, picture, mask)


def _make_own_handle(rng: random.Random, person: Person, platform: str) -> str:
    while True:
        handle = make_handle(rng, person, platform)
        if person.surname in handle or person.given in handle:
            return handle


def draw_account(rng: random.Random, person: Person, name: str | None = None) -> Wire:
    """An account without a picture."""
    platform = draw_platform(rng)
    return {
        "platform": platform,
        "handle": make_handle(rng, person, platform),
        "display_name": name or show_name(rng, person),
        "followers": int(rng.lognormvariate(4.6, 1.6)),
    }


def draw_stranger(rng: random.Random, faces: Faces, person: Person | None = None) -> Wire:
    """Somebody who copies nobody, with a picture of his own."""
    account = draw_account(rng, person or draw_person(rng), person.full if person else None)
    if rng.random() < HASHED:
        wear(account, turn_over(faces.worn(rng.randrange(len(faces))), draw_mask(rng)))
    return account


def wear(account: Wire, photo: Photo) -> None:
    """Give an account an avatar, as hashes."""
    account["avatar"] = {"hashes": photo_to_wire(photo)}


def draw_checked(
    rng: random.Random, people: Mapping[int, Protected], faces: Faces, copying: float
) -> Iterator[Checked]:
    """Accounts without end, of which a share of `copying` copies one of the people."""
    numbers = list(people)
    while True:
        chance = rng.random()
        number = rng.choice(numbers)
        victim = people[number]
        if chance < copying:
            yield draw_copy(rng, number, victim, faces)
        elif chance < copying + 0.05:
            yield Checked(NAMESAKE, draw_stranger(rng, faces, victim.person))
        else:
            yield Checked(STRANGER, draw_stranger(rng, faces))


def draw_copy(rng: random.Random, number: int, victim: Protected, faces: Faces) -> Checked:
    """A copy of a protected person, of a kind that is possible with what that person gave."""
    possible = [LOOKALIKE] if victim.subject.handles and len(victim.subject.handles[0].text) > 3 else []
    if victim.picture is not None:
        possible += [DISGUISED, REUSE, *([CLONE] if possible else [])]
    if not possible:
        return Checked(STRANGER, draw_stranger(rng, faces))
    kind = rng.choice(possible)
    account = draw_account(rng, draw_person(rng))
    if kind in {CLONE, LOOKALIKE}:
        own = victim.subject.handles[0].text
        account["handle"] = imitate(rng, own) if rng.random() < 0.6 else rng.choice(AFFIXES).format(own)
        account["display_name"] = victim.person.full
    elif kind == DISGUISED:
        account["display_name"] = disguise(rng, victim.person.full)
    if kind != LOOKALIKE and victim.picture is not None:
        wear(account, turn_over(faces.changed(victim.picture, rng.choice(COPIES)), victim.mask))
    return Checked(kind, account, number)
