"""One question to a source, to see whether it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.net.budget import Budget
from app.net.errors import NetError
from app.problems import InvalidInputError
from app.sources.contract import Answer, Source
from app.sources.gathering import Gatherer

# Enough for a search and a lookup on a few servers, with repeats, and for the trial of every probe.
TRIAL_BUDGET = Budget(calls=80, seconds=30.0, money=0.0)


@dataclass(frozen=True, slots=True)
class Tried:
    """What one server of a source said; `works` is None where nobody was asked."""

    place: str
    works: bool | None
    told: str


def try_source(
    sources: Mapping[str, Source], name: str, query: str, handle: str | None, money: float = 0.0
) -> list[Tried]:
    """Ask every server of a source once; raises `InvalidInputError` for an unknown source.

    `money` is what the trial may spend in US dollars; a paid source is asked as far as it reaches.
    """
    source = sources.get(name)
    if source is None:
        raise InvalidInputError(f"No source of this name; known are {', '.join(sorted(sources))}.")
    info = source.info
    if not info.ready:
        return [Tried(info.title, works=False, told=info.not_ready or "The source is not set up")]
    if not isinstance(source, Gatherer):
        return [Tried(info.title, works=None, told="Nothing to try: this source asks nobody outside")]
    outcomes = source.try_out(query, handle or info.known_handle, replace(TRIAL_BUDGET, money=money))
    if not outcomes:
        return [Tried(info.title, works=None, told=f"Set up, and not tried: {info.cost}. --max-money allows it")]
    return [Tried(place, *_say_outcome(outcome)) for place, outcome in outcomes]


def _say_outcome(outcome: Answer | NetError) -> tuple[bool, str]:
    if isinstance(outcome, NetError):
        return False, outcome.detail
    found = f"answered with {len(outcome.sightings)} accounts"
    found += f" for ${outcome.cost:.3f}" if outcome.cost else ""
    return outcome.status in {"ok", "partial"}, f"{found}. {outcome.detail}" if outcome.detail else found
