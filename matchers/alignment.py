"""How one handle may have been made from another: a noisy channel over the edits that impostors make.

The subject's handle is laid locally inside the candidate's: every letter found again earns the bits it carries among
all handles (`matchers.background`), every edit costs the bits by which it is rarer than copying. The subject's
letters carry the bits, not the candidate's, and each the mean of them: a misspelling is not worth more for being odd,
a literal copy is worth the most, and on real lookalike labels this finds more than the candidate's letters do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

EditKind = Literal["swap", "pair", "turned", "added", "doubled", "left_out", "other"]

VISUAL = 3.5
# Less than a swap: "rn" is a better m than n alone.
PAIR = 3.0
TURNED = 5.0
ADDED = 5.0
DOUBLED = 2.5
LEFT_OUT = 6.0
VOWEL_LEFT_OUT = 4.0
DOUBLE_LEFT_OUT = 3.0
# Letters of the subject's handle before or after the part that was copied.
CUT_OFF = 5.0
VOWEL_CHANGED = 6.0
OTHER = 9.0

_VOWELS = frozenset("aeiouy")
# Letters that look or sound alike, each group with what it is taken for.
_SIMILAR = {"i": "l1j", "l": "1", "j": "1", "o": "0", "s": "5cz", "e": "3c", "a": "4", "t": "7f", "b": "8", "g": "9q6"}
_SIMILAR |= {"z": "2", "u": "v", "n": "mh", "v": "yw", "k": "xc", "x": "s", "w": "u"}
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"), ("ph", "f"), ("ck", "k"), ("ie", "y"), ("ll", "u"))
_NEVER = -1e9


def _swap_costs() -> dict[str, float]:
    """Costs of putting one letter for another, by the two letters; all others cost OTHER."""
    costs = {a + b: VOWEL_CHANGED for a in _VOWELS for b in _VOWELS if a != b}
    for a, others in _SIMILAR.items():
        for b in others:
            costs[a + b] = costs[b + a] = VISUAL
    return costs


_SWAPS = _swap_costs()
# A letter and the pairs that imitate it; a pair and the letters that do.
_WIDER = {single: tuple(pair for pair, s in _PAIRS if s == single) for _, single in _PAIRS}
_NARROWER = {pair: tuple(s for p, s in _PAIRS if p == pair) for pair, _ in _PAIRS}


@dataclass(frozen=True, slots=True)
class Edit:
    """One change: `own` letters of the subject's handle became the candidate's letters `start` to `end`."""

    kind: EditKind
    own: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the subject's handle lies in the candidate's letters, and what it took: `gain` in bits."""

    gain: float
    start: int
    end: int
    edits: tuple[Edit, ...] = ()


def align(own: str, theirs: str, worth: float) -> Alignment | None:
    """Lay `own` inside `theirs` at the greatest gain; None where no place has a positive one.

    `worth` are the bits that a letter of `own` found again earns. A literal copy is recognised without search.
    """
    at = theirs.find(own)
    if at >= 0:
        return Alignment(worth * len(own), at, at + len(own))
    return _search(own, theirs, worth)


# One step back: how many letters of own and of theirs it consumed, and what kind of edit it was.
_Step = tuple[int, int, EditKind | None]
_COPIED: _Step = (1, 1, None)
_SWAPPED: _Step = (1, 1, "swap")
_OTHER: _Step = (1, 1, "other")
_TURNED: _Step = (2, 2, "turned")
_JOINED: _Step = (2, 1, "pair")
_PARTED: _Step = (1, 2, "pair")
_DROPPED: _Step = (1, 0, "left_out")
_INSERTED: _Step = (0, 1, "added")
_REPEATED: _Step = (0, 1, "doubled")
_OUTSIDE: _Step = (0, 0, None)


def _search(own: str, theirs: str, worth: float) -> Alignment | None:
    """Fill the table of best gains row by row (one row a letter of own), then walk back from the best end."""
    rows = [[0.0] * (len(theirs) + 1)]
    steps = [[_OUTSIDE] * (len(theirs) + 1)]
    best, at = 0.0, (0, 0)
    drops = _drop_costs(own)
    for i in range(1, len(own) + 1):
        row, step = _fill_row(own, theirs, worth, i, rows, drops[i - 1])
        rows.append(row)
        steps.append(step)
        cut = CUT_OFF * (len(own) - i)
        top = max(row) - cut
        if top > best:
            best, at = top, (i, row.index(top + cut))
    if best <= 0:
        return None
    return _walk_back(own, steps, at, best)


def _fill_row(
    own: str, theirs: str, worth: float, i: int, rows: list[list[float]], drop: float
) -> tuple[list[float], list[_Step]]:
    """Best gain of every place in theirs after the first i letters of own, and the step that led there."""
    above, x = rows[i - 1], own[i - 1]
    # Letters cut off the front of own.
    start = -CUT_OFF * i if i < len(own) else _NEVER
    row, step = [start], [_OUTSIDE]
    previous = ""
    for j, y in enumerate(theirs, start=1):
        gain, move = start, _OUTSIDE
        if x == y:
            value, by = above[j - 1] + worth, _COPIED
        else:
            cost = _SWAPS.get(x + y, OTHER)
            value, by = above[j - 1] + worth - cost, (_SWAPPED if cost == VISUAL else _OTHER)
        if value > gain:
            gain, move = value, by
        if (value := above[j] - drop) > gain:
            gain, move = value, _DROPPED
        repeated = previous == y
        if (value := row[j - 1] - (DOUBLED if repeated else ADDED)) > gain:
            gain, move = value, (_REPEATED if repeated else _INSERTED)
        row.append(gain)
        step.append(move)
        previous = y
    _try_pairs(own, theirs, worth, i, rows, row, step)
    return row, step


def _try_pairs(
    own: str, theirs: str, worth: float, i: int, rows: list[list[float]], row: list[float], step: list[_Step]
) -> None:
    """Improve a row by the steps that take two letters at once: turned round, "rn" for m, m for "rn"."""
    x = own[i - 1]
    before = own[i - 2 : i] if i > 1 else ""
    for pair in _WIDER.get(x, ()):
        for j in _find_all(theirs, pair):
            _improve(row, step, j + 2, rows[i - 1][j] + worth - PAIR, _PARTED)
    if not before:
        return
    for single in _NARROWER.get(before, ()):
        for j in _find_all(theirs, single):
            _improve(row, step, j + 1, rows[i - 2][j] + 2 * worth - PAIR, _JOINED)
    if before[0] != x:
        for j in _find_all(theirs, x + before[0]):
            _improve(row, step, j + 2, rows[i - 2][j] + 2 * worth - TURNED, _TURNED)


def _find_all(text: str, piece: str) -> list[int]:
    found = []
    at = text.find(piece)
    while at >= 0:
        found.append(at)
        at = text.find(piece, at + 1)
    return found


def _improve(row: list[float], step: list[_Step], j: int, value: float, move: _Step) -> None:
    if value > row[j]:
        row[j], step[j] = value, move


@lru_cache(maxsize=256)
def _drop_costs(own: str) -> tuple[float, ...]:
    """What leaving out each letter costs."""
    return tuple(
        DOUBLE_LEFT_OUT if at and own[at - 1] == letter else VOWEL_LEFT_OUT if letter in _VOWELS else LEFT_OUT
        for at, letter in enumerate(own)
    )


def _walk_back(own: str, steps: list[list[_Step]], at: tuple[int, int], gain: float) -> Alignment:
    i, j = at
    end = j
    edits: list[Edit] = []
    if i < len(own):
        edits.append(Edit("left_out", own[i:], j, j))
    while i and (step := steps[i][j]) is not _OUTSIDE:
        taken, used, kind = step
        if kind is not None:
            edits.append(Edit(kind, own[i - taken : i], j - used, j))
        i, j = i - taken, j - used
    if i:
        edits.append(Edit("left_out", own[:i], j, j))
    return Alignment(gain, j, end, tuple(reversed(edits)))
