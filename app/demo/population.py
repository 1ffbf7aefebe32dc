"""Made-up people and their accounts: names as frequent as in the census, handles as people write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any

from app.demo.biographies import write_bio
from matchers.name_frequency import load_frequencies

WireAccount = dict[str, Any]

# Platforms with their share of the accounts, the separators a handle may hold there, and its greatest length.
PLATFORMS: dict[str, tuple[float, str, int]] = {
    "x": (0.3, "_", 15),
    "instagram": (0.3, "._", 30),
    "facebook": (0.13, ".", 50),
    "tiktok": (0.1, "._", 24),
    "linkedin": (0.07, "-", 50),
    "threads": (0.05, "._", 30),
    "bluesky": (0.05, "-", 40),
}
_HOSTS = {"bluesky": ".bsky.social"}
_SHORTEST = 4
_FIRST_YEAR = 2008
_TRIES = 20
_ROOM = 10  # letters kept in front of a number: the two fit on every platform


@dataclass(frozen=True, slots=True)
class Person:
    """A name that somebody might bear, in lower-case ASCII."""

    given: str
    surname: str

    @property
    def full(self) -> str:
        """The name as it is usually written."""
        return f"{self.given.title()} {self.surname.title()}"

    @property
    def initials(self) -> str:
        """First letters of given name and surname."""
        return self.given[:1] + self.surname[:1]


@lru_cache(maxsize=1)
def _tables() -> tuple[tuple[str, ...], tuple[float, ...], tuple[str, ...], tuple[float, ...]]:
    rows = sorted(load_frequencies().items())
    given = [(name, share.given) for name, share in rows if share.given and len(name) > 1]
    surnames = [(name, share.surname) for name, share in rows if share.surname and len(name) > 1]
    return (
        tuple(name for name, _ in given),
        tuple(accumulate(share for _, share in given)),
        tuple(name for name, _ in surnames),
        tuple(accumulate(share for _, share in surnames)),
    )


def draw_given(rng: random.Random) -> str:
    """Draw a given name by its frequency."""
    names, sums, _, _ = _tables()
    return rng.choices(names, cum_weights=sums)[0]


def draw_surname(rng: random.Random) -> str:
    """Draw a surname by its frequency."""
    _, _, names, sums = _tables()
    return rng.choices(names, cum_weights=sums)[0]


def draw_person(rng: random.Random) -> Person:
    """Draw a name, given name and surname independently by frequency."""
    return Person(draw_given(rng), draw_surname(rng))


def draw_platform(rng: random.Random) -> str:
    """Draw a platform by its share of the accounts."""
    return rng.choices(tuple(PLATFORMS), [share for share, _, _ in PLATFORMS.values()])[0]


def show_name(rng: random.Random, person: Person) -> str:
    """Write a name as people show it on a profile."""
    given, surname = person.given.title(), person.surname.title()
    ways: tuple[tuple[float, str], ...] = (
        (0.7, f"{given} {surname}"),
        (0.06, f"{given} {rng.choice('ABCDEFGHJKLMNPRSTW')}. {surname}"),
        (0.07, given),
        (0.05, f"{given} {surname}".lower()),
        (0.04, f"{given} {surname[0]}."),
        (0.05, f"{given} {surname} {rng.choice('🌻✨🎸🐶⚽📚🌊')}"),
        (0.03, f"{rng.choice(('Dr.', 'Coach', 'Prof.', 'Chef'))} {given} {surname}"),
    )
    return rng.choices([way for _, way in ways], [weight for weight, _ in ways])[0]


def make_handle(rng: random.Random, person: Person, platform: str) -> str:
    """Make a handle out of a name, within the platform's rules."""
    _, separators, longest = PLATFORMS[platform]
    mark = rng.choice(separators)
    given, surname = person.given, person.surname
    number = rng.choice((str(rng.randint(1950, 2010)), str(rng.randint(1, 99)), str(rng.randint(100, 9999))))
    ways = (
        given + surname,
        given + mark + surname,
        given[0] + surname,
        given[0] + surname + number,
        given + surname + number,
        surname + given,
        given + number,
        given + mark + surname[0] + number,
        given + mark + surname + number,
        write_nickname(rng) + number,
    )
    weights = (14, 14, 9, 10, 15, 4, 9, 6, 9, 10)
    # Whoever finds a handle too long takes a shorter form rather than one that is cut off.
    fitting = [(way, weight) for way, weight in zip(ways, weights, strict=True) if len(way) <= longest]
    return fit_handle(rng.choices([w for w, _ in fitting], [w for _, w in fitting])[0], platform)


def fit_handle(handle: str, platform: str) -> str:
    """Cut a handle to the platform's length, lengthen one that is too short, and add the host where it has one."""
    _, separators, longest = PLATFORMS[platform]
    host = _HOSTS.get(platform, "")
    cut = handle.removesuffix(host)[:longest].strip(separators)
    return cut.ljust(_SHORTEST, "0") + host


def write_nickname(rng: random.Random) -> str:
    """Make up a handle that says nothing about a name."""
    first = rng.choice(("blue", "happy", "night", "lucky", "wild", "tiny", "pixel", "retro", "sunny", "quiet", "iron"))
    second = rng.choice(("fox", "rider", "baker", "owl", "gamer", "runner", "tiger", "coder", "panda", "surfer"))
    return first + second


def draw_date(rng: random.Random, today: date, newest_days: int = 30) -> str:
    """Draw the day an account was made, from 2008 to `newest_days` ago, as ISO 8601."""
    days = (today - date(_FIRST_YEAR, 1, 1)).days - newest_days
    # More accounts are old than new: the platforms grew fastest in their first years.
    return _iso(date(_FIRST_YEAR, 1, 1) + timedelta(days=int(days * rng.betavariate(1.6, 2.2))))


def _iso(day: date) -> str:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).isoformat().replace("+00:00", "Z")


def days_ago(today: date, days: int) -> str:
    """A day some days ago, as ISO 8601."""
    return _iso(today - timedelta(days=days))


class Registry:
    """Hands out handles, each once per platform, and stable ids."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, str]] = set()

    def reserve(self, platform: str, handle: str) -> bool:
        """Take a handle; False when somebody has it."""
        key = (platform, handle.lower().replace(".", "") if platform == "facebook" else handle.lower())
        if key in self._taken:
            return False
        self._taken.add(key)
        return True

    def pick(self, rng: random.Random, platform: str, make: Callable[[], str]) -> str:
        """Make handles until one is free; after many vain tries add a number."""
        for _ in range(_TRIES):
            if self.reserve(platform, handle := make()):
                return handle
        host = _HOSTS.get(platform, "")
        while True:
            numbered = handle.removesuffix(host)[:_ROOM] + str(rng.randint(10, 99_999))
            if self.reserve(platform, handle := fit_handle(numbered, platform)):
                return handle


def make_account(rng: random.Random, person: Person, registry: Registry, today: date) -> WireAccount:
    """Make up an account without a picture, in the wire format."""
    platform = draw_platform(rng)
    account: WireAccount = {
        "platform": platform,
        "handle": registry.pick(rng, platform, lambda: make_handle(rng, person, platform)),
        "account_id": str(rng.randrange(10**8, 10**17)),
        "display_name": show_name(rng, person),
        "bio": write_bio(rng),
        "created_at": draw_date(rng, today),
        "followers": int(rng.lognormvariate(4.6, 1.6)),
        "following": int(rng.lognormvariate(5.2, 1.0)),
        "posts": int(rng.lognormvariate(4.5, 1.8)),
        "source": "demo",
    }
    return {name: value for name, value in account.items() if value is not None}


def make_accounts(
    rng: random.Random, count: int, registry: Registry, today: date
) -> Iterator[tuple[Person, WireAccount]]:
    """Make up accounts of strangers, each with the person behind it."""
    for _ in range(count):
        person = draw_person(rng)
        yield person, make_account(rng, person, registry, today)
