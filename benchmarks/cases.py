"""Accounts around a real person by the committed mix of cases: clones, namesakes, relatives, strangers."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from app.demo.population import Person, draw_given, draw_person, make_handle
from app.photos.hashing import account_photo, subject_photo
from benchmarks.attacks import HANDLE_ATTACKS, NAME_ATTACKS, attack_all
from benchmarks.people import Legislator, read_picture
from benchmarks.transforms import TRANSFORMS, transform
from matchers.profile import Account, Handle, Photo, Subject

MIX = Path(__file__).with_name("data") / "case_mix.csv"
PLATFORM = "instagram"
_WITHOUT_PICTURE = 0.4


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the mix; see benchmarks/data/README.md."""

    name: str
    clone: bool
    weight: float
    sampled: int
    shown: str
    handle: str
    picture: str


@dataclass(frozen=True, slots=True)
class Planted:
    """An account that was made for a person, with the case that it stands for."""

    subject: Subject
    account: Account
    case: Case


def read_mix() -> tuple[Case, ...]:
    """The committed mix."""
    with MIX.open(encoding="utf-8", newline="") as file:
        return tuple(
            Case(
                row["case"],
                row["clone"] == "yes",
                float(row["weight"]),
                int(row["sampled"]),
                row["name"],
                row["handle"],
                row["picture"],
            )
            for row in csv.DictReader(file)
        )


def plant(who: Legislator, mix: Sequence[Case], others: Sequence[Photo]) -> Iterator[Planted]:
    """Everything around one person; `others` are portraits of other people, as accounts wear them."""
    rng = random.Random(f"cases:{who.id}")
    image = read_picture(who.portrait)
    subject = Subject((who.name,), (Handle(who.handle, "x"),), (subject_photo(image),))
    maker = _Maker(rng, who, image, others)
    for case in mix:
        for _ in range(case.sampled):
            yield Planted(subject, maker.make(case), case)


@dataclass(frozen=True, slots=True)
class _Maker:
    rng: random.Random
    who: Legislator
    image: Image.Image
    others: Sequence[Photo]

    def make(self, case: Case) -> Account:
        shown, person = self._name(case.shown)
        return Account(PLATFORM, self._handle(case.handle, person), display_name=shown, avatar=self._wear(case.picture))

    def _name(self, how: str) -> tuple[str, Person]:
        rng, who = self.rng, self.who
        match how:
            case "same":
                return who.name, who.person
            case "attacked":
                return rng.choice(list(attack_all(rng, who.name, NAME_ATTACKS)))[1], who.person
            case "relative":
                given = next(name for name in iter(lambda: draw_given(rng), None) if name != who.person.given)
                return f"{given.title()} {who.name.partition(',')[0].split()[-1]}", Person(given, who.person.surname)
            case _:
                person = draw_person(rng)
                return person.full, person

    def _handle(self, how: str, person: Person) -> str:
        rng = self.rng
        match how:
            case "attacked":
                return rng.choice(list(attack_all(rng, self.who.handle, HANDLE_ATTACKS)))[1]
            case "from name":
                return make_handle(rng, self.who.person, PLATFORM)
            case "own":
                return make_handle(rng, person, PLATFORM)
            case _:
                return make_handle(rng, draw_person(rng), PLATFORM)

    def _wear(self, how: str) -> Photo | None:
        rng = self.rng
        if how == "changed":
            return self._change(rng.choice(sorted(TRANSFORMS)))
        if how == "none" or (how == "mostly other" and rng.random() < _WITHOUT_PICTURE):
            return None
        return rng.choice(self.others)

    def _change(self, way: str) -> Photo:
        noise: Any = np.random.default_rng(self.rng.getrandbits(32))
        return account_photo(read_picture(io.BytesIO(transform(way, self.image, noise, self.image))))
