"""Whether the service grows: its memory over hundreds of scans outside, one process all the time."""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from app.demo.service import open_client, start_service, stop_service
from benchmarks.people import Legislator
from benchmarks.scanning import read_memory, scan
from benchmarks.source_servers import SOURCES, UNPACED, Platforms

FIRST_PORT = 18_600
_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True)
class Growth:
    """A kind of memory in MiB after each scan from the end of the warm-up on."""

    readings: tuple[float, ...]

    @property
    def slope(self) -> float:
        """KiB a scan, by least squares."""
        return 1024 * _fit(self.readings)[0]

    @property
    def error(self) -> float:
        """Half the 95 % interval of the slope, as if readings were independent; they are not, so it is too narrow."""
        return 1024 * _Z * _fit(self.readings)[1]

    def half(self, which: int) -> Growth:
        """The first (0) or second (1) half of the scans."""
        middle = len(self.readings) // 2
        return Growth(self.readings[middle:] if which else self.readings[:middle])


@dataclass(frozen=True, slots=True)
class Memory:
    """What grew: memory of the process's own, and pages of files that the system can take back at any time.

    Among the latter are those of the database, which holds every scan until it expires (`PRAGMA mmap_size`).
    """

    own: Growth
    mapped: Growth
    seconds: float


def measure_memory(people: Sequence[Legislator], platforms: Platforms, scans: int, warm_up: int) -> Memory:
    """Scan people in turn over all sources, as a user would over HTTP, and read the memory after each scan."""
    with tempfile.TemporaryDirectory(prefix="cc-memory-") as folder:
        service = start_service(Path(folder), FIRST_PORT, settings={**platforms.settings(), **UNPACED})
        try:
            with open_client(service) as client:
                readings = []
                start = time.perf_counter()
                for done, who in enumerate(islice(cycle(people), warm_up + scans), 1):
                    body, _ = scan(client, who, source=SOURCES)
                    _check(body["coverage"])
                    if done >= warm_up:
                        readings.append(read_memory(service))
                    if done % 10 == 0:
                        print(f"\rscan {done} of {warm_up + scans}", end="", file=sys.stderr, flush=True)
                print(file=sys.stderr)
                return Memory(
                    own=Growth(tuple(reading["own"] for reading in readings)),
                    mapped=Growth(tuple(reading["resident"] - reading["own"] for reading in readings)),
                    seconds=time.perf_counter() - start,
                )
        finally:
            stop_service(service)


def _check(coverage: Sequence[dict[str, object]]) -> None:
    """A scan that asked nobody would prove nothing."""
    silent = [entry["source"] for entry in coverage if entry["source"] in SOURCES and not entry["calls"]]
    if silent:
        raise SystemExit(f"not asked: {silent}")


def _fit(values: Sequence[float]) -> tuple[float, float]:
    """The slope of a line through equidistant values by least squares, and its standard error."""
    count = len(values)
    middle, mean = (count - 1) / 2, sum(values) / count
    spread = sum((at - middle) ** 2 for at in range(count))
    slope = sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread
    rest = sum((value - mean - slope * (at - middle)) ** 2 for at, value in enumerate(values))
    return slope, math.sqrt(rest / (count - 2) / spread)
