"""How common names are where English is not spoken: shares by region, and how many people live online in each."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_PER = 1_000_000
_CELL = re.compile(r"\b([a-z]+)(\d+),(\d+)")
_REGION = re.compile(r"\b([a-z]+)(\d+),(\d+),(\d+)")
# The region whose names the census table holds.
ENGLISH = "en"


class Frequency(NamedTuple):
    """The share of people who bear a name as their given name, and as their surname."""

    given: float
    surname: float


# For each per cent of people whose name is not listed, the chance that such a person bears one particular name.
_UNLISTED = Frequency(3e-6, 5e-7)


class Region(NamedTuple):
    """A region: `weight` is its share of all people online, `unlisted` what to expect of a name it does not list."""

    weight: float
    unlisted: Frequency


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions, and the names, each still one line of text."""

    regions: Mapping[str, Region]
    rows: Mapping[str, str]


@lru_cache(maxsize=1)
def load_regions() -> Regions:
    """Read data/name_regions.tsv.gz once (data/README.md says where it comes from)."""
    packed = files("matchers").joinpath("data/name_regions.tsv.gz").read_bytes()
    _, head, *lines = gzip.decompress(packed).decode("ascii").splitlines()
    cells = [(code, int(online), int(given), int(surname)) for code, online, given, surname in _REGION.findall(head)]
    everybody = sum(online for _, online, _, _ in cells)
    regions = {
        code: Region(
            online / everybody, Frequency(_UNLISTED.given * (100 - given), _UNLISTED.surname * (100 - surname))
        )
        for code, online, given, surname in cells
    }
    return Regions(regions, {name: cells for name, _, cells in (line.partition(" ") for line in lines)})


@lru_cache(maxsize=500)
def find_regions(name: str) -> Mapping[str, Frequency]:
    """Look a name up in every region but the English one; empty if it is listed nowhere."""
    cells = _CELL.findall(load_regions().rows.get(name, ""))
    return {code: Frequency(int(given) / _PER, int(surname) / _PER) for code, given, surname in cells}
