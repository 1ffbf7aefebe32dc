"""How common a name is: per part, and as a whole."""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from matchers.name_parts import parse_name
from matchers.name_words import load_words
from matchers.world import World

# The census counts in hundred-thousandths; beyond 17 bits (1 in 131,072) a name is simply rare.
MAX_BITS = 17.0
MIN_BITS = 4.5
PARTICLE_BITS = 1.5
_PER = 100_000
# One person in ten bears a name that the census tables leave out. Abroad it may be common, so this is a guess between
# "nobody here" and "everybody there".
_UNLISTED_GIVEN = 3e-5
_UNLISTED_SURNAME = 5e-6
# Given name and surname are not independent, and the tables are those of one country: the true number lies within this
# factor of the estimate, and within the square or the cube of it where one or two parts are not in the tables.
_SPREAD = 3.0


class Frequency(NamedTuple):
    """The share of people who bear a name as their given name, and as their surname."""

    given: float
    surname: float


@dataclass(frozen=True, slots=True)
class Sharers:
    """How many people are likely to share a name, and between which numbers that is likely to lie."""

    estimate: int
    low: int
    high: int


@lru_cache(maxsize=1)
def load_frequencies() -> dict[str, Frequency]:
    """Read the census table once (data/README.md says where it comes from)."""
    packed = files("matchers").joinpath("data/name_frequencies.tsv.gz").read_bytes()
    rows = (line.split("\t") for line in gzip.decompress(packed).decode("ascii").splitlines()[1:])
    return {name: Frequency(float(given) / _PER, float(surname) / _PER) for name, given, surname in rows}


@lru_cache(maxsize=20_000)
def _census_share(part: str) -> float:
    """Share of a part among all name parts: half are given names, half surnames."""
    known = load_frequencies().get(part)
    return (known.given + known.surname) / 2 if known else 0.0


@lru_cache(maxsize=20_000)
def _census_bits(part: str) -> float:
    return _to_bits(_census_share(part))


def _to_bits(share: float) -> float:
    return MAX_BITS if share <= 2.0**-MAX_BITS else max(MIN_BITS, -math.log2(share))


def part_bits(part: str, world: World) -> float:
    """Say how many bits it tells that somebody bears this name part: -log2 of its frequency, 4.5 to 17.

    The census is mixed half and half with `world.name_counts`, where given. Particles ("van", "al") tell 1.5.
    """
    if part in load_words().particles:
        return PARTICLE_BITS
    return name_bits(part, world)


def name_bits(part: str, world: World) -> float:
    """Do the same for a part that stands where no particle stands ("Van Morrison")."""
    if len(part) == 1:
        return MIN_BITS
    if not world.name_total:
        return _census_bits(part)
    counted = world.name_counts.get(part, 0) / world.name_total
    return _to_bits((_census_share(part) + counted) / 2)


def estimate_sharers(name: str, world: World) -> Sharers:
    """Estimate how many of `world.population` people bear a name: its rarest reading as given name and surname.

    Middle names are ignored, as most people leave them out. A text without a usable name is shared by everybody.
    """
    particles = load_words().particles
    parts = [part.text for part in parse_name(name).parts]
    parts = [part for part in parts if part not in particles and len(part) > 1] or parts
    everybody = world.population
    if not parts:
        return Sharers(everybody, everybody, everybody)
    share, spread = _share_of_people(parts, world)
    expected = everybody * share
    low, high = (min(everybody, _round(x)) for x in (expected / spread, expected * spread))
    return Sharers(min(everybody, _round(expected)), low, max(high, 2))


def _share_of_people(parts: list[str], world: World) -> tuple[float, float]:
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return max(_frequency(first, world)), _SPREAD if first in load_frequencies() else _SPREAD**2
    # "Doe, Jane": whichever order makes the commoner name.
    given, surname = max((first, last), (last, first), key=lambda order: _joint(order[0], order[1], world))
    unlisted = (not _listed(given).given) + (not _listed(surname).surname)
    return _joint(given, surname, world), _SPREAD ** (1 + unlisted)


def _joint(given: str, surname: str, world: World) -> float:
    return _frequency(given, world).given * _frequency(surname, world).surname


def _listed(part: str) -> Frequency:
    return load_frequencies().get(part, Frequency(0.0, 0.0))


def _frequency(part: str, world: World) -> Frequency:
    known = _listed(part)
    given, surname = max(known.given, _UNLISTED_GIVEN), max(known.surname, _UNLISTED_SURNAME)
    if not world.name_total:
        return Frequency(given, surname)
    # A count says how often the part occurs among all parts, not in which place; two parts a person.
    counted = world.name_counts.get(part, 0) / world.name_total
    return Frequency((given + counted) / 2, (surname + counted) / 2)


def _round(number: float) -> int:
    """Round to two digits, and never below one: the subject bears the name."""
    if number < 10:
        return max(1, round(number))
    scale = 10 ** (math.floor(math.log10(number)) - 1)
    return int(round(number / scale) * scale)
