"""The biography: copied text counts for a clone; a different one counts for nothing."""

from __future__ import annotations

import re
from functools import lru_cache

from matchers.evidence import Finding
from matchers.profile import Account, Subject
from matchers.text import clean, fold
from matchers.world import World

# Shorter texts ("She/her. Coffee.") are shared by strangers.
MIN_WORDS = 5
# Three words in a row that agree are rarely chance; each confirmed word beyond them adds about this much.
BITS_A_WORD = 1.2
CAP = 12.0
# Below this share of the subject's three-word runs the likeness is chance or common phrases.
MIN_SHARE = 0.5
_MAX_LENGTH = 5_000
_WORD = re.compile(r"\w+")
_DISCLOSURE = re.compile(
    r"\b(?:parody|satire|satirical|spoof|unofficial|impersonator|"
    r"fan ?(?:account|page|club|site|made|run)|fans? of this|tribute (?:account|page)|"
    r"not (?:the real|affiliated|associated|official)|no affiliation|commentary account|role ?play)\b"
)
_NEGATED = re.compile(r"\bnot (?:an? )?(?:parody|satire|spoof|impersonator|fan)")


@lru_cache(maxsize=2_000)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text).casefold()))


def _runs(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {words[i : i + 3] for i in range(len(words) - 2)}


def compare_bios(subject: Subject, account: Account, _world: World) -> Finding | None:
    """Measure how much of the subject's biography stands in the account's; None where there is no sign of copying."""
    if not subject.bio or not account.bio:
        return None
    own, theirs = _words(subject.bio[:_MAX_LENGTH]), _words(account.bio[:_MAX_LENGTH])
    if len(own) < MIN_WORDS or len(theirs) < MIN_WORDS:
        return None
    own_runs = _runs(own)
    share = len(own_runs & _runs(theirs)) / len(own_runs)
    if share < MIN_SHARE:
        return None
    bits = share * min(CAP, BITS_A_WORD * len(own))
    whole = share > 0.95
    told = "The biography is the same" if whole else f"{share:.0%} of the biography is the same"
    return Finding(
        code="bio.copied" if whole else "bio.partly_copied",
        bits=bits,
        summary=told,
        params={"share": round(share, 3)},
    )


def bio_disclosures(bio: str) -> tuple[str, ...]:
    """Words with which a biography says that the account is a parody, a fan page or otherwise not the person.

    "A fan of coffee" says nothing about the account, and "not a parody" says the opposite; neither is returned.
    """
    return _find_disclosures(bio[:_MAX_LENGTH])


@lru_cache(maxsize=2_000)
def _find_disclosures(bio: str) -> tuple[str, ...]:
    text = fold(clean(bio)).casefold()
    return tuple(dict.fromkeys(_DISCLOSURE.findall(_NEGATED.sub(" ", text))))
