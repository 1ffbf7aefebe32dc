"""The demo corpus: an invented person, the accounts that copy her, those that only seem to, and many strangers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from app.demo.pictures import Draft, Drawing, finish_all
from app.demo.planted import BIO, HANDLE, NAME, OWN_ACCOUNTS, PLATFORM, Planted, draw_photo, plant_all
from app.demo.population import Registry, WireAccount, make_accounts
from app.demo.portraits import encode_jpeg

DEFAULT_DATE = date(2026, 11, 1)
# Shares of strangers with a portrait and with a default avatar; the rest shows no picture.
PORTRAIT_SHARE = 0.6
DEFAULT_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Demo:
    """A subject to scan for and the accounts to import first. `planted` says what ought to be found."""

    name: str
    handle: str
    platform: str
    bio: str
    photo: bytes
    own_accounts: tuple[str, ...]
    planted: tuple[Planted, ...]
    size: int
    seed: int
    today: date

    def accounts(self, workers: int | None = None) -> Iterator[WireAccount]:
        """All accounts in the wire format, the planted ones scattered among the strangers."""
        registry = Registry()
        for plant in self.planted:
            registry.reserve(plant.account["platform"], plant.account["handle"])
        rng = random.Random(f"strangers:{self.seed}")
        strangers = finish_all(draft_strangers(rng, self.size - len(self.planted), registry, self.today), workers)
        yield from _scatter(self.planted, strangers, max(1, self.size // (len(self.planted) + 1)))


def build_demo(seed: int = 1, size: int = 3000, today: date = DEFAULT_DATE) -> Demo:
    """Build the demo of `size` accounts; the same arguments give the same accounts, byte for byte."""
    return Demo(
        name=NAME,
        handle=HANDLE,
        platform=PLATFORM,
        bio=BIO,
        photo=encode_jpeg(draw_photo(), quality=90),
        own_accounts=OWN_ACCOUNTS,
        planted=tuple(plant_all(random.Random(f"planted:{seed}"), today)),
        size=size,
        seed=seed,
        today=today,
    )


def draft_strangers(rng: random.Random, count: int, registry: Registry, today: date) -> Iterator[Draft]:
    """Make up strangers' accounts, with the pictures still to be drawn."""
    for number, (person, account) in enumerate(make_accounts(rng, count, registry, today)):
        chance = rng.random()
        if chance < PORTRAIT_SHARE:
            yield account, Drawing("portrait", f"stranger:{number}:{rng.random()}")
        elif chance < PORTRAIT_SHARE + DEFAULT_SHARE:
            yield account, Drawing("default", f"stranger:{number}:{rng.random()}", person.initials)
        else:
            yield account, None


def _scatter(planted: Sequence[Planted], strangers: Iterator[WireAccount], gap: int) -> Iterator[WireAccount]:
    for plant in planted:
        yield from islice(strangers, gap)
        yield plant.account
    yield from strangers
