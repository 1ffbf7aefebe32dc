"""Make matchers/data/handle_trigrams.gz: how surprising each letter of a handle is after the two before it.

The handles are made up from census names by their frequency, in the patterns that people use (janedoe, jdoe, jane_doe,
doejane, janedoe84); separators are left out, digits count as one symbol. Run it in the development environment:

    python scripts/handle_background.py
"""

from __future__ import annotations

import gzip
import math
import random
from collections import Counter
from itertools import accumulate
from pathlib import Path

import names

from matchers.background import SYMBOLS, UNIT

HANDLES = 400_000
SEED = 2026
# Strength of the shorter context, in observations; a uniform letter stands below all.
SMOOTHING = 8.0
TABLE = Path(__file__).resolve().parent.parent / "matchers" / "data" / "handle_trigrams.gz"

# Share of each pattern among handles.
PATTERNS: dict[str, float] = {
    "{first}{last}": 0.32,
    "{first[0]}{last}": 0.10,
    "{first}{last[0]}": 0.05,
    "{last}{first}": 0.05,
    "{first}{digits}": 0.10,
    "{first}{last}{digits}": 0.20,
    "{first[0]}{last}{digits}": 0.08,
    "{last}{digits}": 0.10,
}


def read_census(filename: str) -> tuple[list[str], list[float]]:
    """Read one list of the `names` package: lower-case names and their summed frequency."""
    rows = [line.split() for line in Path(names.full_path(filename)).read_text(encoding="ascii").splitlines()]
    return [row[0].lower() for row in rows], list(accumulate(float(row[1]) for row in rows))


def make_handles() -> list[str]:
    """Make up handles by the frequency of names and patterns; the same ones at every run."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    lists = [read_census(f"dist.{kind}") for kind in ("male.first", "female.first", "all.last")]
    male, female, last = (chance.choices(words, cum_weights=sums, k=HANDLES) for words, sums in lists)
    patterns = chance.choices(list(PATTERNS), list(PATTERNS.values()), k=HANDLES)
    given = (chance.choice(pair) for pair in zip(male, female, strict=True))
    return [
        pattern.format(first=first, last=family, digits=_draw_digits(chance))
        for pattern, first, family in zip(patterns, given, last, strict=True)
    ]


def _draw_digits(chance: random.Random) -> str:
    return str(chance.choice((chance.randrange(100), chance.randrange(1950, 2012))))


def count(handles: list[str]) -> Counter[str]:
    """Count every symbol with no, one and two symbols before it."""
    counts: Counter[str] = Counter()
    for handle in handles:
        text = "^^" + "".join("0" if c.isdigit() else c for c in handle)
        for at in range(2, len(text)):
            counts.update((text[at], text[at - 1 : at + 1], text[at - 2 : at + 1]))
    return counts


def weigh(counts: Counter[str]) -> bytes:
    """Turn counts into bits of surprise, one byte a trigram, in units of UNIT bits."""
    before: Counter[str] = Counter()
    for gram, n in counts.items():
        before[gram[:-1] if len(gram) > 1 else ""] += n
    table = bytearray()
    for first in SYMBOLS:
        for second in SYMBOLS:
            for symbol in SYMBOLS[1:]:
                chance = 1 / 36
                for context in ("", second, first + second):
                    seen = before[context]
                    share = seen / (seen + SMOOTHING)
                    chance = share * counts[context + symbol] / max(seen, 1) + (1 - share) * chance
                bits = -math.log2(chance) + (math.log2(10) if symbol == "0" else 0.0)
                table.append(min(255, round(bits / UNIT)))
    return bytes(table)


def main() -> None:
    """Write the table; mtime 0 keeps the file the same at every run."""
    TABLE.write_bytes(gzip.compress(weigh(count(make_handles())), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
