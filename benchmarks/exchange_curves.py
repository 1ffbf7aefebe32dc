"""What a distance of PDQ or pHash is worth: log2 likelihood ratios on development people; figures on test people.

Run: python -m benchmarks.exchange_curves          about two minutes

The lines of `matchers/photo_exchange.py` are drawn through what this prints. Copies: portraits changed in 55 ways.
Wrong pairs: other people's portraits, 2014 pictures and changed copies, and the 2014 pictures of one studio against one
another. Half a pair is added on either side, so that a ratio read from no wrong pair at all stays finite.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.photos.exchange import exchange_pdq, exchange_phash
from app.photos.matching import to_words
from benchmarks.people import Half, find_data
from benchmarks.photo_pairs import Shot, make_pairs
from matchers.photos import photo_usable

# Upper ends of the distances that are counted together.
EDGES: Mapping[str, Sequence[int]] = {
    "PDQ": (15, 31, 45, 60, 70, 78, 84, 90, 98, 106, 256),
    "pHash": (2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 64),
}
# Distances at which shares are told, the customary threshold among them.
TOLD = {"PDQ": (31, 60, 78), "pHash": (4, 8, 10)}
HASHES: Mapping[str, Callable[[Shot], int]] = {
    "PDQ": lambda shot: exchange_pdq(shot.image)[0],
    "pHash": lambda shot: exchange_phash(shot.image),
}
Distances = npt.NDArray[np.int64]


def measure(data: Path, half: Half, copied: int) -> Iterator[tuple[str, Distances, Distances]]:
    """For each hash its name, the distances of copies and those of wrong pairs."""
    pairs = make_pairs(data, half, reduced=False, copied=copied)
    copies = [(subject, copy) for subject, copy in pairs.copies if photo_usable(copy.photo)[0]]
    strangers = pairs.wrong.strangers
    older = [shot for shot in strangers if shot.change == "2014"]
    for name, hashed in HASHES.items():
        known: dict[int, int] = {}
        for shot in (*(shot for pair in copies for shot in pair), *pairs.wrong.subjects, *strangers):
            if id(shot) not in known:
                known[id(shot)] = hashed(shot)
        right = [(known[id(subject)] ^ known[id(copy)]).bit_count() for subject, copy in copies]
        wrong = [_cross(known, pairs.wrong.subjects, strangers), _cross(known, older, older)]
        yield name, np.array(right), np.concatenate(wrong)


def _cross(known: Mapping[int, int], subjects: Sequence[Shot], others: Sequence[Shot]) -> Distances:
    words = to_words([known[id(shot)] for shot in others])
    people = np.array([shot.person for shot in others])
    found = []
    for subject in subjects:
        mine = to_words([known[id(subject)]])
        apart = np.bitwise_count(words ^ mine).sum(axis=1).astype(np.int64)
        found.append(apart[people != subject.person])
    return np.concatenate(found)


def write_curve(name: str, right: Distances, wrong: Distances) -> Iterator[str]:
    """The ratio by distance."""
    yield f"## {name}, development: {len(right):,} copies, {len(wrong):,} wrong pairs, nearest {wrong.min()}"
    low = -1
    for edge in EDGES[name]:
        copies, strangers = (int(((apart > low) & (apart <= edge)).sum()) for apart in (right, wrong))
        ratio = math.log2((copies + 0.5) / (len(right) + 0.5)) - math.log2((strangers + 0.5) / (len(wrong) + 0.5))
        yield f"  {low + 1:>3} to {edge:>3} | {copies:>6} | {strangers:>7} | {ratio:+6.1f}"
        low = edge


def write_shares(name: str, right: Distances, wrong: Distances) -> Iterator[str]:
    """The share of copies and of wrong pairs at a few distances."""
    for limit in TOLD[name]:
        false = int((wrong <= limit).sum())
        found = f"{(right <= limit).mean():.3f} of {len(right):,} copies"
        yield f"{name} <= {limit}, test: {found}, {false:,} of {len(wrong):,} wrong pairs"


def main() -> None:
    """Print both tables and the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copied", type=int, default=60, help="how many people are copied in every way")
    copied, data = parser.parse_args().copied, find_data()
    for name, right, wrong in measure(data, "development", copied):
        print("\n".join(write_curve(name, right, wrong)))
    for name, right, wrong in measure(data, "test", copied):
        print("\n".join(write_shares(name, right, wrong)))


if __name__ == "__main__":
    main()
