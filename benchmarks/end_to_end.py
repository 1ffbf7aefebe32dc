"""The main job on real input: scan real people in an index of twenty thousand accounts, through HTTP.

Run: python -m benchmarks.end_to_end [--out figures.json]            the figures that are reported: test people
     python -m benchmarks.end_to_end --dev-only                      the half on which thresholds are chosen
     python -m benchmarks.end_to_end --people 20 --background 1000   a small one

The labelled data is found through CLONECHECK_TEST_DATA; benchmarks/README.md says what is in the index.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from app.demo.service import Service, open_client, send_accounts, start_service, stop_service
from benchmarks.crowd import REAL_OTHER, STRANGER, Crowd, gather_crowd
from benchmarks.figures import count_alarms, count_group, count_kinds, measure_calibration, measure_times
from benchmarks.people import Half, find_data, load_people
from benchmarks.plants import CLONES, NAMESAKE, RELATIVE, WITHOUT_PHOTO
from benchmarks.report import write_report
from benchmarks.scanning import Scanned, read_memory, scan, scan_person

FIRST_PORT = 18_400
_WARM_UP = 10


class Index(NamedTuple):
    """A running service with the crowd imported; `memory` is what it takes up after that, in megabytes."""

    client: httpx2.Client
    crowd: Crowd
    service: Service
    memory: dict[str, float]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--out", type=Path, help="write the figures as JSON too")
    chosen = parser.parse_args()
    with open_index(chosen) as index:
        figures = measure(index, chosen)
    print(write_report(figures))
    if chosen.out:
        chosen.out.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def make_parser(about: str) -> argparse.ArgumentParser:
    """The options that all runs over the index share."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=150, help="people planted for and scanned, both halves together")
    parser.add_argument("--background", type=int, default=20_000, help="strangers in the index")
    parser.add_argument("--seed", type=int, default=1)
    half = parser.add_mutually_exclusive_group()
    half.add_argument("--dev-only", dest="half", action="store_const", const="development")
    half.add_argument("--test", dest="half", action="store_const", const="test", help="the default")
    parser.set_defaults(half="test")
    return parser


@contextmanager
def open_index(chosen: argparse.Namespace) -> Iterator[Index]:
    """Start the service over an empty folder and import the crowd; stop the service at the end."""
    crowd = gather_crowd(load_people(find_data()), chosen.people, chosen.background, chosen.seed)
    with tempfile.TemporaryDirectory(prefix="clonecheck-benchmark-") as folder:
        service = start_service(Path(folder), FIRST_PORT)
        try:
            with open_client(service) as client:
                _import(client, crowd)
                yield Index(client, crowd, service, read_memory(service))
        finally:
            stop_service(service)


def _import(client: httpx2.Client, crowd: Crowd) -> None:
    done = 0
    for taken in send_accounts(client, crowd.accounts()):
        done += taken
        print(f"\rimported {done:,} of {crowd.size:,}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def scan_half(index: Index, half: Half) -> list[Scanned]:
    """Scan the people of one half one after the other, after a few scans of others to warm up."""
    client, crowd = index.client, index.crowd
    chosen = [who for who in crowd.scanned if who.half == half]
    for who in [who for who in crowd.scanned if who.half != half][:_WARM_UP]:
        scan(client, who)
    results = []
    for number, who in enumerate(chosen, 1):
        results.append(scan_person(client, who, crowd.labels))
        print(f"\rscanned {number} of {len(chosen)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return results


def measure(index: Index, chosen: argparse.Namespace) -> dict[str, Any]:
    """Scan one half and work out its figures."""
    crowd, results = index.crowd, scan_half(index, chosen.half)
    outcomes = [outcome for result in results for outcome in result.outcomes]
    with_photo = set(CLONES) - {WITHOUT_PHOTO}
    look_alike = (NAMESAKE, RELATIVE)
    labels = crowd.labels.values()
    background = Counter((x.kind, x.picture) for x in labels if x.kind in {REAL_OTHER, STRANGER})
    owner = {id(pair): result.who.id for result in results for pair in result.pairs}
    pairs = [pair for result in results for pair in result.pairs]
    planted = [label for result in results for label in result.alarms if label.person is not None]
    return {
        "setting": _describe(crowd, chosen, results),
        "kinds": count_kinds(outcomes),
        "groups": {
            "with_photo": count_group(outcomes, with_photo),
            "without_photo": count_group(outcomes, {WITHOUT_PHOTO}),
            "lookalike_people": count_group(outcomes, look_alike),
            "lookalike_people_real": count_group(outcomes, look_alike, "real"),
            "lookalike_people_drawn": count_group(outcomes, look_alike, "drawn"),
        },
        "alarms": count_alarms(results, background),
        "alarms_planted_for_others": dict(Counter(label.kind for label in planted)),
        "calibration": measure_calibration(pairs, lambda pair: owner[id(pair)]),
        "times": measure_times(results),
        "memory": {"after the import": index.memory, "after the scans": read_memory(index.service)},
    }


def _describe(crowd: Crowd, chosen: argparse.Namespace, results: list[Scanned]) -> dict[str, Any]:
    models = {pair.body["model"] for result in results for pair in result.pairs if "model" in pair.body}
    return {
        "half": chosen.half,
        "people": len(crowd.scanned),
        "scanned": len(results),
        "accounts": len(crowd.labels),
        "background": crowd.background,
        "seed": crowd.seed,
        "model": ", ".join(sorted(models)),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "date": time.strftime("%Y-%m-%d"),
    }


if __name__ == "__main__":
    main()
