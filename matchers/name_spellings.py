"""The spellings of one name, in Latin and in other scripts, and whether it is a woman's or a man's."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _load_table() -> tuple[Mapping[str, tuple[int, ...]], Sequence[str]]:
    """Read data/name_spellings.txt.gz once (data/README.md says where it comes from).

    Form -> the numbers of the names it spells; and by that number, the commonest Latin spelling of each name.
    """
    packed = files("matchers").joinpath("data/name_spellings.txt.gz").read_bytes()
    names: dict[str, tuple[int, ...]] = {}
    commonest = []
    for number, line in enumerate(gzip.decompress(packed).decode().splitlines()[1:]):
        forms = line.split(" ")
        commonest.append(forms[0])
        for form in forms:
            names[form] = (*names.get(form, ()), number)
    return names, commonest


def load_spellings() -> Mapping[str, tuple[int, ...]]:
    """The numbers of the names that each form spells."""
    return _load_table()[0]


def latin_spellings(original: str) -> tuple[str, ...]:
    """How names that a text in another script spells are mostly written in Latin: tanaka of 田中."""
    names, commonest = _load_table()
    return tuple(dict.fromkeys(commonest[number] for number in names.get(original, ())))


def spelling_keys(text: str, original: str | None) -> frozenset[str]:
    """Say which names a part spells. In another script only that script tells: its romanisation lost the name."""
    return frozenset(f"={number}" for number in load_spellings().get(original or text, ()))


@lru_cache(maxsize=1)
def load_sexes() -> Mapping[str, str]:
    """Read data/name_sexes.txt.gz once: given name -> "f" or "m"; names of both sexes are left out."""
    packed = files("matchers").joinpath("data/name_sexes.txt.gz").read_bytes()
    _, women, men = gzip.decompress(packed).decode("ascii").splitlines()
    return {**dict.fromkeys(women.split(" "), "f"), **dict.fromkeys(men.split(" "), "m")}
