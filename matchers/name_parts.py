"""A name taken apart: its parts with every way to read them, and the words set aside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from matchers.name_words import NameWords, load_words
from matchers.text import clean, fold, is_invisible, romanise, script

# More parts than this identify nobody better, and bound the work on hostile input; so does the length looked at.
MAX_PARTS = 8
_MAX_LENGTH = 1_000
_MAX_PART = 40
_MAX_FORMS = 8

# Symbols that stand for letters inside a word ("Ke$ha", "J@ne"), and the apostrophes of O'Neill.
_IN_WORD = frozenset("'’ʼ`´$@!|")
_EDGE = "'’ʼ`´@!|"
# Letters that NFKC makes of a trade mark sign are no part of a name.
_NO_LETTERS = frozenset("™℠®©")
_LEET = str.maketrans("013456789$@!|", "oieasgtbgsail")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
# Not at a capital I, which stands in for l.
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-HJ-Z][a-z])")
# Several words in small letters, perhaps with a capital before: nothing glued, nothing that could be read otherwise.
_PLAIN = re.compile(r"(?:[A-Z]?[a-z]+ )+[A-Z]?[a-z]+")
_WORD = re.compile(r"[A-Za-z]+")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)?")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a name.

    `text` is the main reading in lower-case ASCII, romanised or folded; `forms` are all readings, the main one
    first: look-alike fold, leet reading, umlauts spelt out, original script. `start` and `end` delimit it in the
    raw name, in code points.
    """

    text: str
    forms: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    `affixes` are titles and decorations ("dr", "official", "✓"), `disclosures` words that say the account is not
    the person ("parody", "fan", "bot"); neither counts as a part.
    """

    raw: str
    parts: tuple[Part, ...]
    affixes: tuple[str, ...] = ()
    disclosures: tuple[str, ...] = ()


@lru_cache(maxsize=1_000)
def parse_name(raw: str) -> Name:
    """Take a name apart. Never raises; of a very long text only the beginning counts."""
    parts, symbols = _split(raw[:_MAX_LENGTH])
    words = load_words()
    parts, disclosures = _set_aside_disclosures(parts, words)
    parts, affixes = _set_aside_affixes(parts, words)
    if not parts and affixes:
        # A name made of nothing but decorations ("Live TV") is the name all the same.
        parts, affixes = [part for part in _split(raw[:_MAX_LENGTH])[0] if part.text not in disclosures], []
    kept = [part for part in parts if not part.text.isdigit()] or parts
    return Name(raw, tuple(kept[:MAX_PARTS]), tuple(dict.fromkeys(affixes + symbols)), tuple(disclosures))


def _split(raw: str) -> tuple[list[Part], list[str]]:
    if _PLAIN.fullmatch(raw):
        return _split_plain(raw), []
    symbols = dict.fromkeys(c for c in raw if unicodedata.category(c) == "So")
    spans = list(_spans(raw))
    if len(spans) == 1:
        spans = _split_single(raw, *spans[0])
    else:
        spans = [piece for span in spans for piece in _split_initials(raw, *span)]
    parts = (_read(raw, start, end) for start, end in spans[: 3 * MAX_PARTS])
    return [part for part in parts if part], [s for s in symbols if not _is_letter(s)][:4]


def _split_plain(raw: str) -> list[Part]:
    """The parts of a name of plain words, as most names in Latin letters are: what `_split` finds, sooner."""
    words = ((match[0][:_MAX_PART], match.start(), match.end()) for match in _WORD.finditer(raw))
    return [Part(word.lower(), (word.lower(),), start, end) for word, start, end in islice(words, 3 * MAX_PARTS)]


def _spans(raw: str) -> Iterator[tuple[int, int]]:
    """Find the words: runs of letters, digits, marks and what may stand inside a word."""
    start: int | None = None
    for at, char in enumerate(raw):
        if _is_letter(char) or (start is not None and _continues(char) and not _divides(raw, at)) or char == "$":
            start = at if start is None else start
        elif start is not None:
            yield _trim(raw, start, at)
            start = None
    if start is not None:
        yield _trim(raw, start, len(raw))


@lru_cache(maxsize=10_000)
def _is_letter(char: str) -> bool:
    if char.isalnum():
        return True
    # Letters in circles and squares; regional indicators are flags.
    enclosed = (
        unicodedata.category(char) == "So" and char not in _NO_LETTERS and not "\U0001f1e6" <= char <= "\U0001f1ff"
    )
    return enclosed and len(read := fold(char).strip("()")) == 1 and read.isalpha() and read.isascii()


@lru_cache(maxsize=10_000)
def _continues(char: str) -> bool:
    return char in _IN_WORD or unicodedata.category(char)[0] == "M" or (is_invisible(char) and char not in "\t\n\r")


def _divides(raw: str, at: int) -> bool:
    """Say whether a bar stands between words ("Jane|Doe") rather than for an l ("Ji|l")."""
    return raw[at] == "|" and raw[at + 1 : at + 2].isupper()


def _trim(raw: str, start: int, end: int) -> tuple[int, int]:
    while end > start and (raw[end - 1] in _EDGE or is_invisible(raw[end - 1])):
        end -= 1
    return start, end


def _split_single(raw: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split a name written as one word: "JaneDoe" at the capital, "王伟" and "김철수" after the surname."""
    word = raw[start:end]
    if 2 <= len(word) <= 4 and all(map(_is_ideograph, word)):
        at = start + (2 if word[:2] in load_words().double_surnames or len(word) == 4 else 1)
        return [(start, at), (at, end)] if at < end else [(start, end)]
    cuts = [match.start() for match in _CAMEL.finditer(word)]
    edges = [0, *cuts, len(word)]
    if cuts and all(b - a >= 3 for a, b in pairwise(edges)):
        return [(start + a, start + b) for a, b in pairwise(edges)]
    return [(start, end)]


def _split_initials(raw: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split "JD" before a name in mixed case into its initials."""
    word = raw[start:end]
    glued = len(word) == 2 and word.isascii() and word.isupper() and not raw.isupper()
    if glued and word.isalpha() and word.lower() not in load_words().affixes:
        return [(start, start + 1), (start + 1, end)]
    return [(start, end)]


def _is_ideograph(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"


def _read(raw: str, start: int, end: int) -> Part | None:
    word = clean(raw[start:end])[:_MAX_PART]
    forms = tuple(dict.fromkeys(form for form in _readings(word) if form))[:_MAX_FORMS]
    return Part(forms[0], forms, start, end) if forms else None


def _readings(word: str) -> Iterator[str]:
    """List the ways to read a word, the main one first."""
    scripts = {s for s in map(script, word) if s}
    seen = fold(word)
    yield from _read_symbols(seen)
    if len(scripts) > 1 or not romanise(word).strip():
        yield _letters(romanise(seen))
    yield _letters(romanise(word))
    if seen.isascii():
        yield _letters(seen.lower())
        if "I" in seen[1:] and not seen.isupper():
            yield _letters((seen[0] + seen[1:].replace("I", "l")).lower())
    lowered = word.casefold()
    if not lowered.isascii():
        yield _letters(romanise(lowered.translate(_UMLAUTS)))
        if not seen.isascii():
            yield lowered


def _read_symbols(seen: str) -> Iterator[str]:
    """Read "J@ne" and "d0e" as jane and doe, "jane99" as jane."""
    if not seen.isascii() or seen.isalpha() or not any(c.isalpha() for c in seen):
        return
    plain = seen.rstrip("0123456789")
    if plain != seen and len(plain) > 1:
        yield _letters(romanise(plain.lower().translate(_LEET)))
    yield _letters(romanise(seen.lower().translate(_LEET)))


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _set_aside_disclosures(parts: list[Part], words: NameWords) -> tuple[list[Part], list[str]]:
    texts = [part.text for part in parts]
    taken: set[int] = set()
    found: list[str] = []
    for at, text in enumerate(texts):
        for length in (3, 2):
            if (phrase := tuple(texts[at : at + length])) in words.phrases and not taken & {*range(at, at + length)}:
                taken |= {*range(at, at + length)}
                found.append(" ".join(phrase))
        if at not in taken and text in words.disclosures:
            taken.add(at)
            found.append(text)
    for at, text in enumerate(texts):
        if at not in taken and text in words.soft_disclosures and _full(texts, taken) > 2:
            taken.add(at)
            found.append(text)
    return [part for at, part in enumerate(parts) if at not in taken], found


def _full(texts: list[str], taken: set[int]) -> int:
    """Count the parts that are more than an initial."""
    return sum(len(text) > 1 for at, text in enumerate(texts) if at not in taken)


def _set_aside_affixes(parts: list[Part], words: NameWords) -> tuple[list[Part], list[str]]:
    kept: list[Part] = []
    affixes: list[str] = []
    for part in parts:
        plain = _ORDINAL.fullmatch(part.text) is not None
        if plain or any(form in words.affixes for form in part.forms):
            affixes.append(part.text)
        else:
            kept.append(part)
    return kept, affixes
