"""The spellings of one name, in Latin and in other scripts, and whether it is a woman's or a man's."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def load_spellings() -> Mapping[str, tuple[int, ...]]:
    """Read data/name_spellings.txt.gz once (data/README.md says where it comes from): form -> the names it spells."""
    packed = files("matchers").joinpath("data/name_spellings.txt.gz").read_bytes()
    names: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(gzip.decompress(packed).decode().splitlines()[1:]):
        for form in line.split(" "):
            names[form] = (*names.get(form, ()), number)
    return names


def spelling_keys(text: str, original: str | None) -> frozenset[str]:
    """Say which names a part spells. In another script only that script tells: its romanisation lost the name."""
    return frozenset(f"={number}" for number in load_spellings().get(original or text, ()))


@lru_cache(maxsize=1)
def load_sexes() -> Mapping[str, str]:
    """Read data/name_sexes.txt.gz once: given name -> "f" or "m"; names of both sexes are left out."""
    packed = files("matchers").joinpath("data/name_sexes.txt.gz").read_bytes()
    _, women, men = gzip.decompress(packed).decode("ascii").splitlines()
    return {**dict.fromkeys(women.split(" "), "f"), **dict.fromkeys(men.split(" "), "m")}
