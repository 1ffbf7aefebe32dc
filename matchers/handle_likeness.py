"""How a candidate's handle may have come about: from a handle of the subject, or from the subject's name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from matchers.alignment import Alignment, Edit, align
from matchers.handle_forms import ParsedHandle
from matchers.handle_sources import Source
from matchers.handle_words import load_words

# A name can be made into a handle in many ways.
FROM_NAME_BITS = 4.0
# Something stands around the copy; each letter of it that is no usual affix and no digit.
ADDITION_BITS = 1.0
UNEXPLAINED_BITS = 1.5
# A capital I for an l is rarer than a plain copy; the deception itself is judged in matchers.deception.
CAPITAL_I_BITS = 2.0
# All vowels left out at once is one decision, not one for each.
NO_VOWELS_BITS = 6.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """An explanation of the candidate's handle: `bits` before his own name is heard.

    `letters` is the reading of his handle that was explained.
    """

    source: Source
    bits: float
    alignment: Alignment
    letters: str


def liken(source: Source, theirs: ParsedHandle, least: float = 0.0) -> Likeness | None:
    """Explain the candidate's handle from one source; None where it does not come from there.

    `least` bits are asked for; a handle that shares too few letters in their order to reach them is not aligned, unless
    it has all of them: the same handle is told as the same whatever is left of it.
    """
    needed = min(max(source.needed, int(least / source.worth)), len(source.seen))
    if source.bare and source.bare in theirs.letters:
        return _explain(source, theirs.letters, _leave_out_vowels(source, theirs.letters), 0.0)
    if (source.mask & ~theirs.mask).bit_count() > len(source.seen) - needed:
        return None
    if LCSseq.similarity(source.seen, theirs.seen, score_cutoff=needed) < needed:
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


@lru_cache(maxsize=2_000)
def _count_unexplained(text: str) -> int:
    """Count the letters beside a copy that are neither digits nor part of a usual affix."""
    rest = "".join(c for c in text if not c.isdigit())
    for word in load_words().affixes:
        if word in rest:
            rest = rest.replace(word, "", 1)
    return len(rest)
