"""Names written letter by letter in other alphabets: negatives that share a script with the name that is looked for.

Rough on purpose: the words only have to look like names in that script. The tables are our own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_DIGRAPHS = {"sh": "š", "ch": "č", "th": "t", "ph": "f", "ck": "k", "kh": "h", "wh": "w", "ee": "i", "oo": "u"}


def _letters(row: str, sh: str, ch: str) -> dict[str, str]:
    return dict(zip(_LATIN, row.split(), strict=True)) | {"š": sh, "č": ch}


_ALPHABETS: dict[str, dict[str, str]] = {
    "Cyrillic": _letters("а б к д е ф г х и дж к л м н о п к р с т у в в кс й з", "ш", "ч"),
    "Greek": _letters("α μπ κ ντ ε φ γκ χ ι τζ κ λ μ ν ο π κ ρ σ τ ου β ου ξ ι ζ", "σ", "τσ"),
    "Armenian": _letters("ա բ կ դ ե ֆ գ հ ի ջ կ լ մ ն ո պ ք ր ս տ ու վ վ քս յ զ", "շ", "չ"),
    "Georgian": _letters("ა ბ კ დ ე ფ გ ჰ ი ჯ კ ლ მ ნ ო პ ქ რ ს ტ უ ვ უ ქს ი ზ", "შ", "ჩ"),
    "Hebrew": _letters("א ב ק ד א פ ג ה י ג ק ל מ נ ו פ ק ר ס ט ו ו ו קס י ז", "ש", "צ"),
    "Arabic": _letters("ا ب ك د ي ف غ ه ي ج ك ل م ن و ب ق ر س ت و ف و كس ي ز", "ش", "تش"),
}

# The scripts of India share one layout: Devanagari here, the others at a distance from it.
_INDIC_DISTANCE = {"Devanagari": 0, "Bengali": 0x80, "Kannada": 0x380}
_INDIC = _letters("अ ब क ड ए फ ग ह इ ज क ल म न ओ प क र स ट उ व व कस य ज", "श", "च")
_INDIC_SIGNS = {"a": "ा", "e": "े", "i": "ि", "o": "ो", "u": "ु"}
# Bengali has no letter of its own for v.
_BENGALI_V = str.maketrans({0x9B5: 0x9AC})

_KANA_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ",
    "h": "ハヒフヘホ", "m": "マミムメモ", "y": "ヤイユイヨ", "r": "ラリルレロ", "w": "ワイウエオ",
    "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ", "p": "パピプペポ",
}  # fmt: skip
_KANA_LETTERS = dict(zip("clqvxjfšč", "krkbkzhst", strict=True))
_HANGUL_FIRST = {"g": 0, "k": 15, "n": 2, "d": 3, "t": 16, "r": 5, "l": 5, "m": 6, "b": 7, "v": 7, "s": 9, "š": 9}
_HANGUL_FIRST |= {
    "": 11,
    "j": 12,
    "z": 12,
    "č": 14,
    "c": 15,
    "q": 15,
    "x": 15,
    "p": 17,
    "f": 17,
    "h": 18,
    "w": 11,
    "y": 11,
}
_HANGUL_VOWELS = {"a": 0, "e": 5, "i": 20, "o": 8, "u": 13, "": 18}


def _simplify(name: str) -> list[str]:
    """The words of a name in lower-case Latin letters, digraphs as one."""
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()
    for two, one in _DIGRAPHS.items():
        plain = plain.replace(two, one)
    words = ["".join(c for c in word if c.isalpha()) for word in plain.split()]
    return [word for word in words if len(word) > 1]


def _syllables(word: str) -> list[tuple[str, str]]:
    """Pairs of a consonant and a vowel, either of which may be empty."""
    found: list[tuple[str, str]] = []
    for char in word:
        if char not in "aeiou":
            found.append((char, ""))
        elif found and not found[-1][1]:
            found[-1] = (found[-1][0], char)
        else:
            found.append(("", char))
    return found


def _write_kana(word: str) -> str:
    def kana(consonant: str, vowel: str) -> str:
        row = _KANA_ROWS[_KANA_LETTERS.get(consonant, consonant)]
        if consonant == "n" and not vowel:
            return "ン"
        return row["aiueo".index(vowel or "u")]

    return "".join(kana(*syllable) for syllable in _syllables(word))


def _write_hangul(word: str) -> str:
    return "".join(
        chr(0xAC00 + (_HANGUL_FIRST[consonant] * 21 + _HANGUL_VOWELS[vowel]) * 28)
        for consonant, vowel in _syllables(word)
    )


def _write_indic(word: str, distance: int) -> str:
    text = "".join(
        _INDIC[consonant] + _INDIC_SIGNS.get(vowel, "") if consonant else _INDIC[vowel]
        for consonant, vowel in _syllables(word)
    )
    return "".join(chr(ord(char) + distance) for char in text).translate(_BENGALI_V)


def _writer(script: str) -> Callable[[str], str]:
    if script in _ALPHABETS:
        return lambda word: "".join(_ALPHABETS[script][char] for char in word)
    if script in _INDIC_DISTANCE:
        return lambda word: _write_indic(word, _INDIC_DISTANCE[script])
    return _write_kana if script == "Katakana" else _write_hangul


SCRIPTS: tuple[str, ...] = (*_ALPHABETS, *_INDIC_DISTANCE, "Katakana", "Hangul")


def write_in(script: str, name: str) -> str:
    """Write a Latin name in one of `SCRIPTS`; "Latin" leaves it as it is."""
    return name if script == "Latin" else " ".join(map(_writer(script), _simplify(name)))


def script_of(text: str) -> str:
    """The script of the first letter, by its Unicode name; "Latin" for a script that is not in `SCRIPTS`."""
    first = next((char for char in text if char.isalpha()), "a")
    word = unicodedata.name(first, "LATIN").partition(" ")[0].title()
    return word if word in SCRIPTS else "Latin"
