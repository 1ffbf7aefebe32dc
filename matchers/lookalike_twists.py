"""The single twists by which an impostor turns a handle into one that is taken for it, each with its cost in bits.

A cost is minus log2 of the share of such twists that attackers really took: registered domain labels beside the names
they copy (`python -m benchmarks.lookalikes --fit`, development half). What domains do not show (capital letters,
digits for letters, affixes, numbers, underscores, other alphabets, other servers) is estimated from the accounts that
the press described.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from matchers.name_frequency import load_frequencies

Kind = Literal[
    "capital_i", "looks_alike", "similar", "vowel", "doubled", "left_out", "swapped", "neighbour", "slipped", "added",
    "replaced", "digit", "separator", "affix", "number", "script", "host", "combined",
]  # fmt: skip

COSTS: dict[Kind, float] = {
    "capital_i": 0.0,
    "left_out": 0.0,
    "script": 0.5,
    "host": 0.5,
    "doubled": 0.6,
    "swapped": 0.5,
    "looks_alike": 1.0,
    "vowel": 1.2,
    "similar": 1.4,
    "neighbour": 1.4,
    "slipped": 2.0,
    "digit": 2.5,
    "replaced": 2.5,
    "added": 2.8,
    "separator": 2.2,
}
# Impostors keep the letter at which a reader begins.
FIRST_LETTER = 2.5
# Letters at the end are added more often than inside.
AT_END = -1.5
# An underscore between two names and at the ends; what other separators cost more.
BETWEEN = 0.7
UNDERSCORE_LAST = 0.4
UNDERSCORE_FIRST = 1.0
SEPARATOR_LEFT_OUT = 0.4
SEPARATORS = {"_": 0.0, ".": 0.5, "-": 1.5}
# An affix or number that the handle itself wears, taken off.
STRIPPED = 0.8

# What each likelier twist of the same kind adds: an impostor chooses a kind first, then a place.
CROWDED = 0.1
# From this many on the list is long, and only the share that attackers took counts.
CROWD = 6

_FRONT = {"real": 0.5, "the": 0.9, "iam": 1.4, "its": 1.5, "official": 1.6, "im": 2.0, "mr": 3.0, "ask": 3.0, "dr": 3.2}
_END = {
    "official": 0.6, "real": 1.2, "hq": 1.8, "backup": 1.9, "page": 2.1, "tv": 2.2, "live": 2.3, "private": 2.4,
    "support": 2.5, "online": 2.6, "x": 2.6, "team": 2.7, "news": 2.9, "ig": 3.0,
}  # fmt: skip
_NUMBERS = {"1": 0.8, "2": 1.3, "0": 1.8, "01": 1.9, "7": 2.2, "3": 2.3, "11": 2.3, "12": 2.6, "123": 2.6, "007": 3.0}
_YEAR = 1.8
_WORN = ("official", "real", "rep", "sen", "iam", "its", "hq")
# What must remain where an affix is taken off.
_MIN_REST = 4

_VOWELS = "aeiou"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What the eye takes for the letter or pair.
_LOOKS = {
    "l": ("1", "i"), "i": ("l", "1", "j"), "o": ("0",), "1": ("l",), "0": ("o",), "m": ("rn", "nn"), "w": ("vv",),
    "d": ("cl",), "rn": ("m",), "nn": ("m",), "vv": ("w",), "cl": ("d",), "g": ("q",), "q": ("g",),
}  # fmt: skip
_DIGITS = {"a": "4", "b": "8", "e": "3", "g": "9", "s": "5", "t": "7", "z": "2"}
# Nearly so, by the eye or by the ear.
_SIMILAR = {
    "c": ("e", "k", "s"), "e": ("c",), "f": ("t", "ph"), "h": ("n",), "i": ("y",), "k": ("c", "ck"), "m": ("n",),
    "n": ("m", "h"), "ph": ("f",), "ck": ("k",), "s": ("z",), "t": ("l", "f"), "u": ("v",), "v": ("u", "y"),
    "y": ("v", "i", "ie"), "z": ("s",), "ie": ("y",),
}  # fmt: skip
# Letters of other scripts that no eye tells from the Latin ones (a choice from UTS #39).
_SCRIPTS = {
    "a": "а", "c": "с", "d": "ԁ", "e": "е", "h": "һ", "i": "і", "j": "ј", "l": "ӏ", "o": "о", "p": "р", "q": "ԛ",
    "s": "ѕ", "w": "ԝ", "x": "х", "y": "у",
}  # fmt: skip
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


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


def list_twists(local: str, *, shows_case: bool, other_scripts: bool, year: int | None) -> list[Twist]:
    """List the twists of a handle's local part, the cheapest first.

    A capital I is offered for an l only where the platform shows case, letters of other scripts only where it takes
    them. `year` is today's, for handles such as janedoe2026.
    """
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in local)
    found = [*_substitutions(lower), *_omissions(local, lower), *_insertions(local, lower)]
    found += [*_separators(local, lower), *_affixes(lower, year)]
    if shows_case:
        found += _capitals(local)
    if other_scripts:
        found += [_put("script", i, lower[i], _SCRIPTS[lower[i]]) for i in range(len(lower)) if lower[i] in _SCRIPTS]
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
    for own, texts in _LOOKS.items():
        yield from (_put("looks_alike", at, own, text) for at in _find_all(lower, own) for text in texts)
    for own, texts in _SIMILAR.items():
        for at in _find_all(lower, own):
            yield from (_put("similar", at, own, text, _priced("similar", at)) for text in texts)
    for at, own in enumerate(lower):
        if own in _DIGITS:
            yield _put("digit", at, own, _DIGITS[own])
        if own in _LETTERS:
            for text in _LETTERS.replace(own, ""):
                kind: Kind = "vowel" if own in _VOWELS and text in _VOWELS else "replaced"
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
        for text in _LETTERS:
            kind: Kind = "slipped" if text in beside else "added"
            cost = _priced(kind, at) + (AT_END if at == len(lower) else 0.0)
            yield Twist(max(cost, COSTS["vowel"]), at, at, "", text, kind)


def _separators(local: str, lower: str) -> Iterator[Twist]:
    between = find_boundaries(local)
    for sign, extra in SEPARATORS.items():
        for at in range(1, len(local)):
            cost = BETWEEN if at in between else COSTS["separator"]
            yield Twist(cost + extra, at, at, "", sign, "separator")
        yield Twist(UNDERSCORE_LAST + extra, len(local), len(local), "", sign, "separator")
        yield Twist(UNDERSCORE_FIRST + extra, 0, 0, "", sign, "separator")
    yield Twist(UNDERSCORE_LAST + 1.5, len(local), len(local), "", "__", "separator")
    for at, own in enumerate(lower):
        if own in SEPARATORS:
            yield _put("separator", at, own, "", SEPARATOR_LEFT_OUT)
            yield from (
                _put("separator", at, own, sign, BETWEEN + extra) for sign, extra in SEPARATORS.items() if sign != own
            )


def find_boundaries(local: str) -> frozenset[int]:
    """Where one word of a handle ends and the next begins: at a capital, a digit, an affix, between two known names."""
    lower = local.lower()
    found = {
        at
        for at, (one, two) in enumerate(pairwise(local), start=1)
        if (one.islower() and two.isupper()) or one.isdigit() != two.isdigit()
    }
    found |= {end if start == 0 else start for start, end in _worn_affixes(lower)}
    return frozenset(found | _between_names(lower))


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
    for word, cost in _FRONT.items():
        yield Twist(cost, 0, 0, "", word, "affix")
        yield from (Twist(cost + 0.6 + x, 0, 0, "", word + sign, "affix") for sign, x in SEPARATORS.items())
    for word, cost in _END.items():
        yield Twist(cost, size, size, "", word, "affix")
        yield from (Twist(cost + 0.6 + x, size, size, "", sign + word, "affix") for sign, x in SEPARATORS.items())
    numbers = _NUMBERS | ({str(year): _YEAR, str(year)[2:]: _YEAR} if year else {})
    for number, cost in numbers.items():
        yield Twist(cost, size, size, "", number, "number")
        yield Twist(cost + 1.2, size, size, "", "_" + number, "number")
    yield from _stripped(lower)


def _stripped(lower: str) -> Iterator[Twist]:
    digits = len(lower) - len(lower.rstrip("0123456789"))
    if digits > 1:
        yield _put("number", len(lower) - digits, lower[-digits:], "", STRIPPED)
    for start, end in _worn_affixes(lower):
        yield _put("affix", start, lower[start:end], "", STRIPPED)


def _worn_affixes(lower: str) -> Iterator[tuple[int, int]]:
    """Where a handle wears an affix or office; a short one may belong to a name, so only these are read."""
    for word in _WORN:
        if len(lower) - len(word) < _MIN_REST:
            continue
        if lower.startswith(word):
            yield 0, len(word)
        if lower.endswith(word):
            yield len(lower) - len(word), len(lower)


def _neighbours() -> dict[str, str]:
    """For each letter those beside it on a QWERTY keyboard, whose rows are shifted by half a key."""
    places = {char: (y, x + y / 2) for y, row in enumerate(_ROWS) for x, char in enumerate(row)}
    return {
        one: "".join(two for two, (v, u) in places.items() if two != one and abs(v - y) <= 1 and abs(u - x) <= 1)
        for one, (y, x) in places.items()
    }


_NEIGHBOURS = _neighbours()
