"""What each twist of a handle costs, and the letters, affixes and numbers that impostors put in.

A cost is minus log2 of the share of such twists that attackers really took: registered domain labels beside the names
they copy (`python -m benchmarks.lookalikes --fit`, development half). What domains do not show (capital letters,
digits for letters, affixes, numbers, underscores, other alphabets, other servers) is estimated: the accounts that the
press described put it among the likeliest.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal[
    "capital_i", "looks_alike", "similar", "vowel", "doubled", "left_out", "swapped", "neighbour", "slipped", "added",
    "replaced", "digit", "separator", "affix", "number", "script", "host", "combined",
]  # fmt: skip

COSTS: dict[Kind, float] = {
    "capital_i": 0.0,
    "left_out": 0.0,
    "script": 0.5,
    "host": 0.5,
    "doubled": 0.6,
    "swapped": 0.5,
    "looks_alike": 1.0,
    "vowel": 1.2,
    "similar": 1.4,
    "neighbour": 1.4,
    "slipped": 2.0,
    "digit": 2.5,
    "replaced": 2.5,
    "added": 2.8,
    "separator": 2.2,
}
# Impostors keep the letter at which a reader begins.
FIRST_LETTER = 2.5
# Letters at the end are added more often than inside.
AT_END = -1.5
# An underscore between two names and at the ends; what other separators cost more.
BETWEEN = 0.3
UNDERSCORE_LAST = 0.1
UNDERSCORE_FIRST = 0.9
UNDERSCORE_AGAIN = 1.5
SEPARATOR_LEFT_OUT = 0.4
SEPARATORS = {"_": 0.0, ".": 0.5, "-": 1.5}
# An affix or number that the handle itself wears, taken off.
STRIPPED = 0.8

# What each likelier twist of the same kind adds: an impostor chooses a kind first, then a place.
CROWDED = 0.1
# From this many on the list is long, and only the share that attackers took counts.
CROWD = 6

# A separator between the handle and an affix or number.
WITH_SEPARATOR = 0.6
NUMBER_SEPARATED = 1.2
FRONT = {"real": 0.1, "the": 0.7, "iam": 1.4, "its": 1.5, "official": 1.6, "im": 2.0, "mr": 3.0, "ask": 3.0, "dr": 3.2}
END = {
    "official": 0.2, "real": 1.0, "hq": 1.8, "backup": 1.9, "page": 2.1, "tv": 2.2, "live": 2.3, "private": 2.4,
    "support": 2.5, "online": 2.6, "x": 2.6, "team": 2.7, "news": 2.9, "ig": 3.0,
}  # fmt: skip
NUMBERS = {"1": 0.4, "2": 1.0, "0": 1.8, "01": 1.9, "7": 2.2, "3": 2.3, "11": 2.3, "12": 2.6, "123": 2.6, "007": 3.0}
YEAR = 1.8
WORN = ("official", "senator", "real", "rep", "sen", "iam", "its", "hq")
# What must remain where an affix is taken off.
MIN_REST = 4
# A shorter part of a name may stand in a handle by chance.
MIN_PART = 3

VOWELS = "aeiou"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What the eye takes for the letter or pair.
LOOKS = {
    "l": ("1", "i"), "i": ("l", "1", "j"), "o": ("0",), "1": ("l",), "0": ("o",), "m": ("rn", "nn"), "w": ("vv",),
    "d": ("cl",), "rn": ("m",), "nn": ("m",), "vv": ("w",), "cl": ("d",), "g": ("q",), "q": ("g",),
}  # fmt: skip
DIGITS = {"a": "4", "b": "8", "e": "3", "g": "9", "s": "5", "t": "7", "z": "2"}
# Nearly so, by the eye or by the ear.
SIMILAR = {
    "c": ("e", "k", "s"), "e": ("c",), "f": ("t", "ph"), "h": ("n",), "i": ("y",), "k": ("c", "ck"), "m": ("n",),
    "n": ("m", "h"), "ph": ("f",), "ck": ("k",), "s": ("z",), "t": ("l", "f"), "u": ("v",), "v": ("u", "y"),
    "y": ("v", "i", "ie"), "z": ("s",), "ie": ("y",),
}  # fmt: skip
# Letters of other scripts that no eye tells from the Latin ones (a choice from UTS #39).
SCRIPTS = {
    "a": "а", "c": "с", "d": "ԁ", "e": "е", "h": "һ", "i": "і", "j": "ј", "l": "ӏ", "o": "о", "p": "р", "q": "ԛ",
    "s": "ѕ", "w": "ԝ", "x": "х", "y": "у",
}  # fmt: skip
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
