"""Scans through the real service: what was found, at which place, with which odds, and how long it took."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from app.demo.service import Service, read_answer
from benchmarks.people import Legislator
from benchmarks.plants import CLONES, Label, own_account

Wire = dict[str, Any]
STEPS = ("decode", "hash", "retrieve", "judge", "store")
_TIMING = re.compile(r"(\w+);dur=([\d.]+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one planted account. `rank` counts only accounts above it that are not this person's clones."""

    label: Label
    rank: int | None
    verdict: str | None
    probability: float | None

    @property
    def listed(self) -> bool:
        """Whether a user would have seen it among the suspects."""
        return self.rank is not None


@dataclass(frozen=True, slots=True)
class Pair:
    """One judged pair as the service answered it, with its label; None for an account that has none."""

    label: Label
    body: Wire


@dataclass(slots=True)
class Scanned:
    """Everything learnt from scanning one person twice: as a user would, and with everything shown."""

    who: Legislator
    outcomes: list[Outcome] = field(default_factory=list)
    alarms: list[Label] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    milliseconds: dict[str, float] = field(default_factory=dict)


def scan(client: httpx2.Client, who: Legislator, **options: str | Sequence[str]) -> tuple[Wire, dict[str, float]]:
    """Scan for a person with a form post, as `curl` would, and time it; milliseconds by step and in "total"."""
    started = time.perf_counter()
    answer = client.post(
        "/v1/scans",
        data={"name": who.name, "handle": who.handle, "platform": "x", "own_account": own_account(who), **options},
        files={"photo": (who.portrait.name, who.portrait.read_bytes(), "image/jpeg")},
        headers={"Prefer": "wait=60"},
    )
    total = (time.perf_counter() - started) * 1000
    body = read_answer(answer)
    if body["status"] != "completed":
        raise SystemExit(f"a scan ended as {body['status']}")
    took = {step: float(value) for step, value in _TIMING.findall(answer.headers.get("Server-Timing", ""))}
    return body, {**took, "total": total, "rest": total - sum(took.values())}


def scan_person(client: httpx2.Client, who: Legislator, labels: Mapping[str, Label]) -> Scanned:
    """Scan for a person as a user would, timed; then once more with every judged pair shown."""
    shown, took = scan(client, who)
    wide, _ = scan(client, who, min_probability="0", limit="1000")
    result = Scanned(who, milliseconds=took)
    result.pairs = [Pair(labels[_id(item)], item) for item in (*wide["suspects"], *wide["set_aside"])]
    ranks = dict(_rank(shown["suspects"], who, labels))
    judged = {_id(pair.body): pair.body for pair in result.pairs}
    for account_id, label in labels.items():
        if label.person == who.id:
            body = judged.get(account_id)
            verdict, chance = (body["verdict"], body["probability"]) if body else (None, None)
            result.outcomes.append(Outcome(label, ranks.get(account_id), verdict, chance))
    result.alarms = [label for a in ranks if (label := labels[a]).person != who.id]
    return result


def _rank(suspects: list[Wire], who: Legislator, labels: Mapping[str, Label]) -> Iterator[tuple[str, int]]:
    others_above = 0
    for item in suspects:
        yield _id(item), 1 + others_above
        label = labels[_id(item)]
        if label.person != who.id or label.kind not in CLONES:
            others_above += 1


def _id(item: Wire) -> str:
    return str(item["account"]["account_id"])


def read_memory(service: Service) -> dict[str, float]:
    """Memory of the service's process in megabytes: resident now, at its peak, and of that not backed by files."""
    status = Path(f"/proc/{service.pid}/status")
    if not status.exists():
        return {}
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    names = {"resident": "VmRSS", "peak": "VmHWM", "own": "RssAnon"}
    return {name: int(fields[key].split()[0]) / 1024 for name, key in names.items()}
