"""Handles: was this one made to be taken for the subject's?

A noisy channel: how well the edits that impostors make explain the candidate's handle, against how rare such a
handle is. Who merely has a similar name explains his handle by himself, and that is taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matchers.evidence import Finding
from matchers.handle_forms import ParsedHandle, handle_disclosures, parse_handle
from matchers.handle_likeness import Likeness, liken
from matchers.handle_sources import Source, list_sources
from matchers.handle_wording import describe
from matchers.own_name import OWN_NAME_SHARE, Hearing, hear
from matchers.profile import Account, Subject
from matchers.world import World

__all__ = ["ParsedHandle", "compare_handles", "handle_disclosures", "parse_handle"]

# No handle says more than this: its letters are not independent.
CAP = 36.0
# Below this a likeness is chance.
FLOOR = 4.0
# Impostors often take an unrelated handle, so another one says little.
DIFFERS_BITS = -1.0
_DIFFERS = Finding("handle.differs", DIFFERS_BITS, "The handle is a different one")


def compare_handles(subject: Subject, account: Account, _world: World) -> Finding | None:
    """Compare the account's handle with the subject's handles and names; None unless both sides have a usable one."""
    if not account.handle:
        return None
    theirs = parse_handle(account.handle, account.platform)
    if not theirs.usable:
        return None
    sources = list_sources(subject.handles, subject.names)
    near = _list_near(sources, theirs)
    if not near:
        return _differs(sources)
    hearing = hear(theirs, account.display_name, subject.names)
    found = list(_hear_all(near, theirs, hearing))
    if not found:
        return _differs(sources)
    # Of equal explanations the handle on the same platform is the one to tell.
    best = max(found, key=lambda one: (one.bits, one.likeness.source.platform == account.platform))
    if best.likeness.bits < FLOOR:
        return _differs(sources)
    return _find(best, theirs, account)


def bound_handles(subject: Subject, account: Account) -> float:
    """The most bits that `compare_handles` finds from the subject's own handles, the handles of his name left out."""
    if not account.handle or not (theirs := parse_handle(account.handle, account.platform)).usable:
        return 0.0
    near = _list_near(list_sources(subject.handles, ()), theirs)
    found = [likeness.bits for source in near if (likeness := liken(source, theirs)) is not None]
    return min(CAP, max([0.0, *found]))


@dataclass(frozen=True, slots=True)
class _Heard:
    """A likeness after the account's own name was heard: its bits, and whether that name explains the handle."""

    likeness: Likeness
    bits: float
    own: bool


def _list_near(sources: Sequence[Source], theirs: ParsedHandle) -> list[Source]:
    """Those sources of whose letters enough are there at all; of most strangers this alone tells that none is."""
    strange, letters = ~theirs.mask, theirs.letters
    return [
        source
        for source in sources
        if (source.mask & strange).bit_count() <= source.spare or (source.bare and source.bare in letters)
    ]


def _hear_all(sources: Sequence[Source], theirs: ParsedHandle, hearing: Hearing) -> Iterator[_Heard]:
    for source in sources:
        likeness = liken(source, theirs, hearing.least)
        if likeness is None:
            continue
        if hearing.makes(source):
            yield _Heard(likeness, OWN_NAME_SHARE * likeness.bits, own=True)
        else:
            yield _Heard(likeness, *hearing.discount(likeness))


def _differs(sources: tuple[Source, ...]) -> Finding | None:
    """Only a handle that was given can be differed from; there are many ways to leave a name out of one."""
    # Handles stand before names.
    return _DIFFERS if sources and sources[0].handle else None


def _find(best: _Heard, theirs: ParsedHandle, account: Account) -> Finding:
    code, summary, spans = describe(best.likeness, theirs, account.platform)
    if best.own:
        summary += "; the account's own name explains it too"
    params = {"explained_by_own_name": best.own, "edits": len(best.likeness.alignment.edits)}
    return Finding(code, min(CAP, best.bits), summary, spans, params=params)
