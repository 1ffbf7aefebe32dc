"""What an account's own display name explains of its handle, and what is left that only imitation explains.

Jane Doe calls herself janedoe2 without thinking of another Jane Doe. She does not call herself r3pjanedoe because a
congresswoman of her name is repjanedoe, nor ja_nedoe: what the subject's handle and hers share beyond her own name, and
separators inside a part of it, speak of imitation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from rapidfuzz.distance import LCSseq

from matchers.handle_forms import ParsedHandle, classes
from matchers.handle_likeness import Likeness
from matchers.handle_sources import Source, count_bits, full_forms, name_forms, nickname_forms
from matchers.name_syllables import fold_name
from matchers.names import parse_name
from matchers.text import deceptions

# What the candidate's own name leaves of a likeness: copies of a namesake's handle exist too.
OWN_NAME_BITS = 2.0
OWN_NAME_SHARE = 0.15
# A letter that the handles share where the name has none; offices and affixes are what is shared most, so a letter
# counts less than one of a name, and all of them together no more than this.
SHARED_LETTER_BITS = 4.0
SHARED_CAP = 16.0
# A separator inside a part of the name: people separate the parts.
SPLIT_BITS = 6.0
# A handle that holds this share of a name's form in order, but not the form itself, misspells it.
_NEAR_SHARE = 0.8
_NEAR_FORM = 6
# Less than this is not worth telling where the account's own name explains its handle.
EXPLAINED_FLOOR = 6.0
# Platforms cut handles; this many letters are enough to recognise what was cut.
_CUT_FORM = 10
_MIN_PART = 3
# Nobody writes his own name so.
_NOT_HONEST = frozenset({"mixed_script", "invisible", "capital_i"})

# Letters of the candidate that did not come from the subject's handle.
_FOREIGN_EDITS = frozenset({"added", "doubled", "other"})


@dataclass(frozen=True, slots=True)
class OwnName:
    """The letters of a handle that its holder's name makes literally: their bits, and where they stand."""

    bits: float
    covered: frozenset[int]


@lru_cache(maxsize=500)
def explain_by_name(name: str, letters: str) -> OwnName | None:
    """Explain the letters of a handle by its holder's display name; None where the name does not make them.

    Whose handle misspells his own name took it from somewhere: then even the parts that agree explain nothing.
    """
    whole = [form for form in (*full_forms(name), *nickname_forms(name)) if form in letters]
    # A short form must be the whole handle but for digits: "janed" is no part of "janed0e".
    whole = whole or [form for form in name_forms(name) if _only_digits_beside(letters, form)]
    if whole:
        return _cover(letters, (max(whole, key=count_bits),))
    plain = letters.rstrip("0123456789")
    if len(plain) >= _CUT_FORM and any(form.startswith(plain) for form in full_forms(name)):
        return _cover(letters, (plain,))
    if _is_romanised(name, plain):
        return _cover(letters, (plain,))
    if any(_misspells(letters, form) for form in full_forms(name)):
        return None
    parts = (part.text for part in parse_name(name).parts if len(part.text) >= _MIN_PART)
    return _cover(letters, [part for part in parts if part in letters])


def _only_digits_beside(letters: str, form: str) -> bool:
    before, found, after = letters.partition(form)
    beside = before + after
    return bool(found) and (not beside or beside.isdigit())


def _cover(letters: str, pieces: Iterable[str]) -> OwnName | None:
    covered: set[int] = set()
    for piece in pieces:
        at = letters.find(piece)
        covered.update(range(at, at + len(piece)))
    if not covered:
        return None
    return OwnName(count_bits("".join(letters[at] for at in sorted(covered))), frozenset(covered))


def _is_romanised(name: str, letters: str) -> bool:
    """Whether letters write out a Chinese or Korean name by another system than ours: minjunkim for 김민준."""
    parts = parse_name(name).parts
    if len(parts) != 2 or name.isascii():
        return False
    wanted = fold_name([part.text for part in parts])
    splits = ((letters[:at], letters[at:]) for at in range(1, len(letters))) if wanted else ()
    return any(
        wanted.get(language) == key
        for first, second in splits
        for order in ((first, second), (second, first))
        for language, key in fold_name(order).items()
    )


def _misspells(letters: str, form: str) -> bool:
    needed = ceil(_NEAR_SHARE * len(form))
    return len(form) >= _NEAR_FORM and LCSseq.similarity(classes(form), classes(letters), score_cutoff=needed) >= needed


@dataclass(frozen=True, slots=True)
class Hearing:
    """What an account's own name has to say about its handle: what it explains, and whether it is the subject's too."""

    theirs: ParsedHandle
    name: str
    own: OwnName | None
    same_name: bool

    @property
    def least(self) -> float:
        """Bits that a likeness must have for anything to be left of it, beside the share that always is."""
        if self.own is None or self.same_name:
            return 0.0
        return self.own.bits - OWN_NAME_BITS + EXPLAINED_FLOOR

    def makes(self, source: Source) -> bool:
        """Whether the account's name makes the very handle that a source names: the same name, the same handles."""
        return source.name is not None and source.letters in name_forms(self.name)

    def discount(self, likeness: Likeness) -> tuple[float, bool]:
        """The bits of a likeness once the name has been heard, and whether the name explains the handle."""
        if self.own is None or self.own.bits <= OWN_NAME_BITS:
            return likeness.bits, False
        left = max(likeness.bits - self.own.bits + OWN_NAME_BITS, OWN_NAME_SHARE * likeness.bits)
        if likeness.source.handle is None or not self.same_name:
            # Another representative of the surname wears "rep" by right.
            return left, True
        return min(likeness.bits, left + _imitation_bits(likeness, self.theirs, self.name, self.own)), True


def hear(theirs: ParsedHandle, name: str | None, subject_names: tuple[str, ...]) -> Hearing:
    """Hear an account's display name about its handle.

    Look-alike letters are no way to write one's own name, so that a disguised name explains nothing.
    """
    if not name or not theirs.local.isascii() or not _NOT_HONEST.isdisjoint(deceptions(name)):
        return Hearing(theirs, "", None, same_name=False)
    return Hearing(theirs, name, explain_by_name(name, theirs.letters), _same_name(name, subject_names))


def _same_name(name: str, subject_names: tuple[str, ...]) -> bool:
    """Whether the account shows the subject's own name, in full or with a short first name."""
    theirs = set(full_forms(name))
    return any(not theirs.isdisjoint((*full_forms(own), *nickname_forms(own))) for own in subject_names)


def _imitation_bits(likeness: Likeness, theirs: ParsedHandle, name: str, own: OwnName) -> float:
    shared = min(SHARED_CAP, SHARED_LETTER_BITS * len(_shared_letters(likeness) - own.covered))
    return shared + (SPLIT_BITS if _is_split(theirs, name, own) else 0.0)


def _shared_letters(likeness: Likeness) -> set[int]:
    """Places of the candidate's letters that came from the subject's handle, by copying or by a look-alike."""
    found = likeness.alignment
    places = set(range(found.start, found.end))
    for edit in found.edits:
        if edit.kind in _FOREIGN_EDITS:
            places -= set(range(edit.start, edit.end))
    return places


def _is_split(theirs: ParsedHandle, name: str, own: OwnName) -> bool:
    """Whether a separator stands inside a part of the name that the handle spells out."""
    parts = [part.text for part in parse_name(name).parts]
    for at in range(1, len(theirs.letters)):
        if theirs.places[at] - theirs.places[at - 1] < 2 or not {at - 1, at} <= own.covered:
            continue
        before, after = theirs.letters[:at], theirs.letters[at:]
        if not any(before.endswith(part) or after.startswith(part) for part in parts):
            return True
    return False
