"""What a photo distance is worth: log2 likelihood ratios by distance, framing and resolution, on development people.

Run: python -m benchmarks.photo_curves            about three minutes
     python -m benchmarks.photo_curves --copied 20   a look, on fewer copies

The lines of `matchers/photos.py` are drawn through what this prints. Wrong pairs at full size: portraits, and the 2014
pictures of one studio against one another, as many of each; reduced to 120 x 160: that studio alone. A count of half a
pair is added on either side, so that a ratio read from no wrong pair at all stays finite; where the counts run out,
the lines go on at the slope that the wrong pairs had.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.people import find_data
from benchmarks.photo_pairs import Pairs, Shot, Wrong, make_pairs
from matchers.photo_scheme import PROBE_PARTS
from matchers.photos import has_same_framing, nearest, photo_usable

# Upper ends of the distances that are counted together.
EDGES = (12, 20, 28, 34, 40, 44, 48, 52, 56, 60, 64, 68, 72, 76, 80, 84, 88, 256)
FRAMINGS = {True: "same framing", False: "other framing"}


@dataclass(frozen=True)
class Counts:
    """How many pairs were nearest at each distance, by framing and whether mirrored."""

    at: Counter[tuple[bool, bool, int]] = field(default_factory=Counter)

    def add(self, subject: Shot, other: Shot) -> None:
        """Count one pair; a picture that is no evidence counts nowhere."""
        if not photo_usable(other.photo)[0]:
            return
        match = nearest(subject.subject.probes, other.photo)
        bin_ = next(edge for edge in EDGES if match.distance <= edge)
        self.at[has_same_framing(match), PROBE_PARTS[match.probe].mirrored, bin_] += 1

    @property
    def total(self) -> int:
        """All pairs counted."""
        return sum(self.at.values())

    def share(self, framing: bool, edge: int) -> tuple[int, float]:
        """Pairs of this framing in this bin, and their share of all, half a pair added."""
        count = sum(self.at[framing, mirrored, edge] for mirrored in (False, True))
        return count, (count + 0.5) / (self.total + 0.5)


def count_wrong(wrong: Wrong, counts: Counts, every: int = 1) -> Counts:
    """Count the wrong pairs of every n-th subject."""
    for subject in wrong.subjects[::every]:
        for other in wrong.strangers:
            if other.person != subject.person:
                counts.add(subject, other)
    return counts


def count_right(pairs: Pairs) -> Counts:
    """Count the copies."""
    counts = Counts()
    for subject, copy in pairs.copies:
        counts.add(subject, copy)
    return counts


def print_curves(title: str, right: Counts, wrong: Counts) -> Iterator[str]:
    """The table of one resolution, and what a mirrored pair is worth beside an upright one."""
    yield f"## {title}: {right.total:,} copies, {wrong.total:,} wrong pairs"
    for framing, told in FRAMINGS.items():
        yield f"{told}: nearest pair up to .. bits apart | copies | wrong | log2 ratio"
        for edge in EDGES:
            (copies, hit), (strangers, miss) = right.share(framing, edge), wrong.share(framing, edge)
            if copies or strangers:
                yield f"  {edge:>4} | {copies:>6} | {strangers:>7} | {math.log2(hit / miss):+6.1f}"
    yield f"mirrored, 52 bits or nearer: {_near(right, 52)}; wrong pairs, 72 bits or nearer: {_near(wrong, 72)}"


def _near(counts: Counts, limit: int) -> str:
    near = Counter(dict.fromkeys((False, True), 0))
    for (_, mirrored, edge), count in counts.at.items():
        near[mirrored] += count if edge <= limit else 0
    return f"{near[True]:,} of {near.total():,}"


def write_curves(data: Path, copied: int, every: int = 1) -> Iterator[str]:
    """Both tables."""
    full = make_pairs(data, "development", reduced=False, copied=copied)
    small = make_pairs(data, "development", reduced=True, copied=copied)
    studio = Wrong(*_only_older(full.wrong.strangers))
    wrong = count_wrong(full.wrong, count_wrong(studio, Counts(), every), every)
    yield from print_curves("full size", count_right(full), wrong)
    yield from print_curves("120 x 160", count_right(small), count_wrong(small.wrong, Counts(), every))


def _only_older(shots: Iterable[Shot]) -> tuple[list[Shot], list[Shot]]:
    older = [shot for shot in shots if shot.change == "2014"]
    return older, older


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copied", type=int, default=90, help="how many people are copied in every way")
    parser.add_argument("--every", type=int, default=1, help="wrong pairs of every n-th subject")
    chosen = parser.parse_args()
    for line in write_curves(find_data(), chosen.copied, chosen.every):
        print(line)


if __name__ == "__main__":
    main()
