"""Other forms of a given name: pet names, short forms, the same name in other languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import permutations

from nicknames import name_triplets

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Variants:
    """For each name its nicknames (and what it is a nickname of), and its forms in other languages."""

    nicknames: Mapping[str, frozenset[str]]
    translations: Mapping[str, frozenset[str]]


@lru_cache(maxsize=1)
def load_variants() -> Variants:
    """Read the `nicknames` package (Apache-2.0) and data/name_variants.txt once; both relations go both ways."""
    nicknames: dict[str, set[str]] = defaultdict(set)
    translations: dict[str, set[str]] = defaultdict(set)
    for full, relation, other in name_triplets():
        relate = nicknames if relation == "has_nickname" else translations
        relate[full].add(other)
        relate[other].add(full)
    for line in files("matchers").joinpath("data/name_variants.txt").read_text(encoding="ascii").splitlines():
        kind, *words = line.split()
        if kind == "=":
            for one, other in permutations(words, 2):
                translations[one].add(other)
        elif kind == ">":
            for short in words[1:]:
                nicknames[words[0]].add(short)
                nicknames[short].add(words[0])
    return Variants(_freeze(nicknames), _freeze(translations))


def _freeze(relation: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(others) for name, others in relation.items()}
