"""What a comparison of two names says in one sentence, and which characters it is about."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from matchers.evidence import Span
from matchers.name_alignment import Alignment, Pair
from matchers.name_frequency import estimate_sharers
from matchers.name_likeness import Kind
from matchers.name_parts import Name, Part
from matchers.text import clean, is_invisible, script, strip_invisible, strip_marks
from matchers.world import World

# A longer name is cut in sentences.
_SHOWN = 40
_MAX_REASONS = 3
_MAX_LENGTH = 1_000
# Rarer than this, a figure would pretend to know.
_VERY_RARE = 20_000_000
# Joiners and selectors that emoji, Persian and Indic text need.
_ORDINARY = frozenset("\u200c\u200d\ufe0e\ufe0f")

_REASONS: dict[Kind, str] = {
    "looks": "{theirs} looks like {own}",
    "sounds": "{theirs} is another spelling of {own}",
    "script": "{theirs} is {own} in another script",
    "nickname": "{theirs} and {own} are forms of one name",
    "translation": "{theirs} and {own} are one name in two languages",
    "typo": "{theirs} differs from {own} by one letter",
    "typos": "{theirs} differs from {own} by two letters",
    "short": "{theirs} and {own} begin alike",
    "vowels": "{theirs} and {own} differ in vowels left out",
    "initial": "{theirs} may stand for {own}",
    "homophone": "{theirs} and {own} sound alike",
}
_DISGUISES = {
    "capital I": "a capital I stands in for a small l",
    "digit": "a digit stands in for a letter",
    "symbol": "a symbol stands in for a letter",
    "invisible": "invisible characters are hidden in it",
    "styled": "it is set in styled letters",
}


@lru_cache(maxsize=5_000)
def plain(char: str) -> str:
    """Reduce a character to what an honest spelling may not vary: not case, not accents; invisible ones stay."""
    return char if is_invisible(char) else strip_marks(char.casefold())


def find_spans(alignment: Alignment) -> tuple[Span, ...]:
    """Find the characters of the account's name that are not the subject's, in code points of the raw name."""
    spans = set(_hidden(alignment))
    for pair in alignment.pairs:
        if pair.agreement.kind != "script":
            spans |= {(start, end) for start, end in _differences(alignment, pair)}
    spans |= {(part.start, part.end) for part in map(alignment.theirs.parts.__getitem__, alignment.extra)}
    return tuple(Span("candidate", "name", start, end) for start, end in sorted(spans))


def _differences(alignment: Alignment, pair: Pair) -> list[tuple[int, int]]:
    part = alignment.theirs.parts[pair.theirs]
    if pair.agreement.kind in {"nickname", "translation", "initial", "homophone"}:
        return [(part.start, part.end)]
    own = [key for _, key in _plain_characters(alignment.own, alignment.own.parts[pair.own])]
    theirs = _plain_characters(alignment.theirs, part)
    if own == [key for _, key in theirs]:
        return []
    found = [
        (theirs[edit.dest_start][0], theirs[edit.dest_end - 1][0] + 1)
        for edit in Levenshtein.opcodes(own, [key for _, key in theirs])
        if edit.tag in {"replace", "insert"}
    ]
    if pair.agreement.kind == "same":
        # "Mueller" for Müller is honest: only letters that pretend count.
        raw = alignment.theirs.raw
        return [(start, end) for start, end in found if any(map(_disguise, raw[start:end]))]
    return found


def _plain_characters(name: Name, part: Part) -> list[tuple[int, str]]:
    """List a part's characters with their place; combining marks are left out."""
    found = ((at, plain(name.raw[at])) for at in range(part.start, part.end))
    return [(at, key) for at, key in found if key]


def _hidden(alignment: Alignment) -> Iterator[tuple[int, int]]:
    """Find invisible characters that the subject's own name lacks."""
    raw = alignment.theirs.raw[:_MAX_LENGTH]
    if not raw.isascii():
        allowed = _ORDINARY | set(alignment.own.raw)
        yield from ((at, at + 1) for at, c in enumerate(raw) if is_invisible(c) and c not in allowed)


def find_disguises(alignment: Alignment) -> list[str]:
    """List how letters of the account's name pretend to be the subject's: "Cyrillic", "capital I", "digit" ..."""
    raw = alignment.theirs.raw
    found = ["invisible" for _ in _hidden(alignment)]
    for pair in alignment.pairs:
        if pair.agreement.kind in {"same", "looks"}:
            places = [place for place in _differences(alignment, pair) if not _appended(alignment, pair, place)]
            found += [label for s, e in places for c in raw[s:e] if (label := _disguise(c))]
    return found


def _appended(alignment: Alignment, pair: Pair, place: tuple[int, int]) -> bool:
    """Say whether digits are only added at the end ("Jane99"); in "Pau1" one stands for a letter."""
    own, theirs = alignment.own.parts[pair.own], alignment.theirs.parts[pair.theirs]
    longer = theirs.end - theirs.start > own.end - own.start
    return longer and alignment.theirs.raw[place[0] : theirs.end].isdigit()


@lru_cache(maxsize=10_000)
def _disguise(char: str) -> str | None:
    if is_invisible(char):
        return "invisible"
    if char == "I":
        return "capital I"
    if char.isdigit():
        return "digit"
    alphabet = script(char)
    if alphabet and alphabet != "LATIN":
        return alphabet.capitalize()
    if not char.isalpha() and unicodedata.category(char) != "So":
        return "symbol"
    return "styled" if not char.isascii() and clean(char) != unicodedata.normalize("NFC", char) else None


def describe(alignment: Alignment, code: str, world: World) -> str:
    """Say in one plain sentence what was found."""
    match code:
        case "name.same":
            return _describe_same(alignment, world)
        case "name.looks_same":
            return _describe_looks(alignment)
        case "name.similar":
            reasons = "; ".join(_reasons(alignment))
            return f"Similar name: {reasons}"
        case "name.partial":
            return _describe_partial(alignment)
        case _:
            return "The names have little in common"


def _describe_same(alignment: Alignment, world: World) -> str:
    own = show(alignment.own.raw)
    how = "Same name"
    if any(pair.agreement.kind == "script" for pair in alignment.pairs):
        how = "Same name in another script"
    elif [pair.theirs for pair in sorted(alignment.pairs)] != sorted(pair.theirs for pair in alignment.pairs):
        how = "Same name in another order"
    added = [word for word in alignment.theirs.affixes if word not in alignment.own.affixes]
    rarity = tell_rarity(alignment.own.raw, world)
    if added:
        more = show(" ".join(added))
        return f"{how} with “{more}” added: {own} ({rarity})"
    return f"{how}: {own} ({rarity})"


def tell_rarity(name: str, world: World) -> str:
    """Say how rare a name is: "about 1 in 40,000 people"."""
    one_in = world.population / max(1, estimate_sharers(name, world).estimate)
    if one_in >= _VERY_RARE:
        return "a very rare name"
    digits = len(str(round(one_in))) - 2
    rounded = max(1, round(one_in, -max(0, digits)))
    return f"about 1 in {rounded:,.0f} people"


def _describe_looks(alignment: Alignment) -> str:
    labels = find_disguises(alignment)
    if not labels:
        why = _reasons(alignment)[0]
        return f"The name looks the same, but {why}"
    label = max(set(labels), key=lambda one: (labels.count(one), one))
    if label in _DISGUISES:
        why = _DISGUISES[label]
        return f"The name looks the same, but {why}"
    count = labels.count(label)
    if count == 1:
        return f"The name looks the same, but one letter is {label}"
    return f"The name looks the same, but {count} letters are {label}"


def _reasons(alignment: Alignment) -> list[str]:
    told = []
    for pair in sorted(alignment.pairs):
        if reason := _REASONS.get(pair.agreement.kind):
            own, theirs = alignment.own.parts[pair.own], alignment.theirs.parts[pair.theirs]
            told.append(reason.format(own=_word(alignment.own, own), theirs=_word(alignment.theirs, theirs)))
    left_out = [_word(alignment.own, alignment.own.parts[at]) for at in alignment.missing]
    added = [_word(alignment.theirs, alignment.theirs.parts[at]) for at in alignment.extra]
    told += [f"{word} is left out" for word in left_out] + [f"{word} is added" for word in added]
    return told[:_MAX_REASONS] or ["some letters differ"]


def _describe_partial(alignment: Alignment) -> str:
    count = len(alignment.own.parts)
    own = [pair.own for pair in alignment.pairs]
    western = all(part.forms[-1].isascii() for part in alignment.own.parts)
    if western and count > 1 and own == [count - 1]:
        return "Only the surname agrees"
    if western and count > 1 and own == [0]:
        return "Only the first name agrees"
    shared = " ".join(_word(alignment.own, alignment.own.parts[at]) for at in sorted(own))
    return f"Only part of the name agrees: {shared}" if shared else "The names resemble each other only faintly"


def _word(name: Name, part: Part) -> str:
    return show(name.raw[part.start : part.end])


def show(text: str) -> str:
    """Make a text fit for a sentence: nothing invisible, no line breaks, not too long."""
    seen = " ".join(strip_invisible(text[:_MAX_LENGTH]).split())
    return seen if len(seen) <= _SHOWN else seen[: _SHOWN - 1] + "…"
