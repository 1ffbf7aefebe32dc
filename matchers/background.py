"""The background model of handles: how many bits each letter of a handle carries among all handles.

A letter trigram model over handles built from census names; the table is made by scripts/handle_background.py.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

# The start of a handle, the letters, and any digit.
SYMBOLS = "^abcdefghijklmnopqrstuvwxyz0"
# Bits per step of the table.
UNIT = 1 / 16
# A letter outside the table (another script) is rare; more than this no single letter is worth.
_CAP = 8.0
_UNKNOWN = 7.0

_INDEX = {symbol: at for at, symbol in enumerate(SYMBOLS)} | {digit: len(SYMBOLS) - 1 for digit in "0123456789"}


@lru_cache(maxsize=1)
def _table() -> bytes:
    return gzip.decompress(files("matchers").joinpath("data/handle_trigrams.gz").read_bytes())


@lru_cache(maxsize=500)
def letter_bits(letters: str) -> tuple[float, ...]:
    """Give for each letter its surprise in bits, given the two letters before it.

    `letters` are lower case without separators, as `ParsedHandle.letters`.
    """
    table = _table()
    size = len(SYMBOLS)
    bits: list[float] = []
    first = second = 0
    for char in letters:
        at = _INDEX.get(char)
        if at is None:
            bits.append(_UNKNOWN)
            first = second = 0
            continue
        bits.append(min(_CAP, table[(first * size + second) * (size - 1) + at - 1] * UNIT))
        first, second = second, at
    return tuple(bits)
