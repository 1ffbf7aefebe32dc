"""Two names laid side by side: which part answers which, what is left over, how much is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import OSA

from matchers.name_frequency import PARTICLE_BITS, name_bits, part_bits
from matchers.name_likeness import INITIAL_BITS, ROMANISED, Agreement, Reading, agree
from matchers.name_parts import Name
from matchers.name_study import Study, worth_a_look
from matchers.world import World

CAP = 34.0
# One copy in twenty or so wears another name (the photo is what it took): -log2 of that bounds what a name denies.
FLOOR = -4.0
# No single part outweighs the others beyond this when the confirmed share is measured.
_PART_CAP = 12.0
_INITIAL_WEIGHT = 2.0
# A part that was replaced by another speaks against the name in full, one merely left out a fifth.
_LEFT_OUT = 0.2
# "Doe, Jane" is Jane Doe, but "Omar bin Abdullah" is the father of Abdullah bin Omar.
_OUT_OF_ORDER = 0.6
# Glued words shorter than this resemble each other by chance; shorter still, even the same word is one.
_GLUED_LENGTH = 7
_GLUED_SAME_LENGTH = 5
_AFFIX_BITS = 1.0
# Where each name has a part that the other lacks, it is likely to be a relative's or a neighbour's, however long.
_CONTRADICTED = 0.5


class Pair(NamedTuple):
    """A part of the subject's name, the part of the account's that answers it, and how they agree."""

    own: int
    theirs: int
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Alignment:
    """The comparison of two names: `bits` raw, `share` of the name confirmed (0..1)."""

    own: Name
    theirs: Name
    pairs: tuple[Pair, ...]
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    bits: float
    share: float
    glued: bool = False


def align(own: Study, theirs: Study, world: World) -> Alignment | None:
    """Lay an account's name beside the subject's; None if at first sight they have nothing in common."""
    if not worth_a_look(own, theirs):
        return None
    own_bits, their_bits = _rarities(own, world), _rarities(theirs, world)
    pairs = _match(own.readings, theirs.readings, own_bits, their_bits)
    aligned = _weigh(own, theirs, pairs, own_bits, their_bits) if pairs else None
    least = aligned.bits if aligned else FLOOR
    return _align_glued(own, theirs, least, min(sum(own_bits), sum(their_bits))) or aligned


def most_bits(theirs: Study, world: World) -> float:
    """The most that an account's name can be worth, whosever name it is laid beside: all of it agrees."""
    agreeing = sum([max(bits, INITIAL_BITS) for bits in _rarities(theirs, world)])
    return min(CAP, agreeing + _AFFIX_BITS) if theirs.readings else 0.0


def _rarities(name: Study, world: World) -> list[float]:
    """Bits of each part; a particle at the beginning is a name ("Al Gore", "Van Morrison")."""
    return [(part_bits if at else name_bits)(reading.text, world) for at, reading in enumerate(name.readings)]


def _match(
    own: Sequence[Reading], theirs: Sequence[Reading], own_bits: Sequence[float], their_bits: Sequence[float]
) -> list[tuple[float, Pair]]:
    """Pair the parts, the most telling agreements first."""
    found: list[tuple[float, Pair]] = []
    for i, one in enumerate(own):
        for j, other in enumerate(theirs):
            agreement = agree(one, other)
            if agreement and not (agreement.kind == "initial" and _crosses(i, j, own, theirs)):
                # The commoner of the two: a slip of the pen makes a rare name of every common one.
                rarity = max if agreement.kind == "initial" else min
                worth = agreement.worth(rarity(own_bits[i], their_bits[j]))
                if worth > 0:
                    found.append((worth, Pair(i, j, agreement)))
    found.sort(key=lambda pair: -pair[0])
    kept: list[tuple[float, Pair]] = []
    for worth, pair in found:
        if all(pair.own != k.own and pair.theirs != k.theirs for _, k in kept):
            kept.append((worth, pair))
    return kept


def _crosses(i: int, j: int, own: Sequence[Reading], theirs: Sequence[Reading]) -> bool:
    """Say whether a middle initial would answer a surname: the C of "James C. Justice" is not Comer."""
    middle, last = (i, j == len(theirs) - 1) if own[i].is_initial else (j, i == len(own) - 1)
    count = len(own) if own[i].is_initial else len(theirs)
    return last and 0 < middle < count - 1


def _weigh(
    own: Study,
    theirs: Study,
    pairs: list[tuple[float, Pair]],
    own_bits: Sequence[float],
    their_bits: Sequence[float],
) -> Alignment:
    missing = _left_over(own, [pair.own for _, pair in pairs])
    extra = _left_over(theirs, [pair.theirs for _, pair in pairs])
    if not (missing and extra):
        missing, extra = _forgive_repeats(own, missing), _forgive_repeats(theirs, extra)
    against = 1.0 if missing and extra else _LEFT_OUT
    own_confirmed = _confirm(own_bits, own.readings, {p.own: p.agreement for _, p in pairs}, missing, against)
    their_confirmed = _confirm(their_bits, theirs.readings, {p.theirs: p.agreement for _, p in pairs}, extra, against)
    cover, share = map(min, own_confirmed, their_confirmed)
    if not _in_order([pair for _, pair in pairs]):
        cover, share = cover * _OUT_OF_ORDER, share * _OUT_OF_ORDER
    bits = min(CAP, sum(worth for worth, _ in pairs)) * float(cover) ** 3
    if missing and extra:
        bits *= _CONTRADICTED
    bits -= _regret(own, own_bits, missing, ends=4.0, middle=2.0) + _regret(
        theirs, their_bits, extra, ends=3.0, middle=1.5
    )
    if theirs.name.affixes and not own.name.affixes and bits > 6:
        bits += _AFFIX_BITS
    return Alignment(
        own=own.name,
        theirs=theirs.name,
        pairs=tuple(pair for _, pair in pairs),
        missing=missing,
        extra=extra,
        bits=max(FLOOR, min(CAP, bits)),
        share=share,
    )


def _left_over(name: Study, used: list[int]) -> tuple[int, ...]:
    return tuple(at for at in range(len(name.readings)) if at not in used and at not in name.soft)


def _forgive_repeats(name: Study, left_over: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out what only repeats the rest: "Sergey Sergey Shoigu", "James (Jim) Moylan"."""
    rest = [reading for at, reading in enumerate(name.readings) if at not in left_over]
    known = frozenset[str]().union(*({reading.text} | reading.nicknames for reading in rest))
    return tuple(at for at in left_over if name.readings[at].text not in known)


def _in_order(pairs: Sequence[Pair]) -> bool:
    """Say whether the parts come in the same order, wherever it begins."""
    theirs = [pair.theirs for pair in sorted(pairs, key=lambda pair: pair.own)]
    return sum(b < a for a, b in pairwise([*theirs, *theirs[:1]])) <= 1


def _confirm(
    bits: Sequence[float],
    readings: Sequence[Reading],
    agreements: dict[int, Agreement],
    left_over: Sequence[int],
    against: float,
) -> tuple[float, float]:
    """Measure how much of a name is confirmed: the parts that agree at all, and the same by how well they agree."""
    agreed = total = 0.0
    for at, agreement in agreements.items():
        weight = _weight(bits[at], readings[at]) * (_LEFT_OUT if agreement.kind == "initial" else 1.0)
        total += weight
        agreed += weight * (1.0 if agreement.kind == "initial" else agreement.share)
    lost = against * sum(_weight(bits[at], readings[at]) for at in left_over)
    whole = total + lost
    return (total / whole, agreed / whole) if whole else (0.0, 0.0)


def _weight(bits: float, reading: Reading) -> float:
    return _INITIAL_WEIGHT if reading.is_initial else min(_PART_CAP, bits)


def _regret(name: Study, bits: Sequence[float], left_over: Sequence[int], ends: float, middle: float) -> float:
    """Bits against, for parts that only one side has."""
    count, regret = len(name.readings), 0.0
    for at in left_over:
        if name.readings[at].is_initial or bits[at] <= PARTICLE_BITS:
            regret += 1.0
        elif count <= 2:
            regret += 6.0
        else:
            regret += ends if at in (0, count - 1) else middle
    return regret


def _align_glued(own: Study, theirs: Study, least: float, rarity: float) -> Alignment | None:
    """Compare the names as one word each: "janedoe" and "Jane Doe", "Abdul Aziz" and "Abd al-Aziz".

    None unless that tells more than `least` bits.
    """
    shorter = min(len(own.glued), len(theirs.glued))
    if len(own.readings) == len(theirs.readings) == 1 or shorter < _GLUED_SAME_LENGTH:
        return None
    split = len(own.readings) != len(theirs.readings) and not (own.foreign and theirs.foreign)
    if split and not own.syllables.isdisjoint(theirs.syllables):
        return _glue(own, theirs, ROMANISED.worth(rarity), ROMANISED.share, least)
    # Names split differently into several words have many chances of being alike.
    slack = 2 if min(len(own.readings), len(theirs.readings)) == 1 else 1
    if len(own.readings) == len(theirs.readings) or shorter < _GLUED_LENGTH:
        slack = 0
    distance = OSA.distance(own.glued, theirs.glued, score_cutoff=slack)
    if distance > slack:
        return None
    share = 1 - distance / max(len(own.glued), len(theirs.glued))
    return _glue(own, theirs, 0.9 * rarity - 1 - 4 * distance, share, least)


def _glue(own: Study, theirs: Study, bits: float, share: float, least: float) -> Alignment | None:
    if bits <= least:
        return None
    return Alignment(own.name, theirs.name, (), (), (), min(CAP, bits), share, glued=True)
