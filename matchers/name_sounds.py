"""How a part of a name sounds: one key for many orthographies, and one of the consonants alone."""

from __future__ import annotations

import re

_HALF_VOWELS = str.maketrans("", "", "wv")
# One sound, many orthographies: what these become decides that "Poutine" is Putin and "Wladimir" Vladimir.
_ORTHOGRAPHIES: tuple[tuple[str, str], ...] = (
    ("tsch", "c"), ("tch", "c"), ("tsj", "c"), ("dzh", "j"), ("dj", "j"), ("sch", "s"), ("cz", "c"), ("ch", "c"),
    ("sh", "s"), ("sz", "s"), ("zh", "j"), ("kh", "h"), ("gh", "g"), ("dh", "d"), ("th", "t"), ("ph", "f"),
    ("gy", "d"), ("ty", "t"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("w", "v"), ("oo", "u"), ("ou", "u"), ("oe", "u"),
    ("ie", "i"), ("ee", "i"), ("ij", "i"), ("yj", "i"), ("y", "i"), ("ei", "ai"), ("z", "s"),
)  # fmt: skip
_CODES = {spelling: sound for spelling, sound in _ORTHOGRAPHIES}  # noqa: C416
_ORTHOGRAPHY = re.compile("|".join(spelling for spelling, _ in _ORTHOGRAPHIES))
_DOUBLED = re.compile(r"(.)\1+")
# Consonants that scripts without a full set of letters write alike; the vowels and half-vowels go.
_CONSONANTS = str.maketrans("bfvwdgqxzjcr", "pppptkkssssl", "aeiouyh")


def fold_sound(text: str) -> str:
    """Reduce a part to its sound: "poutine" and "putin" become one."""
    coded = _ORTHOGRAPHY.sub(lambda match: _CODES[match[0]], text)
    single = _DOUBLED.sub(r"\1", coded)
    return single.rstrip("eh") or single


def fold_consonants(text: str, original: str) -> str:
    """Reduce to consonants. Inside Hebrew and Arabic words w and v spell u and o."""
    abjad = "\u0590" <= original[0] <= "\u08ff"
    sounded = text[0] + text[1:].translate(_HALF_VOWELS) if abjad else text
    return _DOUBLED.sub(r"\1", fold_sound(sounded).translate(_CONSONANTS))
