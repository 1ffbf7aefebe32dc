"""Handles: was this one made to be taken for the subject's?

A noisy channel: how well the edits that impostors make explain the candidate's handle, against how rare such a
handle is. Who merely has a similar name explains his handle by himself, and that is taken off.
"""

from __future__ import annotations

from matchers.evidence import Finding
from matchers.handle_forms import ParsedHandle, handle_disclosures, parse_handle
from matchers.handle_likeness import Likeness, liken, own_name_bits
from matchers.handle_sources import Source, list_sources
from matchers.handle_wording import describe
from matchers.profile import Account, Subject
from matchers.world import World

__all__ = ["ParsedHandle", "compare_handles", "handle_disclosures", "parse_handle"]

# No handle says more than this: its letters are not independent.
CAP = 36.0
# Below this a likeness is chance.
FLOOR = 4.0
# Impostors often take an unrelated handle, so another one says little.
DIFFERS_BITS = -1.0
# What the candidate's own name leaves of a likeness: copies of a namesake's handle exist too.
OWN_NAME_BITS = 2.0
OWN_NAME_SHARE = 0.15


def compare_handles(subject: Subject, account: Account, _world: World) -> Finding | None:
    """Compare the account's handle with the subject's handles and names; None unless both sides have a usable one."""
    if not account.handle:
        return None
    theirs = parse_handle(account.handle, account.platform)
    if not theirs.usable:
        return None
    sources = list_sources(subject.handles, subject.names)
    found = [likeness for source in sources if (likeness := liken(source, theirs))]
    # Of equal explanations the handle on the same platform is the one to tell.
    best = max(found, key=lambda one: (one.bits, one.source.platform == account.platform), default=None)
    if best is None or best.bits < FLOOR:
        return _differs(sources)
    return _find(best, theirs, account)


def _differs(sources: tuple[Source, ...]) -> Finding | None:
    """Only a handle that was given can be differed from; there are many ways to leave a name out of one."""
    if not any(source.handle for source in sources):
        return None
    return Finding("handle.differs", DIFFERS_BITS, "The handle is a different one")


def _find(best: Likeness, theirs: ParsedHandle, account: Account) -> Finding:
    bits = min(CAP, best.bits)
    explained = _explain_by_own_name(account, theirs)
    own = explained > 0
    if own:
        bits = max(bits - explained, OWN_NAME_SHARE * bits)
    code, summary, spans = describe(best, theirs, account.platform)
    if own:
        summary += "; the account's own name explains it too"
    return Finding(
        code, bits, summary, spans, params={"explained_by_own_name": own, "edits": len(best.alignment.edits)}
    )


def _explain_by_own_name(account: Account, theirs: ParsedHandle) -> float:
    """Bits to take off because the account's display name makes such a handle anyway.

    Look-alike letters of another alphabet are no way to write one's own name.
    """
    if not account.display_name or not theirs.local.isascii():
        return 0.0
    return max(0.0, own_name_bits(account.display_name, theirs.letters) - OWN_NAME_BITS)
