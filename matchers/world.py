"""What the judgement must be told from outside, as one frozen value; everything has a sensible default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import NamedTuple

from matchers.errors import check_number

# The chance that an account which retrieval returned for a subject was made to be taken for that subject, before
# anything about it is known: 2^-17, one account in about 130,000. It is an estimate of how rare clones are among
# accounts at large; a deployment that knows its own rate sets it (CLONECHECK_PRIOR_BITS).
DEFAULT_PRIOR_BITS = -17.0

# How many people the uniqueness estimate speaks about when the caller names no population: users of large platforms.
DEFAULT_POPULATION = 1_000_000_000


# The hashes of an avatar's views, in their order.
MatchKey = tuple[int, ...]


class Match(NamedTuple):
    """The nearest pair: Hamming distance in bits (0..256), index of the probe, name of the view."""

    distance: int
    probe: int
    view: str


@dataclass(frozen=True, slots=True)
class World:
    """Facts from outside the pair.

    `prior_bits` is log2 of the prior odds. `today` dates accounts ("made last week"); None means undated.
    `name_counts` are counts of lower-case name parts in the caller's own account base, mixed half and half with
    the census tables, `name_total` how many name parts there are; a part without an entry was not counted.
    `photo_counts` maps the mark of a picture (`Photo.mark`) to the number of unrelated accounts that wear it (a stock
    picture proves little). `photo_matches` holds the nearest pairs of the subject's photos with avatars, by
    `match_key`, where many were compared at once. `population` is the number of people the uniqueness estimate speaks
    about.
    """

    prior_bits: float = DEFAULT_PRIOR_BITS
    today: date | None = None
    name_counts: Mapping[str, int] = field(default_factory=dict)
    name_total: int = 0
    photo_counts: Mapping[int, int] = field(default_factory=dict)
    photo_matches: Mapping[MatchKey, Sequence[Match]] = field(default_factory=dict)
    population: int = DEFAULT_POPULATION

    def __post_init__(self) -> None:
        """Refuse odds and counts that cannot be; raises `InvalidProfileError`."""
        check_number("World.prior_bits", self.prior_bits, -1_000, 1_000)
        check_number("World.name_total", self.name_total, 0, inf)
        check_number("World.population", self.population, 1, inf)


DEFAULT_WORLD = World()
