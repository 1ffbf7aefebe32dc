"""Chinese and Korean names in Latin letters: one key for the several ways to romanise a syllable."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

# A part of a name is one syllable or two, of six letters at most ("zhuang").
_MAX_SYLLABLES = 2
_MAX_LETTERS = 6
# Later syllables that begin with a vowel are common in Korean only ("Jong-un").
_VOWEL_LED = "ko"


class System(NamedTuple):
    """How a language's syllables are spelt: a pattern for one, and the keys of what its groups capture."""

    language: str
    syllable: re.Pattern[str]
    keys: tuple[Mapping[str, str], ...]


@lru_cache(maxsize=1)
def load_systems() -> tuple[System, ...]:
    """Read data/name_syllables.txt once."""
    places: dict[str, dict[str, dict[str, str]]] = {}
    for line in files("matchers").joinpath("data/name_syllables.txt").read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            language, place, key, *spellings = line.replace("-", "").split(" ")
            places.setdefault(language, {}).setdefault(place, {}).update(dict.fromkeys(spellings, key))
    return tuple(_build(language, tuple(found.values())) for language, found in places.items())


def _build(language: str, keys: tuple[Mapping[str, str], ...]) -> System:
    groups = ("|".join(sorted(spellings, key=len, reverse=True)) for spellings in keys)
    return System(language, re.compile("".join(f"({group})" for group in groups)), keys)


@lru_cache(maxsize=1_500)
def fold_syllables(text: str) -> Mapping[str, str]:
    """Fold a romanised part of a name, by language: "hsiao" and "xiao" share a key. Empty if it is no such name."""
    if not text.isascii() or len(text) > _MAX_SYLLABLES * _MAX_LETTERS:
        return {}
    found = {system.language: _fold(text, system, _MAX_SYLLABLES) for system in load_systems()}
    return {language: key for language, key in found.items() if key}


def fold_name(texts: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Fold all parts of a name, in every language in which all of them can be read."""
    folded = [fold_syllables(text) for text in texts]
    shared = frozenset[str].intersection(*(frozenset(keys) for keys in folded)) if folded else frozenset[str]()
    return {language: tuple(keys[language] for keys in folded) for language in sorted(shared)}


def _fold(text: str, system: System, most: int) -> str | None:
    """Fold a text of so many syllables at most; where the rest cannot be read, the first is made shorter."""
    for end in range(min(len(text), _MAX_LETTERS), 0, -1):
        match = system.syllable.fullmatch(text, 0, end)
        if not match or not (match[1] or most == _MAX_SYLLABLES or system.language == _VOWEL_LED):
            continue
        folded = "".join(keys[part] for keys, part in zip(system.keys, match.groups(), strict=True))
        if end == len(text):
            return folded
        if most > 1 and (rest := _fold(text[end:], system, most - 1)):
            return f"{folded} {rest}"
    return None
