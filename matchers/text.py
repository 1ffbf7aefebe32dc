"""Unicode as an impostor uses it: invisible characters, look-alike letters, styled letters, foreign scripts.

The confusables table is UTS #39 as carried by the `disarm` package; romanisation is `anyascii`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import anyascii
import disarm

# Blank characters that Unicode does not class as format characters (Hangul fillers, braille blank).
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
# Joiners and selectors that ordinary emoji, Persian and Indic text need; harmless by themselves.
_ORDINARY_FORMAT = frozenset("\u200c\u200d\ufe0e\ufe0f")
# Glyphs that imitate a platform's verification badge.
BADGES = frozenset("✓✔☑✅🔵🔷🟦🔹⭐🌟★☆💯©®™✪❂🅥Ⓥⓥ")
# Letters and digits that look alike within ASCII, folded to one representative. UTS #39 maps only I, 1 and |; the rest
# are the substitutions that impersonators use in handles.
LOOKALIKE_ASCII = str.maketrans("1|!i0$534@78962q", "llllosseaatbggzg")
# The same, and what is neither letter nor digit left out; several times as fast as to ask each character.
_SEEN_ASCII = dict.fromkeys((code for code in range(128) if not chr(code).isalnum()), None) | LOOKALIKE_ASCII
_LOOKALIKE_GROUPS = (("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"))
_WORD_BREAK = re.compile(r"[\s._\-|·•/,;:()\[\]{}\"“”«»]+")
_CAPITAL_I_IN_WORD = re.compile(r"[a-z]I(?:[a-z]|$)")
_DIGIT_IN_WORD = re.compile(r"[a-z][013457][a-z]")
_REPEATED = re.compile(r"(.)\1+")

Deception = str  # "mixed_script" | "invisible" | "capital_i" | "badge_glyph" | "digit_in_word" | "styled_letters"


def is_invisible(char: str) -> bool:
    """Say whether a character leaves no mark: format, control, unassigned, filler, variation selector."""
    return (
        unicodedata.category(char) in _INVISIBLE_CATEGORIES
        or char in _BLANKS
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )


def strip_invisible(text: str) -> str:
    """Remove every character that leaves no mark; tabs and line breaks become spaces."""
    if text.isascii() and text.isprintable():
        return text
    spaced = text.replace("\t", " ").replace("\n", " ").replace("\r", " ")
    return "".join(c for c in spaced if not is_invisible(c))


def clean(text: str) -> str:
    """Normalise to NFKC without invisible characters: the form in which text is stored and compared."""
    return unicodedata.normalize("NFKC", strip_invisible(unicodedata.normalize("NFKC", text)))


def strip_marks(text: str) -> str:
    """Remove accents and other combining marks: "José" becomes "Jose"."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


@lru_cache(maxsize=1_000)
def fold(text: str) -> str:
    """Replace what looks like a Latin letter by that letter, and drop accents; the case stays.

    Cyrillic "Ј" becomes "J", a mathematical "𝓙" becomes "J", "é" becomes "e". Letters that look like no Latin
    letter stay as they are.
    """
    if text.isascii():
        return strip_invisible(text)
    # ASCII needs no folding, and disarm would turn "|" into "l" here, where case and meaning must survive.
    composed = clean(text)
    folded = "".join(c if c.isascii() else disarm.normalize_confusables(c) for c in composed)
    return strip_marks(folded)


@lru_cache(maxsize=1_000)
def romanise(text: str) -> str:
    """Spell a text in lower-case ASCII letters and digits by its sound: "Иван" becomes "ivan", "王" "wang"."""
    if text.isascii():
        return "".join(c for c in text.lower() if c.isalnum() or c == " ")
    latin = anyascii.anyascii(unicodedata.normalize("NFC", clean(text))).lower()
    return "".join(c for c in latin if c.isascii() and (c.isalnum() or c == " "))


@lru_cache(maxsize=1_000)
def skeleton(text: str) -> str:
    """Reduce a text to what the eye sees: two texts with one skeleton are easily mistaken for each other.

    Capital I, 1 and l are one, as are 0 and o, "rn" and "m"; separators vanish and doubled letters count once.
    The skeleton is for comparing and for keys, never for display.
    """
    # The capital I must become l before lower-casing loses the difference from i.
    seen = fold(text).replace("I", "l").lower()
    if seen.isascii():
        seen = seen.translate(_SEEN_ASCII)
    else:
        # Some capitals look like nothing Latin, their small letters do.
        seen = fold(seen).lower().translate(LOOKALIKE_ASCII)
        seen = "".join(c for c in seen if c.isalnum())
    for group, single in _LOOKALIKE_GROUPS:
        seen = seen.replace(group, single)
    return _REPEATED.sub(r"\1", seen)


@lru_cache(maxsize=4096)
def script(char: str) -> str | None:
    """Name the script of a letter for mixed-script tests ("LATIN", "CYRILLIC", ...); None for anything neutral."""
    if not char.isalpha() or ord(char) >= 0x2E80:
        return None
    name = unicodedata.name(char, "").partition(" ")[0]
    known = {
        "LATIN",
        "CYRILLIC",
        "GREEK",
        "ARMENIAN",
        "CHEROKEE",
        "HEBREW",
        "ARABIC",
        "COPTIC",
        "LISU",
        "GEORGIAN",
    }
    return name if name in known else None


def words(text: str) -> list[str]:
    """Split a text at spaces, separators and brackets."""
    return [w for w in _WORD_BREAK.split(text) if w]


def _is_styled(char: str) -> bool:
    return "\U0001d400" <= char <= "\U0001d7ff" or "\uff21" <= char <= "\uff5a" or "\u249c" <= char <= "\u24e9"


@lru_cache(maxsize=1_000)
def deceptions(text: str) -> frozenset[Deception]:
    """List the marks of deliberate deception in a name or handle.

    They only count as evidence beside a resemblance, and only where the original lacks them; that is
    the model's business.
    """
    found: set[Deception] = set()
    for word in words(text):
        if len({s for s in map(script, word) if s}) > 1:
            found.add("mixed_script")
        if any(map(_is_styled, word)):
            found.add("styled_letters")
        if _CAPITAL_I_IN_WORD.search(word) and not re.search("[A-Z]{2}", word):
            found.add("capital_i")
        if _DIGIT_IN_WORD.search(word):
            found.add("digit_in_word")
    if any((unicodedata.category(c) == "Cf" and c not in _ORDINARY_FORMAT) or c in _BLANKS for c in text):
        found.add("invisible")
    if any(c in BADGES for c in text):
        found.add("badge_glyph")
    return frozenset(found)
