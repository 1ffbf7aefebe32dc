"""Two texts side by side: which characters differ, and what characters they are that look so alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import OSA, Levenshtein

from matchers.text import skeleton

# A name or handle of more characters than this is cut; what is cut is said.
MAX_SHOWN = 120
MAX_LISTED = 6
MAX_NAMED = 3
_MAX_MARKS = 3
_LINE_BREAKS = "\t\n\r\u2028\u2029"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Letters and marks that show as nothing or as a blank (Unicode: Hangul fillers, Braille blank, grapheme joiner).
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
# The blank of Chinese and Japanese, beside our own.
_PLAIN_SPACES = frozenset(" \u3000")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that stand together: `differs` from the other text; `hidden` ones are given by their code points."""

    text: str
    differs: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Characters of the person's text and those in their place, each as it is called in Unicode."""

    own: str
    other: str
    own_names: tuple[str, ...]
    other_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts compared. `edits` counts changed, missing, added and swapped characters, `seen` those that show.

    Pieces are marked only where the shorter text is found in the other for the most part: else marks would hide them.
    """

    own_text: str
    own: tuple[Piece, ...]
    other: tuple[Piece, ...]
    changes: tuple[Change, ...]
    unlisted: int
    edits: int
    seen: int


def compare_texts(own: str, other: str) -> Comparison:
    """Compare two names, or two handles. Case alone is no difference."""
    left, right = own[:MAX_SHOWN], other[:MAX_SHOWN]
    steps = Levenshtein.opcodes(_keys(left), _keys(right))
    changed = [step for step in steps if step.tag != "equal"]
    kept = sum(step.src_end - step.src_start for step in steps if step.tag == "equal")
    if kept < min(len(left), len(right)) / 2:
        changed = []
    return Comparison(
        own_text=own,
        own=show(left, [(step.src_start, step.src_end) for step in changed], cut=len(own) > MAX_SHOWN),
        other=show(right, [(step.dest_start, step.dest_end) for step in changed], cut=len(other) > MAX_SHOWN),
        changes=tuple(
            _change(left[step.src_start : step.src_end], right[step.dest_start : step.dest_end])
            for step in changed[:MAX_LISTED]
        ),
        unlisted=len(changed[MAX_LISTED:]),
        edits=count_edits(own, other),
        seen=OSA.distance(skeleton(left), skeleton(right)),
    )


def count_edits(own: str, other: str) -> int:
    """How many characters are changed, missing, added or swapped with their neighbour; case does not count."""
    return OSA.distance(_keys(own[:MAX_SHOWN]), _keys(other[:MAX_SHOWN]))


def nearest(own: Sequence[str], other: str) -> str | None:
    """The text that is most like the other one; None where there is none."""
    return min(own, key=lambda text: count_edits(text, other), default=None)


def compare_nearest(own: Sequence[str], other: str | None) -> Comparison | None:
    """Compare a text with the one of several that is most like it; None where one side does not tell."""
    closest = nearest(own, other) if other else None
    return compare_texts(closest, other) if closest and other else None


def show(text: str, marked: Iterable[tuple[int, int]] = (), *, cut: bool = False) -> tuple[Piece, ...]:
    """A stranger's text in pieces that are safe to show on one line: nothing in it hides, turns or piles up."""
    places = {at for start, end in marked for at in range(start, end)}
    kinds = groupby(_each(text, places), key=lambda piece: (piece.differs, piece.hidden))
    pieces = [
        Piece((" " if hidden else "").join(p.text for p in run), differs, hidden) for (differs, hidden), run in kinds
    ]
    return (*pieces, Piece(" …")) if cut else tuple(pieces)


def _each(text: str, places: set[int]) -> Iterator[Piece]:
    marks = 0
    for at, char in enumerate(text):
        marks = marks + 1 if unicodedata.combining(char) else 0
        if is_hidden(char) or marks > _MAX_MARKS:
            yield Piece(f"U+{ord(char):04X}", at in places, hidden=True)
        else:
            yield Piece(" " if char in _LINE_BREAKS else char, at in places)


def is_hidden(char: str) -> bool:
    """Whether a character shows as nothing, as an odd blank, or turns the direction of writing."""
    if char in _LINE_BREAKS or char in _PLAIN_SPACES:
        return False
    category = unicodedata.category(char)
    return category in _UNSEEN or char in _BLANKS or category == "Zs" or "\ufe00" <= char <= "\ufe0f"


def _keys(text: str) -> str:
    return "".join(folded if len(folded := char.casefold()) == 1 else char for char in text)


def _change(own: str, other: str) -> Change:
    return Change(own, other, _names(own), _names(other))


def _names(text: str) -> tuple[str, ...]:
    """The characters of a change by name; a whole added word says nothing letter by letter."""
    return tuple(map(_name, text)) if len(text) <= MAX_NAMED else (f"{len(text)} characters",)


def _name(char: str) -> str:
    """A character by its code point and its name in Unicode."""
    return f"U+{ord(char):04X} {unicodedata.name(char, 'without a name').lower()}"
