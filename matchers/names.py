"""Names: how rare each part is, and how much of the subject's name an account's display name confirms.

In the form of Fellegi and Sunter (1969): a part that agrees is worth -log2 of its frequency, less what the manner of
agreeing costs; the sum is multiplied by the cube of the share of the name that is confirmed, so that a long name does
not carry a replaced surname.
"""

from __future__ import annotations

from matchers.evidence import Finding
from matchers.name_alignment import CAP, FLOOR, Alignment, align, most_bits
from matchers.name_frequency import Sharers, estimate_sharers, part_bits
from matchers.name_parts import Name, Part, parse_name
from matchers.name_study import study
from matchers.name_summaries import describe, find_disguises, find_spans
from matchers.profile import Account, Subject
from matchers.world import World

__all__ = [
    "CAP",
    "FLOOR",
    "Name",
    "Part",
    "Sharers",
    "bound_names",
    "compare_names",
    "estimate_sharers",
    "parse_name",
    "part_bits",
]

# Below this confirmed share a name agrees only in part.
SIMILAR_SHARE = 0.7
_ROUNDED = 0.01

_NOTHING_SHARED = Finding("name.differs", FLOOR, "The names have nothing in common", params={"share": 0.0})


def compare_names(subject: Subject, account: Account, world: World) -> Finding | None:
    """Compare the account's display name with the subject's names; the best counts.

    None if either side lacks a usable name. `params["share"]` is the confirmed share of the name, 0 to 1.
    """
    if not account.display_name or not subject.names:
        return None
    theirs = study(account.display_name)
    owns = [own for own in map(study, subject.names) if own.readings]
    if not theirs.readings or not owns:
        return None
    alignments = [found for own in owns if (found := align(own, theirs, world))]
    if not alignments:
        return _NOTHING_SHARED
    return _report(max(alignments, key=lambda found: (found.bits, found.share)), world)


def bound_names(account: Account, world: World) -> float:
    """The most bits that `compare_names` finds for the account, whosoever the subject is."""
    # Bits are told to two places.
    return most_bits(study(account.display_name), world) + _ROUNDED if account.display_name else 0.0


def _report(alignment: Alignment, world: World) -> Finding:
    code = _name_code(alignment)
    if code == "name.differs":
        return _NOTHING_SHARED
    return Finding(
        code=code,
        bits=round(alignment.bits, 2),
        summary=describe(alignment, code, world),
        spans=find_spans(alignment),
        params={"share": round(alignment.share, 3)},
    )


def _name_code(alignment: Alignment) -> str:
    kinds = {pair.agreement.kind for pair in alignment.pairs}
    whole = not alignment.missing and not alignment.extra
    if alignment.glued:
        return "name.same" if alignment.share == 1 else "name.similar"
    if whole and kinds <= {"same", "script", "looks"}:
        return "name.looks_same" if "looks" in kinds or find_disguises(alignment) else "name.same"
    if alignment.share >= SIMILAR_SHARE and alignment.bits > 0:
        return "name.similar"
    return "name.partial" if kinds else "name.differs"
