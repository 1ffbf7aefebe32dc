"""Deliberate deception: marks that honest names and handles do not carry and the original lacks."""

from __future__ import annotations

from matchers.evidence import Finding
from matchers.profile import Account, Subject
from matchers.text import Deception, deceptions
from matchers.world import World

# Raw bits of each mark, from how much more often impersonators' names carry it than other people's
# (docs/decisions/0003-evidence-in-bits.md); the sum is capped.
BITS: dict[Deception, float] = {
    "mixed_script": 9.0,
    "invisible": 6.0,
    "capital_i": 5.0,
    "badge_glyph": 3.0,
    "digit_in_word": 2.5,
    "styled_letters": 2.0,
}
CAP = 12.0
# Marks that show an intent to be mistaken whatever the account says about itself.
OVERRIDES_DISCLOSURE = frozenset({"mixed_script", "invisible", "capital_i", "badge_glyph"})

_SENTENCES: dict[Deception, str] = {
    "mixed_script": "letters of another alphabet stand in for Latin ones",
    "invisible": "invisible characters are hidden in it",
    "capital_i": "a capital I stands in for a small l",
    "badge_glyph": "a symbol imitates a verification badge",
    "digit_in_word": "a digit stands in for a letter",
    "styled_letters": "it is set in look-alike styled letters",
}


def find_marks(subject: Subject, account: Account) -> frozenset[Deception]:
    """List the marks on the account's name and handle that none of the subject's names and handles carries."""
    theirs: set[Deception] = set()
    for text in (account.display_name, account.handle):
        theirs |= deceptions(text or "")
    if not theirs:
        return frozenset()
    own: set[Deception] = set()
    for text in (*subject.names, *(h.text for h in subject.handles)):
        own |= deceptions(text)
    return frozenset(theirs - own)


def compare_deception(subject: Subject, account: Account, _world: World) -> Finding | None:
    """Weigh the marks of deception on the account; None without any.

    The model counts this only beside a name or handle that resembles the subject's.
    """
    marks = sorted(find_marks(subject, account), key=lambda mark: -BITS[mark])
    if not marks:
        return None
    bits = min(CAP, sum(BITS[mark] for mark in marks))
    told = "; ".join(_SENTENCES[mark] for mark in marks)
    return Finding(
        code=f"deception.{marks[0]}",
        bits=bits,
        summary=f"Signs of disguise in the name or handle: {told}",
        params={"marks": ",".join(marks)},
    )
