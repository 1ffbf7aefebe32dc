"""The lookalikes of a handle, ordered by how likely an impostor takes them.

Single twists (`matchers.lookalike_twists`) are combined, the likeliest first, until enough are found that the platform
takes and that are another account there.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from matchers.handle_forms import MAX_LENGTH, parse_handle
from matchers.lookalike_tables import COSTS, Kind
from matchers.lookalike_twists import Twist, list_twists

# Each further twist makes a handle less like the original; fitted as the costs of the twists are.
AGAIN = 2.0
MAX_TWISTS = 3
# How many combinations are tried for each lookalike asked for, so that a platform which takes none costs little.
_TRIES = 40
_FEWEST_TRIES = 400


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a platform takes for a handle, told from outside.

    `allows` says whether a whole handle could be registered, `key` folds one so that equal keys are one account.
    `shows_case`: readers see capital letters as they were typed. `other_scripts`: handles need not be ASCII.
    `home`: what follows the names that everybody can have, such as ".bsky.social", where handles carry a host.
    `year`: today's, None to leave years out.
    """

    allows: Callable[[str], bool] = bool
    key: Callable[[str], str] = str.lower
    shows_case: bool = True
    other_scripts: bool = False
    home: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A handle that may be taken for another. `cost` in bits orders them: the smaller, the likelier.

    `kind` is that of the twist, "combined" where there are several; `summary` says what was done.
    """

    handle: str
    kind: Kind
    cost: float
    summary: str


def lookalikes(
    handle: str, platform: str | None, limit: int, syntax: Syntax, names: tuple[str, ...] = ()
) -> tuple[Lookalike, ...]:
    """List up to `limit` lookalikes of a handle, the likeliest first, each an account of its own on the platform.

    `names` of its holder show where its words end, between which separators go. A handle with too few letters to
    identify anybody has none, nor has one that is too long to be one. Never raises; the same arguments give the same
    answer.
    """
    parsed = parse_handle(handle, platform)
    if not parsed.usable or parsed.letters.isdigit() or len(handle) > MAX_LENGTH:
        return ()
    whole = parsed.raw[parsed.start :].rstrip()
    if syntax.home and whole == parsed.local and not syntax.allows(whole):
        whole += syntax.home
    seen = {syntax.key(whole)}
    found: list[Lookalike] = []
    for tried, twists in enumerate(_combine(_all_twists(whole, len(parsed.local), syntax, names))):
        if len(found) >= limit or tried > _FEWEST_TRIES + _TRIES * limit:
            break
        text = apply_twists(whole, twists)
        if (key := syntax.key(text)) in seen or not syntax.allows(text):
            continue
        seen.add(key)
        found.append(_make(text, twists))
    return tuple(found)


def _all_twists(whole: str, size: int, syntax: Syntax, names: tuple[str, ...]) -> list[Twist]:
    twists = list_twists(
        whole[:size],
        shows_case=syntax.shows_case,
        other_scripts=syntax.other_scripts,
        year=syntax.year,
        names=names,
    )
    host = whole[size:]
    if syntax.home and host and host.casefold() != syntax.home:
        twists.append(Twist(COSTS["host"], size, len(whole), host, syntax.home, "host"))
        twists.sort()
    return twists


def _combine(twists: Sequence[Twist]) -> Iterator[tuple[Twist, ...]]:
    """All sets of up to `MAX_TWISTS` twists that leave each other's places alone, in order of their cost.

    A set is followed by those with its last twist exchanged for the next one, or the next one added to it.
    """
    heap: list[tuple[float, tuple[int, ...]]] = [(twists[0].cost, (0,))] if twists else []
    while heap:
        cost, chosen = heapq.heappop(heap)
        last = chosen[-1]
        sound = not any(twists[last].clashes(twists[at]) for at in chosen[:-1])
        if last + 1 < len(twists):
            step = twists[last + 1].cost
            heapq.heappush(heap, (cost - twists[last].cost + step, (*chosen[:-1], last + 1)))
            if sound and len(chosen) < MAX_TWISTS:
                heapq.heappush(heap, (cost + step + AGAIN, (*chosen, last + 1)))
        if sound:
            yield tuple(twists[at] for at in chosen)


def apply_twists(text: str, twists: Sequence[Twist]) -> str:
    """Write a handle with the twists done."""
    for twist in sorted(twists, key=lambda t: (t.start, t.end), reverse=True):
        text = text[: twist.start] + twist.text + text[twist.end :]
    return text


def find_difference(handle: str, imitated: str) -> list[tuple[int, int]]:
    """Where a handle has other letters than the imitated one: half-open spans, in code points of the handle."""
    steps = Levenshtein.opcodes(imitated, handle)
    return [(step.dest_start, step.dest_end) for step in steps if step.tag != "equal"]


def _make(text: str, twists: Sequence[Twist]) -> Lookalike:
    in_place = sorted(twists, key=lambda t: (t.start, t.end))
    return Lookalike(
        handle=text,
        kind=twists[0].kind if len(twists) == 1 else "combined",
        cost=round(sum(t.cost for t in twists) + AGAIN * (len(twists) - 1), 2),
        summary=", ".join(map(_describe, in_place)),
    )


def _describe(twist: Twist) -> str:
    match twist:
        case Twist(kind="capital_i", text="I"):
            told = "capital I in place of small l"
        case Twist(kind="capital_i"):
            told = "small l in place of capital I"
        case Twist(kind="doubled", own=piece):
            told = f"{piece} doubled"
        case Twist(kind="swapped", own=own):
            first, second = own[0], own[1]
            told = f"{first} and {second} swapped"
        case Twist(kind="script", own=own):
            told = f"a look-alike letter of another alphabet in place of {own}"
        case Twist(text="", own=own):
            told = f"{own} left out"
        case Twist(own="", text=piece):
            where = _say_where(twist)
            told = f"{piece} added {where}" if where else f"{piece} added"
        case Twist(own=own, text=piece):
            told = f"{piece} in place of {own}"
    return told


def _say_where(twist: Twist) -> str | None:
    if twist.start == 0:
        return "in front"
    return "at the end" if twist.kind in {"affix", "number"} else None
