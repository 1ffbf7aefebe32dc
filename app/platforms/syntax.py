"""What a platform takes for a handle, as `matchers.lookalikes` must be told."""

from __future__ import annotations

import re
from functools import lru_cache

from app.platforms.catalogue import Platform, load_catalogue, plain_key
from app.platforms.identity import is_handle
from matchers.lookalikes import Syntax

# What follows the names that anybody can have there for nothing, where a handle carries its host.
HOMES = {"bluesky": ".bsky.social", "mastodon": "@mastodon.social", "matrix": ":matrix.org", "lemmy": "@lemmy.world"}
# A Cyrillic word: whoever takes it takes letters beyond ASCII.
_FOREIGN = "аеорсух"
# Most platforms take these and no more; shorter handles are mostly reserved.
_USUAL = re.compile(r"[A-Za-z0-9_.-]{3,64}")


def syntax_of(platform: str | None, year: int) -> Syntax:
    """The syntax of a platform's handles; of one that the catalogue does not know, what most platforms take.

    `year` is today's, for handles that carry it.
    """
    known = load_catalogue().get(platform) if platform else None
    return _syntax(known, year)


@lru_cache(maxsize=128)
def _syntax(platform: Platform | None, year: int) -> Syntax:
    if platform is None:
        return Syntax(allows=_is_usual, key=plain_key, year=year)
    return Syntax(
        allows=lambda handle: is_handle(platform, handle),
        key=platform.handle_key,
        shows_case=platform.facts.shows_case,
        other_scripts=is_handle(platform, _FOREIGN),
        home=HOMES.get(platform.id),
        year=year,
    )


def _is_usual(handle: str) -> bool:
    return _USUAL.fullmatch(handle) is not None
