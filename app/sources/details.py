"""Full profiles for a list that tells little: a call each, so only for the first ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.net.errors import BudgetSpentError, RateLimitedError
from app.sources.reading import Json


def complete(found: Sequence[Json], fetch: Callable[[Json], Json], most: int) -> tuple[list[Json], int]:
    """Put what `fetch` gives in the place of the first `most`, as far as limits and budget allow; counts the rest."""
    full: list[Json] = []
    try:
        for item in found[:most]:
            full.append(fetch(item))  # noqa: PERF401  # what came before an error is kept
    except (RateLimitedError, BudgetSpentError):
        pass
    left = found[len(full) :]
    return [*full, *left], len(left)
