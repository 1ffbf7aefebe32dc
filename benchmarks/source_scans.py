"""Scans over all sources at once: how long beside the slowest alone, and how many requests beside the plan."""

from __future__ import annotations

import base64
import math
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.net.asking import Net
from app.scans.offline import open_database, scan_once
from app.scans.progress import Event
from app.scans.schemas import ScanIn, ScanOut
from app.settings import Settings
from app.sources.gathering import Gatherer
from app.sources.plan import Agenda, plan_agenda
from app.sources.registry import build_sources
from app.subjects.schemas import SubjectIn
from benchmarks.people import Legislator
from benchmarks.source_servers import SOURCES, Platforms, place, watch_platforms

# More than any plan wants, so that none is cut.
BUDGET = {"calls": 5_000, "seconds": 300}
# Requests that one step of the plan comes to: Bluesky has two searches, and a relay is asked first what it can.
PER_SEARCH = {"bluesky": 2, "mastodon": 1, "matrix": 1, "nostr": 2}
# Requests that come once in a scan of a fresh process: what the homeserver calls itself.
ONCE = {"matrix": 1}
# Pictures have a bound of their own; the others give addresses that lead past the doors.
_PICTURES = "/_matrix/client/v1/media/"


@dataclass(slots=True)
class Timed:
    """One scan: the seconds from its start to its end, and what it found."""

    seconds: float
    scan: ScanOut

    @property
    def calls(self) -> dict[str, int]:
        """Calls by source, as the scan itself counted them."""
        return {entry.source: entry.calls for entry in self.scan.coverage if entry.source in SOURCES}


@dataclass(slots=True)
class Round:
    """Each source asked alone, and all at once, for one person."""

    alone: dict[str, float]
    together: float

    @property
    def ratio(self) -> float:
        """All at once over the slowest alone."""
        return self.together / max(self.alone.values())


@dataclass(frozen=True, slots=True)
class Count:
    """Requests for one person: what the plan has, what may come at most, what was counted by us and at the servers.

    `told` counts the accounts that the source showed.
    """

    planned: int
    at_most: int
    ours: int
    heard: int
    handles: int
    told: int
    status: str


@dataclass(slots=True)
class _Clock:
    """Takes the time of a scan by its events."""

    began: float = field(default_factory=time.perf_counter)
    ended: float = math.nan

    def see(self, event: Event) -> None:
        if event.kind == "started":
            self.began = time.perf_counter()
        elif event.kind == "finished":
            self.ended = time.perf_counter()


def ask(who: Legislator, sources: Sequence[str], *, photo: bool = True) -> ScanIn:
    """The request of a scan for a person."""
    told = {
        "name": who.name, "handle": who.handle, "platform": "x", "sources": list(sources), "budget": BUDGET
    }  # fmt: skip
    if photo:
        told["photo"] = {"base64": base64.b64encode(who.portrait.read_bytes()).decode()}
    return ScanIn.model_validate(told)


def scan(who: Legislator, sources: Sequence[str], settings: Settings) -> Timed:
    """Scan as the command line does, with fresh connections and an empty cache; raises `SystemExit` if it fails."""
    clock = _Clock()
    done = scan_once(settings, ask(who, sources), clock.see)
    if done.status != "completed":
        raise SystemExit(f"a scan ended as {done.status}")
    return Timed(clock.ended - clock.began, done)


def measure_rounds(people: Sequence[Legislator], settings: Settings) -> list[Round]:
    """For each person every source alone, then all at once, side by side in one run."""
    rounds = []
    for who in people:
        alone = {source: scan(who, [source], settings).seconds for source in SOURCES}
        rounds.append(Round(alone, scan(who, SOURCES, settings).seconds))
        print(f"\rtimed {len(rounds)} of {len(people)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return rounds


def count_calls(who: Legislator, platforms: Platforms) -> dict[str, Count]:
    """Scan through doors that note every request, and count them beside the plan."""
    with tempfile.TemporaryDirectory(prefix="cc-sources-") as folder, watch_platforms(platforms) as (watched, doors):
        settings = Settings.model_validate(as_fields(place(Path(folder), watched)))
        plans = _plan(who, settings)
        done = scan(who, SOURCES, settings)
        coverage = {entry.source: entry for entry in done.scan.coverage}
        counts = {}
        for source in SOURCES:
            agenda, at_most = plans[source]
            asked = [path for door in doors[source] for path in door.asked if not path.startswith(_PICTURES)]
            counts[source] = Count(
                planned=_requests(source, agenda, len(doors[source])),
                at_most=at_most,
                ours=done.calls[source],
                heard=len(asked),
                handles=sum(map(len, agenda.batches)),
                told=coverage[source].accounts,
                status=coverage[source].status,
            )
        return counts


def _plan(who: Legislator, settings: Settings) -> dict[str, tuple[Agenda, int]]:
    """What each server of a source is asked, and the calls that the source may come to."""
    database, net = open_database(settings), Net.of(settings)
    try:
        sources = build_sources(settings, database, net)
        subject = SubjectIn(name=who.name, handle=who.handle, platform="x").to_subject(settings)
        asked = {name: source for name in SOURCES if isinstance(source := sources[name], Gatherer)}
        questions = {name: source.plan(subject) for name, source in asked.items()}
        return {
            name: (
                plan_agenda(source.info, questions[name], sys.maxsize, math.inf),
                source.wanted_calls(questions[name]),
            )
            for name, source in asked.items()
        }
    finally:
        net.close()
        database.dispose()


def _requests(source: str, agenda: Agenda, servers: int) -> int:
    """Requests for an agenda where nothing is repeated and no search has a second page."""
    return servers * (len(agenda.queries) * PER_SEARCH[source] + len(agenda.batches) + ONCE.get(source, 0))


def as_fields(environment: Mapping[str, str]) -> dict[str, str]:
    """Settings given as environment variables, by the names of their fields."""
    return {name.removeprefix("CLONECHECK_").lower(): value for name, value in environment.items()}
