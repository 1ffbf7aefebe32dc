"""Other people's names in every script: the negatives against which spellings of one name must stand out."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "foreign_names.tsv"
# Made-up people for each spelling: a given name and a surname of one locale, in the spelling's own script.
PER_SPELLING = 1_500


def alphabet(text: str) -> int:
    """Tell scripts apart by the block of 128 or so code points that the first letter is in; Latin is one."""
    first = next((ord(char) for char in text if char.isalpha()), 0)
    if first < 0x0250:
        return 0
    # Kana, ideographs and Hangul fill more than a block each.
    return 0x3000 if 0x3000 <= first < 0xD7B0 else first // 0x100


def read_people(seed: int = 1) -> dict[int, list[str]]:
    """Make people up in every script: given names beside surnames of their own locale, in the order of the table."""
    shuffle = random.Random(seed)
    people: dict[int, list[str]] = defaultdict(list)
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        _, given, surnames = line.split("\t")
        made = [f"{one} {other}" for one in given.split(",") for other in surnames.split(",")]
        for name in shuffle.sample(made, min(len(made), PER_SPELLING)):
            people[alphabet(name)].append(name)
    return people


def other_people(spellings: Sequence[str], seed: int = 2) -> list[tuple[str, str]]:
    """Pair every spelling with other people in its own script; in a script without a list, with all of them."""
    shuffle = random.Random(seed)
    people = read_people()
    everybody = [name for names in people.values() for name in names]
    pairs = []
    for spelling in spellings:
        known = people.get(alphabet(spelling), everybody)
        pairs += [(spelling, name) for name in shuffle.sample(known, min(len(known), PER_SPELLING))]
    return pairs
