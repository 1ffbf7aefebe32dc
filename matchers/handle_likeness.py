"""How a candidate's handle may have come about: from a handle of the subject, from the subject's name, from his own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from rapidfuzz.distance import LCSseq

from matchers.alignment import Alignment, Edit, align
from matchers.handle_forms import ParsedHandle, classes
from matchers.handle_sources import Source, count_bits, full_forms, name_forms, nickname_forms
from matchers.handle_words import load_words
from matchers.names import parse_name

# A name can be made into a handle in many ways.
FROM_NAME_BITS = 4.0
# Something stands around the copy; each letter of it that is no usual affix and no digit.
ADDITION_BITS = 1.0
UNEXPLAINED_BITS = 1.5
# A capital I for an l is rarer than a plain copy; the deception itself is judged in matchers.deception.
CAPITAL_I_BITS = 2.0
# All vowels left out at once is one decision, not one for each.
NO_VOWELS_BITS = 6.0
# A handle that holds this share of a name's form in order, but not the form itself, misspells it.
_NEAR_SHARE = 0.8
_NEAR_FORM = 6


@dataclass(frozen=True, slots=True)
class Likeness:
    """An explanation of the candidate's handle: `bits` before his own name is heard.

    `letters` is the reading of his handle that was explained.
    """

    source: Source
    bits: float
    alignment: Alignment
    letters: str


def liken(source: Source, theirs: ParsedHandle) -> Likeness | None:
    """Explain the candidate's handle from one source; None where it does not come from there."""
    if source.bare and source.bare in theirs.letters:
        return _explain(source, theirs.letters, _leave_out_vowels(source, theirs.letters), 0.0)
    if (source.mask & ~theirs.mask).bit_count() > len(source.seen) - source.needed:
        return None
    if LCSseq.similarity(source.seen, theirs.seen, score_cutoff=source.needed) < source.needed:
        return None
    best = _align_reading(source, theirs.letters, 0.0)
    if theirs.other != theirs.letters:
        other = _align_reading(source, theirs.other, CAPITAL_I_BITS)
        if other is not None and (best is None or other.bits > best.bits):
            return other
    return best


def _align_reading(source: Source, letters: str, cost: float) -> Likeness | None:
    if source.exact and source.letters not in letters:
        return None
    found = align(source.letters, letters, source.worth)
    return _explain(source, letters, found, cost) if found else None


def _explain(source: Source, letters: str, found: Alignment, cost: float) -> Likeness:
    around = (letters[: found.start], letters[found.end :])
    if any(around):
        cost += ADDITION_BITS + UNEXPLAINED_BITS * sum(map(_count_unexplained, around))
    if source.name is not None:
        cost += FROM_NAME_BITS
    return Likeness(source, found.gain - cost, found, letters)


def _leave_out_vowels(source: Source, letters: str) -> Alignment:
    at = letters.index(source.bare)
    gain = source.worth * len(source.bare) - NO_VOWELS_BITS
    return Alignment(gain, at, at + len(source.bare), (Edit("left_out", "the vowels", at, at),))


@lru_cache(maxsize=20_000)
def _count_unexplained(text: str) -> int:
    """Count the letters beside a copy that are neither digits nor part of a usual affix."""
    rest = "".join(c for c in text if not c.isdigit())
    for word in load_words().affixes:
        if word in rest:
            rest = rest.replace(word, "", 1)
    return len(rest)


@lru_cache(maxsize=100_000)
def own_name_bits(name: str, letters: str) -> float:
    """Bits of the letters of a handle that its holder's own display name explains literally.

    Whose handle misspells his own name took it from somewhere: then even the parts that agree explain nothing.
    """
    whole = [form for form in (*full_forms(name), *nickname_forms(name)) if form in letters]
    if not whole:
        if any(_misspells(letters, form) for form in full_forms(name)):
            return 0.0
        parts = (part.text for part in parse_name(name).parts if len(part.text) > 2)
        whole = [form for form in (*name_forms(name), *parts) if form in letters]
    return max(map(count_bits, whole), default=0.0)


def _misspells(letters: str, form: str) -> bool:
    needed = ceil(_NEAR_SHARE * len(form))
    return len(form) >= _NEAR_FORM and LCSseq.similarity(classes(form), classes(letters), score_cutoff=needed) >= needed
