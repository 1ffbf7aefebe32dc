"""What a running scan has done so far, kept in memory: what a reader sees before the scan is stored as finished."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal

from app.net.budget import Ledger
from app.scans.judging import Judged
from app.sources.contract import Gathered

EventKind = Literal["started", "coverage", "found", "finished"]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a scan; `number` counts from 1, so that a reader can go on where the line broke."""

    number: int
    kind: EventKind
    data: dict[str, Any]


@dataclass
class Progress:
    """The live state of one scan; the event loop's thread changes it.

    `failed` stands where nothing could be stored; `cost` is what was spent, in US dollars. `ledgers` count the calls
    of each source while it is asked.
    """

    scan_id: str
    coverage: dict[str, Gathered] = field(default_factory=dict)
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    cost: float = 0.0
    running: bool = False
    failed: bool = False
    _events: list[Event] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def tell(self, kind: EventKind, data: dict[str, Any]) -> None:
        """Add an event and wake the readers."""
        async with self._changed:
            self._events.append(Event(len(self._events) + 1, kind, data))
            self._changed.notify_all()

    async def follow(self, after: int = 0) -> AsyncIterator[Event]:
        """Yield the events after the given number, as they come, until the scan has finished.

        A number that is not ours yet belongs to another run of the scan: it is told from the beginning.
        """
        after = after if after <= len(self._events) else 0
        while True:
            async with self._changed:
                while len(self._events) <= after and not self._has_ended():
                    await self._changed.wait()
                fresh = self._events[after : after + 1]
            if not fresh:
                return
            yield fresh[0]
            after += 1

    def _has_ended(self) -> bool:
        return bool(self._events) and self._events[-1].kind == "finished"
