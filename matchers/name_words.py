"""Words that stand around a name without being part of it: titles, decorations, disclosures, particles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class NameWords:
    """The word lists of data/name_words.tsv.

    A soft word is an ordinary name too ("Page", "Stan"): a soft disclosure is set aside only where two other full
    parts remain; a soft affix stays a part, but is not missed where two other full parts remain.
    """

    affixes: frozenset[str]
    soft_affixes: frozenset[str]
    disclosures: frozenset[str]
    soft_disclosures: frozenset[str]
    phrases: frozenset[tuple[str, ...]]
    particles: frozenset[str]
    double_surnames: frozenset[str]


@lru_cache(maxsize=1)
def load_words() -> NameWords:
    """Read the word lists once."""
    kinds: dict[str, set[str]] = {}
    text = files("matchers").joinpath("data/name_words.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            word, _, kind = line.partition("\t")
            kinds.setdefault(kind, set()).add(word)
    disclosures = kinds["disclosure"]
    return NameWords(
        affixes=frozenset(kinds["title"] | kinds["decoration"]),
        soft_affixes=frozenset(kinds["soft title"] | kinds["soft decoration"]),
        disclosures=frozenset(word for word in disclosures if " " not in word),
        soft_disclosures=frozenset(kinds["soft disclosure"]),
        phrases=frozenset(tuple(word.split()) for word in disclosures if " " in word),
        particles=frozenset(kinds["particle"]),
        double_surnames=frozenset(kinds["double surname"]),
    )
