"""Runs scans: gathers from all sources at once, judges what comes, stores the outcome.

A scan is a task on the event loop; database work and judging run in threads. A source that is slow or broken costs
only its own part.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.name_counts import count_names
from app.accounts.scope import Scope
from app.accounts.service import purge_expired
from app.net.asking import Net
from app.problems import ProblemError, describe_fault
from app.reports.filing.claims import purge_filings
from app.reports.ledger import purge_reports
from app.scans import store
from app.scans.intake import Job, resume_job
from app.scans.judging import Decision, Ranking, rank
from app.scans.keeping import Keeper
from app.scans.models import ScanRow
from app.scans.pool import Pool
from app.scans.progress import Progress
from app.scans.search import Search
from app.scans.views import coverage_body
from app.settings import Settings
from app.sources.contract import Source
from app.storage import Database, new_id, utc_now
from app.subjects.binding import AccountKey, subject_key
from app.subjects.service import subject_body
from matchers.model import VERSION
from matchers.world import World

log = logging.getLogger("clonecheck.scans")

PURGE_SECONDS = 3600
# A finished scan stays in memory this long, so that a reader of its events sees the end.
LINGER_SECONDS = 5
# Pictures fetched and hashed at the same moment, by all scans together.
PICTURE_THREADS = 8


def make_world(settings: Settings) -> World:
    """What the judgement is told from outside, today."""
    return World(prior_bits=settings.prior_bits, today=utc_now().date(), population=settings.population)


class ScanRunner:
    """Starts, follows and cancels scans. One per process; `start` and `stop` belong to its life."""

    def __init__(self, database: Database, sources: Mapping[str, Source], settings: Settings, net: Net) -> None:
        self._database = database
        self._sources = sources
        self._net = net
        self._threads = ThreadPoolExecutor(PICTURE_THREADS, "pictures")
        self._settings = settings
        self._scope = Scope.of(settings)
        self._slots = asyncio.Semaphore(settings.scan_workers)
        self._live: dict[str, Progress] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Erase what has expired, go on with interrupted scans, and purge hourly from now on."""
        await asyncio.to_thread(self.purge)
        for scan_id, job in await asyncio.to_thread(self._find_interrupted):
            self._launch(scan_id, job)
        self._keep(asyncio.create_task(self._purge_hourly()))

    async def stop(self) -> None:
        """End all tasks; unfinished scans go on at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(cancel_futures=True)

    def live(self, scan_id: str) -> Progress | None:
        """The progress of a scan that runs in this process, or has just finished."""
        return self._live.get(scan_id)

    async def submit(self, job: Job, idempotency_key: str | None = None) -> tuple[str, bool]:
        """Store a scan and start it; returns its id and whether it is new (False: the key has made it before)."""
        scan_id, is_new = await asyncio.to_thread(self._store_new, job, idempotency_key)
        if is_new:
            self._launch(scan_id, job)
        return scan_id, is_new

    async def wait(self, scan_id: str, seconds: float) -> bool:
        """Wait for a scan to finish; says whether it has."""
        progress = self._live.get(scan_id)
        if progress is None:
            return True
        try:
            await asyncio.wait_for(progress.finished.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def cancel(self, scan_id: str) -> bool:
        """Ask a running scan to end with what it has; False if it does not run."""
        progress = self._live.get(scan_id)
        if progress is None or progress.finished.is_set():
            return False
        progress.cancelled.set()
        return True

    def forget(self, scan_id: str) -> None:
        """Drop the live state of a scan that was erased."""
        self.cancel(scan_id)
        self._live.pop(scan_id, None)

    def purge(self) -> None:
        """Erase expired scans, accounts and reports."""
        with self._database.write() as session:
            scans = store.purge_scans(session, utc_now())
            reports = purge_reports(session, utc_now() - timedelta(days=self._settings.report_days))
            reports += purge_filings(session, utc_now())
        accounts = purge_expired(self._database)
        log.info("purged scans=%d accounts=%d reports=%d", scans, accounts, reports)

    async def _purge_hourly(self) -> None:
        while True:
            await asyncio.sleep(PURGE_SECONDS)
            try:
                await asyncio.to_thread(self.purge)
            except SQLAlchemyError as fault:
                # A database that is away for a while must not end the purging for good.
                log.error("purge failed: %s", describe_fault(fault))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _launch(self, scan_id: str, job: Job) -> None:
        progress = Progress(scan_id, timings=dict(job.timings))
        self._live[scan_id] = progress
        self._keep(asyncio.create_task(self._run(job, progress)))

    def _find_interrupted(self) -> list[tuple[str, Job]]:
        with self._database.read() as session:
            rows = [(row.id, row.request) for row in store.unfinished_scans(session, self._scope)]
        jobs = []
        for scan_id, request in rows:
            try:
                jobs.append((scan_id, resume_job(request)))
            except (ProblemError, ValidationError) as fault:
                log.error("interrupted scan cannot go on: %s", describe_fault(fault))
                with self._database.write() as session:
                    store.finish_scan(session, scan_id, "failed", Ranking(), [], 0.0)
        return jobs

    def _store_new(self, job: Job, idempotency_key: str | None) -> tuple[str, bool]:
        summary = subject_body(job.subject, make_world(self._settings))
        scan_id = new_id()
        with self._database.write() as session:
            if idempotency_key:
                known = store.claim_key(session, self._scope, idempotency_key, job.request_hash, scan_id)
                if known is not None:
                    return known, False
            now = utc_now()
            row = ScanRow(
                id=scan_id,
                corpus=self._settings.corpus,
                status="queued",
                created_at=now,
                expires_at=now + timedelta(days=self._settings.scan_days),
                model=VERSION,
                request=job.request,
                subject_key=subject_key(job.subject),
                summary=summary,
                coverage=[],
            )
            session.add(row)
        return scan_id, True

    async def _run(self, job: Job, progress: Progress) -> None:
        try:
            async with self._slots:
                progress.running = True
                await progress.tell("started", {"sources": list(job.sources)})
                await self._search(job, progress)
                status = "cancelled" if progress.cancelled.is_set() else "completed"
                await self._finish(job, progress, status)
        except asyncio.CancelledError:
            raise
        except Exception as fault:  # noqa: BLE001  # whatever it was, the scan must end, and be told as failed
            log.error("scan failed: %s", describe_fault(fault))
            await self._fail(progress)
        finally:
            progress.finished.set()
            if not progress.failed:
                asyncio.get_running_loop().call_later(LINGER_SECONDS, self._live.pop, progress.scan_id, None)

    async def _search(self, job: Job, progress: Progress) -> None:
        decisions = await asyncio.to_thread(self._load_decisions, job)
        world = await asyncio.to_thread(self._make_world, job)
        pool = Pool(job.subject, world, decisions)
        asked = {name: self._sources[name] for name in job.sources}
        keeper = Keeper(self._database, self._settings, job.subject, asked)
        search = Search(self._sources, self._net, self._threads, self._settings, job, progress, pool, keeper)
        try:
            await search.run()
        finally:
            progress.cost = search.ledger.money

    def _make_world(self, job: Job) -> World:
        with self._database.read() as session:
            names = count_names(session, job.subject, self._scope)
        return replace(make_world(self._settings), name_counts=names.counts, name_total=names.total)

    def _load_decisions(self, job: Job) -> dict[AccountKey, Decision]:
        with self._database.read() as session:
            return store.load_decisions(session, self._scope, subject_key(job.subject))

    async def _finish(self, job: Job, progress: Progress, status: str) -> None:
        ranking = rank(progress.judged, job.limit, job.min_probability)
        start = time.perf_counter()
        await asyncio.to_thread(self._store_outcome, progress, status, ranking)
        progress.timings["store"] = (time.perf_counter() - start) * 1000
        progress.judged = []
        await progress.tell("finished", {"status": status, "suspects": len(ranking.suspects)})

    async def _fail(self, progress: Progress) -> None:
        """End a scan that broke. Where even that cannot be stored, this process answers for it from memory."""
        progress.judged = []
        try:
            await asyncio.to_thread(self._store_outcome, progress, "failed", Ranking())
        except Exception as fault:  # noqa: BLE001  # its followers must not wait for an end that never comes
            log.error("failed scan could not be stored: %s", describe_fault(fault))
            progress.failed = True
        await progress.tell("finished", {"status": "failed", "suspects": 0})

    def _store_outcome(self, progress: Progress, status: str, ranking: Ranking) -> None:
        coverage = coverage_body(progress.coverage)
        with self._database.write() as session:
            store.finish_scan(session, progress.scan_id, status, ranking, coverage, progress.cost)
