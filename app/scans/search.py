"""The search of one scan: all sources at once, what they find judged as it comes, the best pictures fetched."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from app.net.asking import Net
from app.net.budget import Budget, Ledger, allot_calls
from app.problems import describe_fault
from app.scans.intake import Job
from app.scans.judging import rank
from app.scans.keeping import Keeper
from app.scans.pictures import PictureFetcher, Seen
from app.scans.pool import Entry, Pool
from app.scans.progress import Progress
from app.scans.views import coverage_body, finding_body
from app.settings import Settings
from app.sources.contract import Candidate, Gathered, Plan, Questions, Source
from app.sources.gathering import BROKEN, Gatherer
from app.sources.links import LINKS

log = logging.getLogger("clonecheck.scans")

# A source ends by itself when the time is over; one that does not is left behind this much later, in seconds.
GRACE_SECONDS = 1.0
RESUMED = "The scan was interrupted by a restart and went on with the stored hashes"


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Something that came in: candidates of a source, the end of a source, or a picture."""

    source: str = ""
    candidates: Sequence[Candidate] = ()
    gathered: Gathered | None = None
    entry: Entry | None = None
    seen: Seen | None = None


class Search:
    """Runs on the event loop; sources wait in threads of their own, judging takes others."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        net: Net,
        threads: ThreadPoolExecutor,
        settings: Settings,
        job: Job,
        progress: Progress,
        pool: Pool,
        keeper: Keeper,
    ) -> None:
        self._sources = {name: sources[name] for name in job.sources}
        if LINKS in sources and any(source.info.leaves_machine for source in self._sources.values()):
            # Who looks outside is told where else only he himself can look.
            self._sources[LINKS] = sources[LINKS]
        self._settings = settings
        self._job = job
        self._progress = progress
        self._pool = pool
        self._keeper = keeper
        # Rows of the index whose accounts their platforms do not show any more.
        self._gone: set[int] = set()
        self._queue: asyncio.Queue[_Arrival] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self.ledger = Ledger(job.budget)
        self._questions: dict[str, Questions] = {}
        self._shares: dict[str, int] = {}
        # Pictures have a bound of their own; they share the time.
        seconds = Budget(settings.avatars_per_scan * 4, job.budget.seconds)
        self._picture_ledger = Ledger(seconds)
        self._pictures = PictureFetcher(net, threads, settings, self._picture_ledger, job.pictures)
        self._wants_pictures = bool(job.subject.photos)
        # Whether all that was found has been judged in the light of all of it.
        self._settled = False

    async def run(self) -> None:
        """Search until every source has ended and every picture has come, or the scan was cancelled."""
        await asyncio.to_thread(self._keeper.recall)
        await asyncio.to_thread(self._plan)
        asked = [asyncio.create_task(self._ask(name)) for name in self._sources]
        stopped = asyncio.create_task(self._progress.cancelled.wait())
        try:
            while not stopped.done() and self._is_awaited():
                start = time.perf_counter()
                arrivals = await self._next_arrivals(stopped)
                self._note("retrieve", start)
                await self._take(arrivals)
        finally:
            self.ledger.stop()
            self._picture_ledger.stop()
            for task in (*asked, stopped):
                task.cancel()
            await asyncio.gather(*asked, stopped, return_exceptions=True)
        await self._finish()

    def _is_awaited(self) -> bool:
        """Whether anything is to come, or has come and was not taken: the last picture, while others were judged."""
        return bool(self._open_sources() or self._pictures.pending or not self._queue.empty())

    def _open_sources(self) -> list[str]:
        return [name for name in self._sources if name not in self._progress.coverage]

    async def _next_arrivals(self, stopped: asyncio.Task[Any]) -> list[_Arrival]:
        """Wait for something to come in, and take all that has."""
        if self._queue.empty():
            getter = asyncio.create_task(self._queue.get())
            await asyncio.wait({getter, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not getter.done():
                getter.cancel()
                return []
            arrivals = [getter.result()]
        else:
            arrivals = []
        while not self._queue.empty():
            arrivals.append(self._queue.get_nowait())
        return arrivals

    async def _ask(self, name: str) -> None:
        """Ask one source within its time; whatever goes wrong there is told as coverage."""
        budget = self._job.budget
        share = self._progress.ledgers[name] = self.ledger.share(self._shares.get(name, 0))
        plan = Plan(
            self._job.subject,
            self._settings.candidate_limit,
            budget,
            share,
            lambda candidates: self._tell(_Arrival(name, candidates)),
            self._asked_platforms(),
            self._keeper.known(name),
            self._questions.get(name),
        )
        try:
            gathered = await asyncio.wait_for(self._sources[name].gather(plan), budget.seconds + GRACE_SECONDS)
        except TimeoutError:
            gathered = Gathered("unknown", detail=f"No answer within {budget.seconds:g} seconds")
        except Exception as fault:  # noqa: BLE001  # a broken source must not break the scan
            log.error("source %s failed: %s", name, describe_fault(fault))
            gathered = Gathered("unknown", detail=BROKEN)
        if self._job.resumed:
            gathered = replace(gathered, detail=f"{gathered.detail}. {RESUMED}" if gathered.detail else RESUMED)
        self._queue.put_nowait(_Arrival(name, gathered.candidates, gathered))

    def _plan(self) -> None:
        """Plan what to ask each source outside, and share the calls out; one that does not say wants all."""
        wanted: dict[str, int] = {}
        for name, source in self._sources.items():
            if not (source.info.leaves_machine and source.info.ready):
                continue
            wanted[name] = self._job.budget.calls
            if not isinstance(source, Gatherer):
                continue
            try:
                self._questions[name] = source.plan(self._job.subject)
                wanted[name] = source.wanted_calls(self._questions[name])
            except Exception as fault:  # noqa: BLE001  # it fails once more in `gather`, and is told as coverage there
                log.error("source %s failed: %s", name, describe_fault(fault))
        self._shares = allot_calls(self._job.budget.calls, wanted)

    def _asked_platforms(self) -> frozenset[str]:
        ready = [source.info for source in self._sources.values() if source.info.ready]
        return frozenset(platform for info in ready for platform in info.platforms)

    def _tell(self, arrival: _Arrival) -> None:
        """Pass something on from any thread; after the end of the search nobody listens."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, arrival)

    async def _take(self, arrivals: Sequence[_Arrival]) -> None:
        """Judge what has come in, and tell the readers."""
        if not arrivals:
            return
        start = time.perf_counter()
        fresh = await asyncio.to_thread(self._judge, arrivals)
        self._note("judge", start)
        self._progress.judged = self._pool.judged
        for arrival in arrivals:
            if arrival.gathered is not None:
                self._progress.coverage[arrival.source] = self._count(arrival.source, arrival.gathered)
                told = coverage_body({arrival.source: self._progress.coverage[arrival.source]})[0]
                await self._progress.tell("coverage", told)
        judged = [entry.judged for entry in fresh if entry.judged is not None]
        for item in rank(judged, self._job.limit, self._job.min_probability).suspects:
            await self._progress.tell("found", finding_body(item))
        if self._wants_pictures:
            self._pictures.send_for(fresh, self._take_picture)

    def _take_picture(self, entry: Entry, seen: Seen | None) -> None:
        self._queue.put_nowait(_Arrival(entry=entry, seen=seen))

    def _judge(self, arrivals: Sequence[_Arrival]) -> list[Entry]:
        fresh = self._pool.add([c for arrival in arrivals for c in arrival.candidates])
        for arrival in arrivals:
            if arrival.entry is not None and arrival.seen is not None:
                self._pool.give_picture(arrival.entry, arrival.seen.photo, arrival.seen.pixels)
                fresh.append(arrival.entry)
            if arrival.gathered is not None and arrival.gathered.gone:
                self._gone |= self._keeper.find_gone(arrival.source, arrival.gathered.gone)
        fresh = list(dict.fromkeys(fresh))
        if fresh:
            self._pool.judge(fresh)
            self._settled = len(fresh) == len(self._pool.entries)
        return fresh

    def _count(self, name: str, gathered: Gathered) -> Gathered:
        """How many accounts of this source were compared, an account from two sources for both."""
        seen = sum(name in entry.sources for entry in self._pool.entries)
        status = "partial" if seen and gathered.status == "unknown" else gathered.status
        return replace(gathered, status=status, told=seen)

    async def _finish(self) -> None:
        """Judge all in the light of all, unless the last arrival was all there is; complete the coverage."""
        start = time.perf_counter()
        if self._gone:
            self._pool.drop(self._gone)
            self._settled = False
        if not self._settled:
            await asyncio.to_thread(lambda: self._pool.judge(self._pool.entries))
            self._note("judge", start)
        self._progress.judged = self._pool.judged
        for name in self._sources:
            if name not in self._progress.coverage:
                gathered = Gathered("skipped", detail="The scan was cancelled before it answered")
                self._progress.coverage[name] = self._count(name, gathered)
        self._tell_pictures()
        await asyncio.to_thread(self._keeper.finish, self._pool.entries, self._gone)
        coverage = self._progress.coverage
        self._progress.coverage = {name: coverage[name] for name in self._sources}

    def _tell_pictures(self) -> None:
        """Say in the coverage which pictures were not looked at."""
        for tally, say in ((self._pictures.failed, _say_failed), (self._pictures.left_out, _say_left_out)):
            for name, count in tally.items():
                gathered = self._progress.coverage[name]
                note = say(count)
                status = "partial" if gathered.status == "ok" else gathered.status
                detail = f"{gathered.detail}. {note}" if gathered.detail else note
                self._progress.coverage[name] = replace(gathered, status=status, detail=detail)

    def _note(self, step: str, start: float) -> None:
        timings = self._progress.timings
        timings[step] = timings.get(step, 0.0) + (time.perf_counter() - start) * 1000


def _say_failed(count: int) -> str:
    if count == 1:
        return f"{count} profile picture could not be fetched"
    return f"{count} profile pictures could not be fetched"


def _say_left_out(count: int) -> str:
    if count == 1:
        return f"{count} profile picture was not fetched, since there were too many"
    return f"{count} profile pictures were not fetched, since there were too many"
