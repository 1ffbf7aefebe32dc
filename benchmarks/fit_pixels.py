"""Count how many details agree, of changed copies and of other people's portraits: the curve of matchers/pixels.py.

Run: python -m benchmarks.fit_pixels [--half test] [--people N]

Development people unless asked. For each number of details: the share of copies that reach it, how many wrong pairs
do, and the log2 likelihood ratio of the range from it to the next. Where the drawn wrong pairs reach a range, they tell
how many do; higher up it is the nearest by hash, and those that are not measured are taken to do no better. A range
that no wrong pair reached counts as if three had (the upper end of a 95 % interval around none).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Sequence

from benchmarks.matching_rows.pixel_rows import tabulate
from benchmarks.people import find_data, load_people
from benchmarks.pixel_pairs import Laid, lay_all

STEPS = (0, 8, 12, 15, 17, 20, 25, 30, 45, 60, 120)
_NONE_SEEN = 3


def main() -> None:
    """Print the counts, and the share of each change that is found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("development", "test"), default="development")
    parser.add_argument("--people", type=int)
    chosen = parser.parse_args()
    start, data = time.perf_counter(), find_data()
    laid = lay_all(data, chosen.half, chosen.people)
    portraits = sum(who.half == chosen.half for who in load_people(data))
    for line in (*count_steps(laid, portraits), *tabulate(laid), f"{time.perf_counter() - start:.0f} s"):
        print(line)


def count_steps(laid: Sequence[Laid], portraits: int) -> Iterator[str]:
    """One line a step."""
    own = [one.own for one in laid]
    near = [count for one in laid for count in one.near]
    drawn = [count for one in laid for count in one.drawn]
    every = len(laid) * (portraits - 2)
    yield f"{len(own):,} copies; {len(near):,} near and {len(drawn):,} drawn wrong pairs, standing for {every:,}"
    for low, high in zip(STEPS, (*STEPS[1:], 10_000), strict=True):
        copies = sum(low <= count < high for count in own)
        beside, random = (sum(low <= count < high for count in counts) for counts in (near, drawn))
        wrong = beside + random
        share = random / len(drawn) if random >= _NONE_SEEN else (wrong or _NONE_SEEN) / every
        ratio = math.log2(max(copies, 1) / len(own)) - math.log2(share)
        reached = [sum(count >= low for count in counts) for counts in (own, near, drawn)]
        yield (
            f"from {low:3}: copies {reached[0] / len(own):.4f}, near {reached[1]}, drawn {reached[2]}; "
            f"to {high - 1:4}: {copies} copies, {wrong} wrong, log2 ratio {ratio:.1f}"
        )


if __name__ == "__main__":
    main()
