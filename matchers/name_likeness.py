"""The ways in which two name parts can agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA

from matchers.name_sounds import fold_consonants, fold_sound
from matchers.name_spellings import load_sexes, spelling_keys
from matchers.name_variants import NONE, load_variants
from matchers.text import skeleton

Kind = Literal[
    "same", "script", "looks", "sounds", "nickname", "translation", "typo", "typos", "short", "vowels", "initial",
    "homophone", "glued",
]  # fmt: skip


# No initial tells more.
INITIAL_BITS = 3.5


class Agreement(NamedTuple):
    """How two parts agree: `share` of the rarity that is confirmed, less `cost` bits."""

    kind: Kind
    share: float
    cost: float

    def worth(self, bits: float) -> float:
        """Say how many bits of evidence the agreement is, for a part of that rarity."""
        gain = self.share * bits - self.cost
        # An initial tells one letter of 26 at most, however rare the name.
        return min(gain, INITIAL_BITS) if self.kind == "initial" else gain


# Share and cost of each way: research figures, tuned on half of the labelled pairs (benchmarks/matching.py).
SAME = Agreement("same", 1.0, 0.0)
SCRIPT = Agreement("script", 1.0, 0.5)
LOOKS = Agreement("looks", 0.97, 0.5)
SOUNDS = Agreement("sounds", 0.9, 2.5)
NICKNAME = Agreement("nickname", 0.85, 1.5)
TRANSLATION = Agreement("translation", 0.85, 2.5)
TYPO = Agreement("typo", 0.9, 2.5)
TYPO_SHORT = Agreement("typo", 0.9, 4.5)
TYPO_TINY = Agreement("typo", 0.9, 5.5)
TYPOS = Agreement("typos", 0.85, 5.5)
SHORT = Agreement("short", 0.75, 3.5)
VOWELS = Agreement("vowels", 0.85, 2.5)
INITIAL = Agreement("initial", 0.25, 0.5)
HOMOPHONE = Agreement("homophone", 0.6, 5.0)
ROMANISED = Agreement("sounds", 0.9, 2.0)
SPELLING = Agreement("sounds", 0.85, 2.5)
SPELLING_ABROAD = Agreement("script", 0.9, 1.5)
SPELT = Agreement("script", 0.85, 3.0)
SPELT_SHORT = Agreement("script", 0.8, 4.0)
SPELT_NEARLY = Agreement("script", 0.8, 5.0)

_VOWELS = str.maketrans("", "", "aeiouy")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A part prepared for comparing; compared by identity, so that it can key a cache."""

    text: str
    forms: frozenset[str]
    ascii_forms: tuple[str, ...]
    looks: frozenset[str]
    sound: str
    consonants: str
    bare: str
    nicknames: frozenset[str]
    translations: frozenset[str]
    initials: frozenset[str]
    letters: int
    original: str | None
    syllables: frozenset[str]
    spellings: frozenset[str]
    tokens: frozenset[str]
    sex: str | None

    @property
    def is_initial(self) -> bool:
        """Say whether only one letter is given."""
        return len(self.text) == 1 and self.original is None


@lru_cache(maxsize=600)
def read_part(forms: tuple[str, ...], syllables: frozenset[str] = NONE) -> Reading:
    """Prepare a part, given its readings with the main one first, and its keys as a Chinese or Korean name."""
    text = forms[0]
    latin = tuple(form for form in forms if form.isascii())
    looks = frozenset(seen for form in latin if len(form) > 2 and (seen := skeleton(form)))
    sound, bare = fold_sound(text), text.translate(_VOWELS)
    variants = load_variants()
    original = next((form for form in forms if not form.isascii()), None)
    spellings = spelling_keys(text, original)
    return Reading(
        text=text,
        forms=frozenset(forms),
        ascii_forms=latin,
        looks=looks,
        sound=sound,
        consonants=fold_consonants(text, original or text),
        bare=bare,
        nicknames=variants.nicknames.get(text, NONE),
        translations=variants.translations.get(text, NONE),
        initials=frozenset(form[0] for form in forms),
        letters=_letter_mask(text),
        original=original,
        syllables=syllables,
        spellings=spellings,
        tokens=frozenset({*forms, *looks, *syllables, *spellings, f"~{sound}", f"<{text[:4]}", bare}) - {""},
        sex=load_sexes().get(text),
    )


def _letter_mask(text: str) -> int:
    mask = 0
    for char in text:
        mask |= 1 << (ord(char) & 63)
    return mask


def may_be_typo(one: Reading, other: Reading) -> bool:
    """Test cheaply whether two edits could turn one part into the other: each edit changes two letters at most."""
    if (one.letters ^ other.letters).bit_count() > 4:
        return False
    return OSA.distance(one.text, other.text, score_cutoff=2) <= 2


@lru_cache(maxsize=1_500)
def agree(one: Reading, other: Reading) -> Agreement | None:
    """Find the best way in which two parts agree; None if there is none. Symmetric."""
    if one.original and other.original and _are_syllables(one.original, other.original):
        return _agree_ideographs(one, other)
    if not one.forms.isdisjoint(other.forms):
        return SAME if (one.original is None) == (other.original is None) else SCRIPT
    if one.is_initial or other.is_initial:
        return None if one.initials.isdisjoint(other.initials) else INITIAL
    if one.sex and other.sex and one.sex != other.sex:
        # "Daniel" and "Danielle" are two people's names, however few letters apart.
        return _agree_by_list(one, other)
    found = [a for a in (_agree_by_eye(one, other), _agree_by_form(one, other), _agree_by_edit(one, other)) if a]
    if (one.original is None) != (other.original is None) or (one.original and other.original):
        found += _agree_by_consonants(one.consonants, other.consonants)
    return max(found, key=lambda a: a.worth(12.0), default=None)


def _are_syllables(one: str, other: str) -> bool:
    """Say whether both are short words in ideographs or Hangul, where one sign more or less is another name."""
    return all("\u3400" <= word[0] <= "\ud7a3" and len(word) <= 3 for word in (one, other))


def _agree_ideographs(one: Reading, other: Reading) -> Agreement | None:
    if one.original == other.original:
        return SAME
    return HOMOPHONE if one.text == other.text else None


def _agree_by_eye(one: Reading, other: Reading) -> Agreement | None:
    return None if one.looks.isdisjoint(other.looks) else LOOKS


def _agree_by_list(one: Reading, other: Reading) -> Agreement | None:
    if other.text in one.nicknames:
        return NICKNAME
    if other.text in one.translations:
        return TRANSLATION
    if not one.spellings.isdisjoint(other.spellings):
        return SPELLING_ABROAD if one.original or other.original else SPELLING
    return None


def _agree_by_form(one: Reading, other: Reading) -> Agreement | None:
    if listed := _agree_by_list(one, other):
        return listed
    if not one.syllables.isdisjoint(other.syllables):
        return ROMANISED
    if one.sound == other.sound and len(one.sound) >= 4:
        return SOUNDS
    return _agree_short(one, other)


def _agree_short(one: Reading, other: Reading) -> Agreement | None:
    short, long = (one, other) if len(one.text) < len(other.text) else (other, one)
    if len(long.text) > 4 and short.text == long.bare:
        return VOWELS
    return SHORT if len(short.text) >= 4 and long.text.startswith(short.text) else None


def _agree_by_edit(one: Reading, other: Reading) -> Agreement | None:
    best: Agreement | None = None
    for x in one.ascii_forms:
        for y in other.ascii_forms:
            shorter = min(len(x), len(y))
            distance = OSA.distance(x, y, score_cutoff=2)
            if distance <= 1 and max(len(x), len(y)) >= 3:
                return TYPO if shorter >= 5 else TYPO_SHORT if shorter >= 3 else TYPO_TINY
            if distance == 2 and shorter >= 6:
                best = TYPOS
    return best


def _agree_by_consonants(one: str, other: str) -> list[Agreement]:
    """Compare across scripts, where vowels get lost and consonants merge."""
    if one == other and len(one) >= 2:
        return [SPELT if len(one) >= 3 else SPELT_SHORT]
    if min(len(one), len(other)) >= 4 and OSA.distance(one, other, score_cutoff=1) == 1:
        return [SPELT_NEARLY]
    return []
