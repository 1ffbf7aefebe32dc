"""A name prepared once for all comparisons, and the cheap test that spares most of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from matchers.name_likeness import Reading, may_be_typo, read_part
from matchers.name_parts import Name, parse_name
from matchers.name_syllables import fold_name
from matchers.name_words import load_words
from matchers.text import skeleton


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A name prepared for comparing: readings of its parts, and what a candidate must share to be worth a look."""

    name: Name
    readings: tuple[Reading, ...]
    tokens: frozenset[str]
    reach: frozenset[str]
    foreign: bool
    glued: str
    syllables: frozenset[str]
    soft: frozenset[int]


@lru_cache(maxsize=500)
def study(raw: str) -> Study:
    """Prepare a name once for all comparisons."""
    name = parse_name(raw)
    folded = fold_name([part.text for part in name.parts])
    keys = [frozenset(f"{lang}:{key[at]}" for lang, key in folded.items()) for at in range(len(name.parts))]
    readings = tuple(read_part(part.forms, key) for part, key in zip(name.parts, keys, strict=True))
    syllables = frozenset(f"{language}:{' '.join(key)}" for language, key in folded.items())
    tokens = syllables.union(*(r.tokens for r in readings))
    return Study(
        name=name,
        readings=readings,
        tokens=tokens,
        reach=tokens.union(*(r.nicknames | r.translations for r in readings)),
        foreign=any(r.original for r in readings),
        glued=skeleton("".join(r.text for r in readings)),
        syllables=syllables,
        soft=_soft(readings),
    )


def _soft(readings: Sequence[Reading]) -> frozenset[int]:
    """Index the parts that may be decorations ("Page", "King"), in a name that is whole without them."""
    soft = {at for at, reading in enumerate(readings) if reading.text in load_words().soft_affixes}
    full = sum(not reading.is_initial for at, reading in enumerate(readings) if at not in soft)
    return frozenset(soft if full >= 2 else ())


def worth_a_look(own: Study, theirs: Study) -> bool:
    """Test cheaply for anything shared; all but a few random pairs end here. Initials alone are nothing."""
    if not own.reach.isdisjoint(theirs.tokens) or own.foreign or theirs.foreign:
        return True
    if len(own.readings) != len(theirs.readings) and OSA.distance(own.glued, theirs.glued, score_cutoff=2) <= 2:
        return True
    for a in own.readings:
        for b in theirs.readings:
            if may_be_typo(a, b):
                return True
    return False
