"""What is planted around one scanned person: six clones, and the accounts that only resemble him or her."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from PIL import Image

from app.demo.biographies import write_bio
from app.demo.pictures import Draft, Drawing, wear
from app.demo.population import (
    Person,
    Registry,
    WireAccount,
    draw_date,
    draw_given,
    draw_person,
    draw_platform,
    draw_surname,
    fit_handle,
    make_handle,
)
from benchmarks.disguises import AFFIXES, disguise, imitate
from benchmarks.people import Legislator, read_picture
from benchmarks.transforms import transform

REENCODED = "re-encoded, lookalike handle"
MIRRORED = "mirrored, digits"
CROPPED = "cropped 15 %, affix"
RINGED = "ring or frame, homoglyph name"
OTHER_NAME = "photo under another name"
WITHOUT_PHOTO = "lookalike without photo"
NAMESAKE = "namesake"
RELATIVE = "relative"
PARODY = "declared parody"
OWN_LISTED = "own account, listed"
OWN_UNLISTED = "own account, unlisted"
SIMILAR = "default avatar, similar name"

# Kinds of planted accounts with the verdict that is right for each.
CLONES: dict[str, str | None] = {
    REENCODED: "clone",
    MIRRORED: "clone",
    CROPPED: "clone",
    RINGED: "clone",
    OTHER_NAME: "photo_reuse",
    WITHOUT_PHOTO: "lookalike",
}
OTHERS: dict[str, str | None] = {
    NAMESAKE: "namesake",
    RELATIVE: "unrelated",
    PARODY: "fan_or_parody",
    OWN_LISTED: "own_account",
    # Nobody can tell a person's own second account from a clone: the figure is told, no verdict is right.
    OWN_UNLISTED: None,
    SIMILAR: "unrelated",
}
RIGHT_VERDICTS = CLONES | OTHERS
_EACH = 4  # namesakes and relatives a person


@dataclass(frozen=True, slots=True)
class Label:
    """What an account of the index is: whose plant and of which kind, or a stranger's; and its picture.

    `picture` is "real", "drawn", "default" or "none".
    """

    kind: str
    picture: str
    person: str | None = None


Labelled = tuple[Draft, Label]


class Faces:
    """Real faces of people who are not scanned, each used once and spread evenly; drawn faces in between."""

    def __init__(self, files: list[Path], uses: int) -> None:
        self._files = files
        self._share = min(1.0, len(files) / uses) if uses else 0.0

    def take(self, rng: random.Random, seed: str) -> Path | Drawing:
        """The next face."""
        if self._files and rng.random() < self._share:
            return self._files.pop()
        return Drawing("portrait", seed)


@dataclass(frozen=True, slots=True)
class Planter:
    """Plants the accounts around people; `registry` keeps handles unique over the whole index."""

    registry: Registry
    faces: Faces
    today: date
    seed: int

    def plant(self, who: Legislator) -> Iterator[Labelled]:
        """Plant everything around one person."""
        rng = random.Random(f"plants:{self.seed}:{who.id}")
        image = read_picture(who.portrait)
        yield from self._plant_clones(who, rng, image)
        yield from self._plant_lookalike(who, rng)
        for number in range(_EACH):
            yield self._plant_face(who, rng, f"{NAMESAKE}:{number}", who.person, who.name)
        for number in range(_EACH):
            relative = _draw_relative(rng, who)
            shown = f"{relative.given.title()} {who.name.split()[-1]}"
            yield self._plant_face(who, rng, f"{RELATIVE}:{number}", relative, shown)
        yield self._plant_similar(who, rng)
        yield from self._plant_declared(who, rng, image)

    def describe(self, rng: random.Random, platform: str, handle: str, name: str) -> WireAccount:
        """An account without a picture; dates and counts are drawn alike for all, so that they betray nobody."""
        account: WireAccount = {
            "platform": platform,
            "handle": handle,
            "account_id": str(rng.randrange(10**8, 10**17)),
            "display_name": name,
            "bio": write_bio(rng),
            "created_at": draw_date(rng, self.today),
            "followers": int(rng.lognormvariate(4.6, 1.6)),
            "source": "benchmark",
        }
        return {field: value for field, value in account.items() if value is not None}

    def _found(self, rng: random.Random, platform: str, make: Callable[[], str], name: str) -> WireAccount:
        """An account under the first free handle that `make` makes."""
        handle = self.registry.pick(rng, platform, lambda: fit_handle(make(), platform))
        return self.describe(rng, platform, handle, name)

    def _plant_clones(self, who: Legislator, rng: random.Random, image: Image.Image) -> Iterator[Labelled]:
        stranger, platform = draw_person(rng), draw_platform(rng)
        handle = who.handle
        plans = (
            (REENCODED, _roomy(handle), lambda: imitate(rng, handle), who.name, "jpeg_75"),
            (MIRRORED, "instagram", lambda: f"{handle}{rng.randint(1, 9999)}", who.name, "mirror"),
            (CROPPED, "tiktok", lambda: rng.choice(AFFIXES).format(handle), who.name, "crop_15"),
            (
                RINGED,
                "facebook",
                lambda: make_handle(rng, who.person, "facebook"),
                disguise(rng, who.name),
                _border(rng),
            ),
            (OTHER_NAME, platform, lambda: make_handle(rng, stranger, platform), stranger.full, "small_200"),
        )
        noise = np.random.default_rng(rng.getrandbits(32))
        for kind, site, make, name, change in plans:
            account = self._found(rng, site, make, name)
            yield (wear(account, transform(change, image, noise, image)), None), Label(kind, "real", who.id)

    def _plant_lookalike(self, who: Legislator, rng: random.Random) -> Iterator[Labelled]:
        account = self._found(rng, _roomy(who.handle), lambda: imitate(rng, who.handle), who.name)
        if rng.random() < 0.5:
            yield (account, None), Label(WITHOUT_PHOTO, "none", who.id)
        else:
            drawing = Drawing("default", f"lookalike:{who.id}", who.person.initials)
            yield (account, drawing), Label(WITHOUT_PHOTO, "default", who.id)

    def _plant_face(self, who: Legislator, rng: random.Random, what: str, person: Person, name: str) -> Labelled:
        platform = draw_platform(rng)
        account = self._found(rng, platform, lambda: make_handle(rng, person, platform), name)
        face, kind = self.faces.take(rng, f"{who.id}:{what}"), what.partition(":")[0]
        if isinstance(face, Drawing):
            return (account, face), Label(kind, "drawn", who.id)
        return (wear(account, face.read_bytes()), None), Label(kind, "real", who.id)

    def _plant_similar(self, who: Legislator, rng: random.Random) -> Labelled:
        """Given name or surname agrees, the other does not; the picture says nothing."""
        same_given = Person(who.person.given, draw_surname(rng))
        similar = same_given if rng.random() < 0.5 else _draw_relative(rng, who)
        platform = draw_platform(rng)
        account = self._found(rng, platform, lambda: make_handle(rng, similar, platform), similar.full)
        drawing = Drawing("default", f"similar:{who.id}", similar.initials)
        return (account, drawing), Label(SIMILAR, "default", who.id)

    def _plant_declared(self, who: Legislator, rng: random.Random, image: Image.Image) -> Iterator[Labelled]:
        noise = np.random.default_rng(rng.getrandbits(32))
        same = transform("jpeg_75", image, noise, image)
        name = rng.choice(("{} (Parody)", "Not {}", "{} Parody Account", "{} fan page")).format(who.name)
        handle = rng.choice(("not{}", "{}parody", "fake{}")).format(who.handle[:9])
        yield (wear(self._found(rng, "x", lambda: handle, name), same), None), Label(PARODY, "real", who.id)
        # Its handle was reserved for it before anything was planted.
        listed = self.describe(rng, "x", who.handle, who.name)
        # Dates are drawn alike for all, so a copy may seem older than the original; the judgement is not told.
        listed.pop("created_at", None)
        yield (wear(listed, same), None), Label(OWN_LISTED, "real", who.id)
        second = self._found(rng, "instagram", lambda: who.handle, who.name)
        picture = who.older.read_bytes() if who.older and rng.random() < 0.5 else same
        yield (wear(second, picture), None), Label(OWN_UNLISTED, "real", who.id)


def own_account(who: Legislator) -> str:
    """The address of the account that a person lists as his or her own."""
    return f"https://x.com/{who.handle}"


def _border(rng: random.Random) -> str:
    return rng.choice(("ring", "frame"))


def _roomy(handle: str) -> str:
    """A platform where an imitation of the handle fits: one letter more."""
    return "x" if len(handle) < 15 else "instagram"


def _draw_relative(rng: random.Random, who: Legislator) -> Person:
    given = draw_given(rng)
    while given == who.person.given:
        given = draw_given(rng)
    return Person(given, who.person.surname)
