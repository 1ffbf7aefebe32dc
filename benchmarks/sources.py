"""What asking the sources costs, against real servers on this machine: time, requests, pictures, memory.

Run: python -m benchmarks.sources                 everything, about fifteen minutes
     python -m benchmarks.sources --quick         a small form of every row, for a look
     python -m benchmarks.sources --only calls    some rows: calls, time, pictures, memory; may be repeated

The servers are those of the tests (`make servers`, and snac from the system). The people are found through
CLONECHECK_TEST_DATA; benchmarks/README.md says how the rows come about.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.settings import Settings
from benchmarks.people import Legislator, find_data, load_people
from benchmarks.source_memory import measure_memory
from benchmarks.source_pictures import measure_pictures
from benchmarks.source_scans import as_fields, count_calls, measure_rounds, scan
from benchmarks.source_servers import (
    ROUND_TRIP,
    SOURCES,
    UNPACED,
    Platforms,
    choose_people,
    place,
    run_platforms,
    watch_platforms,
)

TIME_BAR = 1.3  # all sources at once over the slowest alone
PICTURE_BAR = 3.0  # seconds for 200 pictures of 400 pixels


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. `seeded` people have copies on the servers."""

    seeded: int
    rounds: int
    counted: int
    pictures: int
    runs: int
    scans: int
    warm_up: int


FULL = Size(seeded=40, rounds=5, counted=5, pictures=200, runs=5, scans=500, warm_up=50)
QUICK = Size(seeded=4, rounds=1, counted=1, pictures=20, runs=1, scans=20, warm_up=5)


@dataclass(frozen=True, slots=True)
class Run:
    """What the rows measure with: all people, and those that have copies on the running servers."""

    people: Sequence[Legislator]
    seeded: Sequence[Legislator]
    platforms: Platforms
    size: Size


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small samples: the figures mean little")
    parser.add_argument("--only", choices=tuple(PARTS), action="append", help="these rows; may be repeated")
    chosen = parser.parse_args()
    size = QUICK if chosen.quick else FULL
    try:
        for line in measure(find_data(), tuple(chosen.only or PARTS), size):
            print(line, flush=True)
    except pytest.skip.Exception as left_out:
        # So the servers' modules say that a server is missing.
        raise SystemExit(str(left_out)) from None


def measure(data: Path, parts: Sequence[str], size: Size) -> Iterator[str]:
    """Measure these parts, in Markdown."""
    people = [who for who in load_people(data) if who.half == "test"]
    seeded = choose_people(people, size.seeded)
    with run_platforms(seeded) as platforms:
        run = Run(people, seeded, platforms, size)
        for part in parts:
            before = os.getloadavg()[0]
            yield from PARTS[part](run)
            yield ""
            yield f"Load of the machine before and after: {before:.1f} and {os.getloadavg()[0]:.1f}."
            yield ""
    yield f"{os.cpu_count()} processors, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}."


def _count(run: Run) -> Iterator[str]:
    yield "| source | handles | planned requests | heard by the servers | counted by us | allowed at most | status |"
    yield "|---|---|---|---|---|---|---|"
    counts = [count_calls(who, run.platforms) for who in run.seeded[: run.size.counted]]
    for source in SOURCES:
        rows = [count[source] for count in counts]
        told = (
            [row.handles for row in rows],
            [row.planned for row in rows],
            [row.heard for row in rows],
            [row.ours for row in rows],
            [row.at_most for row in rows],
        )
        status = ", ".join(sorted({row.status for row in rows}))
        yield f"| {source} | {' | '.join(map(_range, told))} | {status} |"


def _time(run: Run) -> Iterator[str]:
    yield f"| setting | {' | '.join(f'{source} alone' for source in SOURCES)} | all at once | over the slowest |"
    yield f"|---|{'---|' * (len(SOURCES) + 2)}"
    who = run.seeded[: run.size.rounds]
    with tempfile.TemporaryDirectory(prefix="cc-sources-") as folder:
        near = place(Path(folder), run.platforms)
        # What is loaded once is loaded before the clock runs.
        scan(run.seeded[-1], SOURCES, _read(near, UNPACED))
        yield _write_rounds("as shipped: 5 calls a second and host, burst 20", who, _read(near))
        with watch_platforms(run.platforms, ROUND_TRIP) as (far, _):
            told = f"unpaced, servers {1000 * ROUND_TRIP:.0f} ms away"
            yield _write_rounds(told, who, _read(place(Path(folder), far), UNPACED))
        yield _write_rounds("unpaced, servers on the same two processors", who, _read(near, UNPACED))


def _read(*environments: dict[str, str]) -> Settings:
    return Settings.model_validate(as_fields({name: value for one in environments for name, value in one.items()}))


def _write_rounds(setting: str, people: Sequence[Legislator], settings: Settings) -> str:
    rounds = measure_rounds(people, settings)
    alone = [statistics.median(one.alone[source] for one in rounds) for source in SOURCES]
    ratios = [one.ratio for one in rounds]
    cells = [f"{seconds:.2f} s" for seconds in (*alone, statistics.median(one.together for one in rounds))]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}), aim {TIME_BAR}"
    return f"| {setting} | {' | '.join(cells)} | {spread} |"


def _pictures(run: Run) -> Iterator[str]:
    yield "| pictures | bytes each | seconds, median (least-most) | aim |"
    yield "|---|---|---|---|"
    for one in measure_pictures(run.people[: run.size.pictures], run.size.runs):
        aim = f"{PICTURE_BAR:.0f} s for 200" if one.kind == "JPEG" else "none"
        seconds = f"{one.median:.2f} ({min(one.seconds):.2f}-{max(one.seconds):.2f})"
        yield f"| {one.pictures} {one.kind} of {one.side} pixels | {one.size:,.0f} | {seconds} | {aim} |"


def _memory(run: Run) -> Iterator[str]:
    people = [who for who in run.people if who.handle]
    memory = measure_memory(people, run.platforms, run.size.scans, run.size.warm_up)
    yield f"| memory over {run.size.scans} scans, after {run.size.warm_up} | MiB at the start, end | KiB a scan |"
    yield "|---|---|---|"
    rows = (
        ("its own", memory.own),
        ("its own, first half", memory.own.half(0)),
        ("its own, second half", memory.own.half(1)),
        ("pages of files, the database's too", memory.mapped),
    )
    for told, one in rows:
        slope = f"{one.slope:+.1f} ± {one.error:.1f}"
        yield f"| {told} | {one.readings[0]:.0f}, {one.readings[-1]:.0f} | {slope} |"
    yield ""
    yield f"{memory.seconds:.0f} seconds in all."


def _range(values: Sequence[int]) -> str:
    return f"{min(values)}" if min(values) == max(values) else f"{min(values)}-{max(values)}"


PARTS: dict[str, Callable[[Run], Iterator[str]]] = {
    "calls": _count,
    "time": _time,
    "pictures": _pictures,
    "memory": _memory,
}


if __name__ == "__main__":
    main()
