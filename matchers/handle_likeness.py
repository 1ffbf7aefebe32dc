"""How a candidate's handle may have come about: from a handle of the subject, from the subject's name, from his own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from rapidfuzz.distance import LCSseq

from matchers.alignment import Alignment, align
from matchers.background import letter_bits
from matchers.handle_forms import MIN_LETTERS, ParsedHandle, classes, letter_mask, parse_handle
from matchers.handle_words import load_words
from matchers.names import parse_name
from matchers.profile import Handle

# A name can be made into a handle in many ways.
FROM_NAME_BITS = 4.0
# Something stands around the copy; each letter of it that is no usual affix and no digit.
ADDITION_BITS = 1.0
UNEXPLAINED_BITS = 1.5
# A capital I for an l is rarer than a plain copy; the deception itself is judged in matchers.deception.
CAPITAL_I_BITS = 2.0
# Gate: a handle that has fewer of the subject's letters in their order is not aligned at all.
_GATE_SHARE = 0.6
# A handle that holds this share of a name's form in order, but not the form itself, misspells it.
_NEAR_SHARE = 0.8
_NEAR_FORM = 6
_MAX_PARTS = 4
_MIN_FORM = 4


@dataclass(frozen=True, slots=True)
class Source:
    """What a handle may have been made from, as letters.

    `worth` is the mean surprise of a letter in bits, `seen` the letters by look, `mask` their set, `needed` how many of
    them a handle must hold in order to be looked at. They come from the subject's `handle` on `platform` or from the
    subject's `name`; an `exact` source is too short to be recognised when misspelt.
    """

    letters: str
    seen: str
    mask: int
    needed: int
    worth: float
    exact: bool = False
    handle: ParsedHandle | None = None
    platform: str | None = None
    name: str | None = None


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
    needed = source.needed
    missing = (source.mask & ~theirs.mask).bit_count()
    if missing > len(source.seen) - needed:
        return None
    if LCSseq.similarity(source.seen, theirs.seen, score_cutoff=needed) < needed:
        return None
    best = _liken_reading(source, theirs.letters, 0.0)
    if theirs.other != theirs.letters:
        other = _liken_reading(source, theirs.other, CAPITAL_I_BITS)
        if other is not None and (best is None or other.bits > best.bits):
            return other
    return best


def _liken_reading(source: Source, letters: str, cost: float) -> Likeness | None:
    if source.exact and source.letters not in letters:
        return None
    found = align(source.letters, letters, source.worth)
    if found is None:
        return None
    around = (letters[: found.start], letters[found.end :])
    if any(around):
        cost += ADDITION_BITS + UNEXPLAINED_BITS * sum(map(_count_unexplained, around))
    if source.name is not None:
        cost += FROM_NAME_BITS
    return Likeness(source, found.gain - cost, found, letters)


@lru_cache(maxsize=20_000)
def _count_unexplained(text: str) -> int:
    """Count the letters beside a copy that are neither digits nor part of a usual affix."""
    rest = "".join(c for c in text if not c.isdigit())
    for word in load_words().affixes:
        if word in rest:
            rest = rest.replace(word, "", 1)
    return len(rest)


@lru_cache(maxsize=5_000)
def list_sources(handles: tuple[Handle, ...], names: tuple[str, ...]) -> tuple[Source, ...]:
    """Everything a handle may have been made from to be taken for the subject's, each text once."""
    sources: dict[str, Source] = {}
    for handle in handles:
        parsed = parse_handle(handle.text, handle.platform)
        for letters in (parsed.letters, parsed.core):
            if len(letters) >= MIN_LETTERS:
                sources.setdefault(f"{handle.platform}@{parsed.host}/{letters}", _make_source(letters, parsed, handle))
    known = {source.letters for source in sources.values()}
    for name in names:
        for form in name_forms(name):
            if form not in known:
                sources.setdefault(form, _make_source(form, name=name))
    return tuple(sources.values())


def _make_source(
    letters: str, parsed: ParsedHandle | None = None, handle: Handle | None = None, name: str | None = None
) -> Source:
    seen = classes(letters)
    return Source(
        letters=letters,
        seen=seen,
        mask=letter_mask(seen),
        needed=ceil(_GATE_SHARE * len(seen)),
        worth=mean_bits(letters),
        exact=name is not None and len(letters) < _NEAR_FORM,
        handle=parsed,
        platform=handle.platform if handle else None,
        name=name,
    )


@lru_cache(maxsize=100_000)
def name_forms(name: str) -> tuple[str, ...]:
    """Handles that people make of a name, in lower-case letters: janedoe, doejane, jdoe, doej, janed."""
    parts = parse_name(name).parts[:_MAX_PARTS]
    if not parts:
        return ()
    readings = [[part.text for part in parts]]
    readings.append([next((f for f in part.forms[1:] if f.isascii() and f.isalpha()), part.text) for part in parts])
    forms: dict[str, None] = {}
    for texts in readings:
        first, last = texts[0], texts[-1]
        if len(texts) > 1:
            made = ("".join(texts), first + last, last + first, first[0] + last, last + first[0], first + last[0])
            forms.update(dict.fromkeys(made))
        else:
            forms[first] = None
    return tuple(form for form in forms if len(form) >= _MIN_FORM)


@lru_cache(maxsize=100_000)
def own_name_bits(name: str, letters: str) -> float:
    """Bits of the letters of a handle that its holder's own display name explains literally.

    Whose handle misspells his own name took it from somewhere: then even the parts that agree explain nothing.
    """
    forms = name_forms(name)
    literal = [form for form in forms if form in letters]
    longest = max(map(len, literal), default=0)
    if any(len(form) > longest and _misspells(letters, form) for form in forms):
        return 0.0
    if not literal:
        literal = [part.text for part in parse_name(name).parts if len(part.text) > 2 and part.text in letters]
    return max((mean_bits(form) * len(form) for form in literal), default=0.0)


def _misspells(letters: str, form: str) -> bool:
    needed = ceil(_NEAR_SHARE * len(form))
    return len(form) >= _NEAR_FORM and LCSseq.similarity(classes(form), classes(letters), score_cutoff=needed) >= needed


@lru_cache(maxsize=100_000)
def mean_bits(letters: str) -> float:
    """Mean surprise of a letter of the text, in bits."""
    return sum(letter_bits(letters)) / max(1, len(letters))
