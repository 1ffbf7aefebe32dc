"""Manipulated photos told by their pixels, and how long that takes."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from app.photos.keypoints import make_pixels, verify
from benchmarks.matching_rows.row import OURS, Row, say_share
from benchmarks.people import load_people, read_picture
from benchmarks.pixel_pairs import DRAWN, NEAR, Laid, lay_all
from matchers.pixels import SAME_DETAILS


def check_pixels(data: Path, people: int = 160, changes: Sequence[str] | None = None, timed: int = 40) -> Iterator[Row]:
    """Copies of test people at the threshold of `matchers.pixels`, and the time of a pair."""
    laid = lay_all(data, "test", people, changes)
    found = sum(one.own >= SAME_DETAILS for one in laid)
    wrong = [count for one in laid for count in (*one.near, *one.drawn)]
    lost = Counter(one.change for one in laid if one.own < SAME_DETAILS)
    told = ", ".join(f"{change} {count}" for change, count in lost.most_common(6))
    yield Row(
        f"manipulated photos, pixels: at least {SAME_DETAILS} details agree",
        f"{len(laid):,} copies of {people} people",
        {OURS: say_share(found, len(laid))},
        f"{len(wrong):,} wrong people ({NEAR} nearest by hash and {DRAWN} drawn for each copy): "
        f"{sum(count >= SAME_DETAILS for count in wrong)} false, the highest has {max(wrong)} details",
        f"threshold: development people (benchmarks.fit_pixels); figure: test people; lost: {told or 'none'}",
        ".990, 0 false",
    )
    yield _time_pairs(data, timed)


def tabulate(laid: Sequence[Laid]) -> Iterator[str]:
    """The share found of each change, the worst first."""
    by_change = {change: [one.own >= SAME_DETAILS for one in laid if one.change == change] for change in _changes(laid)}
    for change, found in sorted(by_change.items(), key=lambda item: sum(item[1]) / len(item[1])):
        yield f"{change:28} {say_share(sum(found), len(found))}"


def _changes(laid: Sequence[Laid]) -> list[str]:
    return list(dict.fromkeys(one.change for one in laid))


def _time_pairs(data: Path, pairs: int) -> Row:
    chosen = [who for who in load_people(data) if who.half == "test"][: pairs + 1]
    start = time.perf_counter()
    points = [make_pixels(read_picture(who.portrait), mirror=True) for who in chosen]
    made = (time.perf_counter() - start) / len(chosen)
    taken = []
    for one, other in pairwise(points):
        start = time.perf_counter()
        verify(one, other)
        taken.append(time.perf_counter() - start)
    return Row(
        "speed: pixels of a pair",
        str(len(taken)),
        {OURS: f"{1e3 * statistics.median(taken):.1f} ms; {1e3 * made:.1f} ms to read a photo and find its points"},
        split="other people's portraits, compared upright and mirrored; median",
        reach="5 ms",
    )
