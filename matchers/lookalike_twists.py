"""The single twists by which an impostor turns a handle into one that is taken for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from matchers.lookalike_tables import (
    AT_END,
    BETWEEN,
    COSTS,
    CROWD,
    CROWDED,
    DIGITS,
    END,
    FIRST_LETTER,
    FRONT,
    LETTERS,
    LOOKS,
    MIN_PART,
    MIN_REST,
    NUMBER_SEPARATED,
    NUMBERS,
    ROWS,
    SCRIPTS,
    SEPARATOR_LEFT_OUT,
    SEPARATORS,
    SIMILAR,
    STRIPPED,
    UNDERSCORE_AGAIN,
    UNDERSCORE_FIRST,
    UNDERSCORE_LAST,
    VOWELS,
    WITH_SEPARATOR,
    WORN,
    YEAR,
    Kind,
)
from matchers.name_frequency import load_frequencies
from matchers.names import parse_name


class Twist(NamedTuple):
    """One change: the letters `start` to `end` of a handle, `own`, become `text`."""

    cost: float
    start: int
    end: int
    own: str
    text: str
    kind: Kind

    def clashes(self, other: Twist) -> bool:
        """Whether two twists touch the same place."""
        if (self.start, self.end) == (other.start, other.end):
            return True
        return self.start < other.end and other.start < self.end


def list_twists(
    local: str, *, shows_case: bool, other_scripts: bool, year: int | None = None, names: tuple[str, ...] = ()
) -> list[Twist]:
    """List the twists of a handle's local part, the cheapest first.

    A capital I is offered for an l only where the platform shows case, letters of other scripts only where it takes
    them. `year` is today's, for handles such as janedoe2026; the parts of `names` show where words end.
    """
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in local)
    found = [*_substitutions(lower), *_omissions(local, lower), *_insertions(local, lower)]
    found += [*_separators(local, lower, find_boundaries(local, names)), *_affixes(lower, year)]
    if shows_case:
        found += _capitals(local)
    if other_scripts:
        found += [_put("script", i, lower[i], SCRIPTS[lower[i]]) for i in range(len(lower)) if lower[i] in SCRIPTS]
    return _spread(found, len(lower))


def _spread(twists: list[Twist], size: int) -> list[Twist]:
    """Order twists by cost, each dearer by how many likelier ones of its kind there are; nearer the middle first."""
    twists.sort(key=lambda t: (t.cost, abs(t.start + t.end - size), t))
    counts: dict[Kind, int] = {}
    spread = []
    for twist in twists:
        before = counts[twist.kind] = counts.get(twist.kind, -1) + 1
        spread.append(twist._replace(cost=twist.cost + CROWDED * min(before, CROWD)))
    return sorted(spread)


def _put(kind: Kind, start: int, own: str, text: str, cost: float | None = None) -> Twist:
    return Twist(COSTS[kind] if cost is None else cost, start, start + len(own), own, text, kind)


def _priced(kind: Kind, at: int) -> float:
    return COSTS[kind] + (0.0 if at else FIRST_LETTER)


def _capitals(local: str) -> Iterator[Twist]:
    for at, char in enumerate(local):
        # A word in capitals shows what it is.
        if char in "lI" and not local.isupper():
            yield _put("capital_i", at, char, "I" if char == "l" else "l")


def _substitutions(lower: str) -> Iterator[Twist]:
    for own, texts in LOOKS.items():
        yield from (_put("looks_alike", at, own, text) for at in _find_all(lower, own) for text in texts)
    for own, texts in SIMILAR.items():
        for at in _find_all(lower, own):
            yield from (_put("similar", at, own, text, _priced("similar", at)) for text in texts)
    for at, own in enumerate(lower):
        if own in DIGITS:
            yield _put("digit", at, own, DIGITS[own])
        if own in LETTERS:
            for text in LETTERS.replace(own, ""):
                kind: Kind = "vowel" if own in VOWELS and text in VOWELS else "replaced"
                kind = "neighbour" if text in _NEIGHBOURS[own] and kind == "replaced" else kind
                yield _put(kind, at, own, text, COSTS[kind] if kind == "vowel" else _priced(kind, at))


def _find_all(text: str, piece: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(piece, at)]


def _omissions(local: str, lower: str) -> Iterator[Twist]:
    for at, own in enumerate(local):
        if own.isalnum():
            yield _put("left_out", at, own, "", _priced("left_out", at))
    for at, (one, two) in enumerate(pairwise(local)):
        if lower[at] != lower[at + 1] and one.isalnum() and two.isalnum():
            yield _put("swapped", at, one + two, two + one, _priced("swapped", at))


def _insertions(local: str, lower: str) -> Iterator[Twist]:
    for at, own in enumerate(local, start=1):
        if own.isalnum():
            yield Twist(COSTS["doubled"], at, at, own, own, "doubled")
    for at in range(len(lower) + 1):
        beside = "".join(_NEIGHBOURS.get(c, "") for c in lower[max(0, at - 1) : at + 1])
        for text in LETTERS:
            kind: Kind = "slipped" if text in beside else "added"
            cost = _priced(kind, at) + (AT_END if at == len(lower) else 0.0)
            yield Twist(max(cost, COSTS["vowel"]), at, at, "", text, kind)


def _separators(local: str, lower: str, between: frozenset[int]) -> Iterator[Twist]:
    for sign, extra in SEPARATORS.items():
        for at in range(1, len(local)):
            cost = BETWEEN if at in between else COSTS["separator"]
            yield Twist(cost + extra, at, at, "", sign, "separator")
        yield Twist(UNDERSCORE_LAST + extra, len(local), len(local), "", sign, "separator")
        yield Twist(UNDERSCORE_FIRST + extra, 0, 0, "", sign, "separator")
    yield Twist(UNDERSCORE_LAST + UNDERSCORE_AGAIN, len(local), len(local), "", "__", "separator")
    for at, own in enumerate(lower):
        if own in SEPARATORS:
            yield _put("separator", at, own, "", SEPARATOR_LEFT_OUT)
            yield from (
                _put("separator", at, own, sign, BETWEEN + extra) for sign, extra in SEPARATORS.items() if sign != own
            )


def find_boundaries(local: str, names: tuple[str, ...] = ()) -> frozenset[int]:
    """Where one word of a handle ends and the next begins.

    That is at a capital, a digit, an affix, a part of one of the `names`, or between two names of the census.
    """
    lower = local.lower()
    found = {
        at
        for at, (one, two) in enumerate(pairwise(local), start=1)
        if (one.islower() and two.isupper()) or one.isdigit() != two.isdigit()
    }
    found |= {end if start == 0 else start for start, end in _worn_affixes(lower)}
    for part in (part.text for name in names for part in parse_name(name).parts):
        at = lower.find(part)
        if at >= 0 and len(part) >= MIN_PART:
            found |= {at, at + len(part)}
    return frozenset((found | _between_names(lower)) - {0, len(local)})


def _between_names(lower: str) -> set[int]:
    """The place that makes the commonest given name and surname of the letters."""
    known = load_frequencies()
    places: dict[float, int] = {}
    for at in range(2, len(lower) - 1):
        one, two = known.get(lower[:at]), known.get(lower[at:])
        if one and two:
            places[max(one.given * two.surname, one.surname * two.given)] = at
    commonest = max(places, default=0.0)
    return {places[commonest]} if commonest else set()


def _affixes(lower: str, year: int | None) -> Iterator[Twist]:
    size = len(lower)
    for word, cost in FRONT.items():
        yield Twist(cost, 0, 0, "", word, "affix")
        yield from (Twist(cost + WITH_SEPARATOR + x, 0, 0, "", word + sign, "affix") for sign, x in SEPARATORS.items())
    for word, cost in END.items():
        yield Twist(cost, size, size, "", word, "affix")
        yield from (
            Twist(cost + WITH_SEPARATOR + x, size, size, "", sign + word, "affix") for sign, x in SEPARATORS.items()
        )
    numbers = NUMBERS | ({str(year): YEAR, str(year)[2:]: YEAR} if year else {})
    for number, cost in numbers.items():
        yield Twist(cost, size, size, "", number, "number")
        yield Twist(cost + NUMBER_SEPARATED, size, size, "", "_" + number, "number")
    yield from _stripped(lower)


def _stripped(lower: str) -> Iterator[Twist]:
    digits = len(lower) - len(lower.rstrip("0123456789"))
    if digits > 1:
        yield _put("number", len(lower) - digits, lower[-digits:], "", STRIPPED)
    for start, end in _worn_affixes(lower):
        yield _put("affix", start, lower[start:end], "", STRIPPED)


def _worn_affixes(lower: str) -> Iterator[tuple[int, int]]:
    """Where a handle wears an affix or office at its ends; a short one may belong to a name, so few are read."""
    fitting = [word for word in WORN if len(lower) - len(word) >= MIN_REST]
    front = next(filter(lower.startswith, fitting), "")
    back = next(filter(lower.endswith, fitting), "")
    if front:
        yield 0, len(front)
    if back:
        yield len(lower) - len(back), len(lower)


def _neighbours() -> dict[str, str]:
    """For each letter those beside it on a QWERTY keyboard, whose rows are shifted by half a key."""
    places = {char: (y, x + y / 2) for y, row in enumerate(ROWS) for x, char in enumerate(row)}
    return {
        one: "".join(two for two, (v, u) in places.items() if two != one and abs(v - y) <= 1 and abs(u - x) <= 1)
        for one, (y, x) in places.items()
    }


_NEIGHBOURS = _neighbours()
