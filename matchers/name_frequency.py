"""How common a name is: per part, and as a whole."""

from __future__ import annotations

import gzip
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from matchers.name_parts import Part, parse_name
from matchers.name_regions import ENGLISH, Frequency, find_regions, load_regions
from matchers.name_spellings import latin_spellings
from matchers.name_words import load_words
from matchers.world import World

# The census counts in hundred-thousandths; beyond 17 bits (1 in 131,072) a name is simply rare.
MAX_BITS = 17.0
MIN_BITS = 4.5
PARTICLE_BITS = 1.5
_PER = 100_000
# How many people took one of their names from another region than the other: "Maria Wang".
_ABROAD = 0.01
# Given name and surname are not independent within a region either, and the lists are short: the true number lies
# within this factor of the estimate, and within the square or the cube of it where one or two parts are unlisted.
_SPREAD = 3.0
# The share of people who bear a name that is listed nowhere.
_RARE = 5e-6


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


@lru_cache(maxsize=1_500)
def _usual_share(part: str) -> float:
    """Share of a part among all name parts, half given names, half surnames: in the world or among English names.

    The greater of the two: a name tells little wherever it is common, and a subject is compared with neighbours.
    """
    english, world = load_frequencies().get(part), _worldwide(part)
    return max((known.given + known.surname) / 2 for known in (english, world) if known)


def _worldwide(part: str) -> Frequency:
    """Average a name's shares over the regions."""
    found = [(load_regions().regions[code].weight, known) for code, known in _find(part).items()]
    given, surname = (sum(weight * known[place] for weight, known in found) for place in (0, 1))
    return Frequency(given, surname)


@lru_cache(maxsize=500)
def _find(part: str) -> Mapping[str, Frequency]:
    """Look a name up in every region."""
    english = load_frequencies().get(part)
    return {**find_regions(part), ENGLISH: english} if english else find_regions(part)


@lru_cache(maxsize=1_500)
def _usual_bits(part: str) -> float:
    return _to_bits(_usual_share(part))


def _to_bits(share: float) -> float:
    return MAX_BITS if share <= 2.0**-MAX_BITS else max(MIN_BITS, -math.log2(share))


def part_bits(part: str, world: World) -> float:
    """Say how many bits it tells that somebody bears this name part: -log2 of its frequency, 4.5 to 17.

    The tables are mixed half and half with `world.name_counts`, where given. Particles ("van", "al") tell 1.5.
    """
    if part in load_words().particles:
        return PARTICLE_BITS
    return name_bits(part, world)


def name_bits(part: str, world: World) -> float:
    """Do the same for a part that stands where no particle stands ("Van Morrison")."""
    if len(part) == 1:
        return MIN_BITS
    bearers = world.name_counts.get(part)
    if bearers is None or not world.name_total:
        return _usual_bits(part)
    counted = bearers / world.name_total
    return _to_bits((_usual_share(part) + counted) / 2)


def estimate_sharers(name: str, world: World) -> Sharers:
    """Estimate how many of `world.population` people bear a name: its rarest reading as given name and surname.

    Middle names are ignored, as most people leave them out. A text without a usable name is shared by everybody.
    """
    particles = load_words().particles
    parts = [_commonest_reading(part) for part in parse_name(name).parts]
    parts = [part for part in parts if part not in particles and len(part) > 1] or parts
    everybody = world.population
    if not parts:
        return Sharers(everybody, everybody, everybody)
    share, spread = _share_of_people(parts, world)
    expected = everybody * share
    low, high = (min(everybody, _round(x)) for x in (expected / spread, expected * spread))
    return Sharers(min(everybody, _round(expected)), low, max(high, 2))


def _commonest_reading(part: Part) -> str:
    """Read a part in another script as the tables may hold it: tanaka for 田中, which sounds tianzhong in Chinese."""
    spelt = (reading for form in part.forms if not form.isascii() for reading in latin_spellings(form))
    readings = (part.text, *(reading for reading in spelt if reading.isascii()))
    return max(readings, key=lambda reading: sum(_worldwide(reading)))


def _share_of_people(parts: list[str], world: World) -> tuple[float, float]:
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        share = max(*_worldwide(first), _RARE)
        return _mix(share, first, world), _SPREAD if _find(first) else _SPREAD**2
    # "Doe, Jane": whichever order makes the commoner name.
    return max(_joint(first, last, world), _joint(last, first, world))


def _joint(given: str, surname: str, world: World) -> tuple[float, float]:
    """Share of people who bear both, and how far off that may be.

    The two names go together within a region, and seldom across regions.
    """
    given_in, surname_in = _find(given), _find(surname)
    shares: dict[str, float] = {}
    for code, region in load_regions().regions.items():
        one = max(given_in.get(code, region.unlisted).given, region.unlisted.given)
        other = max(surname_in.get(code, region.unlisted).surname, region.unlisted.surname)
        shares[code] = region.weight * _mix(one, given, world) * _mix(other, surname, world)
    home = max(shares, key=lambda code: shares[code])
    unlisted = sum(home not in found for found in (given_in, surname_in))
    across = _ABROAD * _worldwide(given).given * _worldwide(surname).surname
    return sum(shares.values()) + across, _SPREAD ** (1 + unlisted)


def _mix(share: float, part: str, world: World) -> float:
    """Mix in the caller's counts. They say how often a part occurs among all parts, not in which place."""
    bearers = world.name_counts.get(part)
    return share if bearers is None or not world.name_total else (share + bearers / world.name_total) / 2


def _round(number: float) -> int:
    """Round to two digits, and never below one: the subject bears the name."""
    if number < 10:
        return max(1, round(number))
    scale = 10 ** (math.floor(math.log10(number)) - 1)
    return int(round(number / scale) * scale)
