"""One question to a source, to see whether it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.net.budget import Budget
from app.net.errors import NetError
from app.problems import InvalidInputError
from app.sources.contract import Answer, Source
from app.sources.gathering import Gatherer

# Enough for a search and a lookup on a few servers, with repeats.
TRIAL_BUDGET = Budget(calls=40, seconds=30.0, money=0.0)


@dataclass(frozen=True, slots=True)
class Tried:
    """What one server of a source said."""

    place: str
    works: bool
    told: str


def try_source(sources: Mapping[str, Source], name: str, query: str, handle: str | None) -> list[Tried]:
    """Ask every server of a source once; raises `InvalidInputError` for an unknown source.

    A paid source is looked up but not searched: that would cost money.
    """
    source = sources.get(name)
    if source is None:
        raise InvalidInputError(f"No source of this name; known are {', '.join(sorted(sources))}.")
    info = source.info
    if not info.ready:
        return [Tried(info.title, works=False, told=info.not_ready or "The source is not set up")]
    if not isinstance(source, Gatherer):
        return [Tried(info.title, works=True, told="Nothing to try: this source asks nobody outside")]
    paid = info.money_per_search or info.money_per_handle
    if paid:
        return [Tried(info.title, works=True, told="Set up. It costs money and is not tried here")]
    return [
        Tried(place, *_say_outcome(outcome))
        for place, outcome in source.try_out(query, handle or info.known_handle, TRIAL_BUDGET)
    ]


def _say_outcome(outcome: Answer | NetError) -> tuple[bool, str]:
    if isinstance(outcome, NetError):
        return False, outcome.detail
    found = f"answered with {len(outcome.sightings)} accounts"
    return outcome.status in {"ok", "partial"}, f"{found}. {outcome.detail}" if outcome.detail else found
