"""Count what the summed evidence really says, on development people: the curve of matchers/calibration.py.

Run: python -m benchmarks.calibration [--people N]

Pairs are made by the mix of benchmarks/data/case_mix.csv, as the judgement rows of `benchmarks.matching` make them for
the test people, who have no part here. They fall into bins of two bits; neighbours are joined until a bin has enough
of both kinds and its likelihood ratio is no less than that of the bin below. Above the highest account that is no clone
nothing can be counted.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.cases import read_mix
from benchmarks.matching_rows.judgement_rows import Judged, judge_half
from benchmarks.people import find_data, load_people
from matchers.world import DEFAULT_PRIOR_BITS

WIDTH = 2.0
LOWEST = -8.0
# With fewer of either kind a ratio is chance. Others are so rare near the top that three must do there.
LEAST_CLONES, LEAST_OTHERS = 12, 3


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs whose summed bits are near each other: how many of each kind, what they weigh, and the sum of their bits.

    The weights are shares: of all clones, and of all other accounts.
    """

    clones: int = 0
    others: int = 0
    clone_share: float = 0.0
    other_share: float = 0.0
    summed: float = 0.0

    def join(self, other: Bin) -> Bin:
        """Put two bins together."""
        return Bin(
            self.clones + other.clones,
            self.others + other.others,
            self.clone_share + other.clone_share,
            self.other_share + other.other_share,
            self.summed + other.summed,
        )

    @property
    def is_weak(self) -> bool:
        """Whether it has too few pairs to count on."""
        return self.clones < LEAST_CLONES or self.others < LEAST_OTHERS

    @property
    def centre(self) -> float:
        """Mean of the summed bits."""
        return self.summed / (self.clones + self.others)

    @property
    def ratio(self) -> float:
        """log2 likelihood ratio; infinite without others."""
        if not self.other_share:
            return math.inf
        return math.log2(self.clone_share / self.other_share) if self.clone_share else -math.inf


def main() -> None:
    """Print the points of the curve, with the pairs behind each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=400)
    able = [who for who in load_people(find_data()) if who.handle][: parser.parse_args().people]
    people = sum(who.half == "development" for who in able)
    for joined in join_bins(fill_bins(list(judge_half(able, "development", read_mix())), people)):
        print(f"({joined.centre:.1f}, {joined.ratio:.1f}),  # {joined.clones} clones, {joined.others} others")


def fill_bins(pairs: Sequence[Judged], people: int) -> list[Bin]:
    """Sort pairs into bins by what they summed to before calibration."""
    everybody = 2.0**-DEFAULT_PRIOR_BITS
    highest = max(pair.summed for pair in pairs if not pair.case.clone)
    bins: dict[int, Bin] = {}
    for pair in pairs:
        if pair.summed > highest:
            continue
        at = math.floor(max(pair.summed, LOWEST) / WIDTH)
        share = pair.case.weight / pair.case.sampled / people
        one = (
            Bin(clones=1, clone_share=share, summed=pair.summed)
            if pair.case.clone
            else Bin(others=1, other_share=share / everybody, summed=pair.summed)
        )
        bins[at] = bins.get(at, Bin()).join(one)
    return [bins[at] for at in sorted(bins)]


def join_bins(bins: Sequence[Bin]) -> Iterator[Bin]:
    """Join neighbours until every bin has enough pairs and the ratios rise."""
    found: list[Bin] = []
    for one in bins:
        found.append(one)
        while len(found) > 1 and (found[-2].is_weak or found[-1].ratio < found[-2].ratio):
            last = found.pop()
            found[-1] = found[-1].join(last)
    while len(found) > 1 and found[-1].is_weak:
        last = found.pop()
        found[-1] = found[-1].join(last)
    yield from found


if __name__ == "__main__":
    main()
