"""One scan without a server: what the command line does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.accounts.photo_hashes import PhotoHashes
from app.net.asking import Net
from app.scans.intake import read_request
from app.scans.past import History
from app.scans.progress import Event, Progress
from app.scans.runner import ScanRunner
from app.scans.schemas import ScanIn, ScanOut
from app.scans.service import ScanService
from app.settings import Settings
from app.sources.registry import build_sources
from app.storage import Database
from app.storage.migrate import upgrade
from app.subjects.protected import ProtectedSubjects

# A scan ends by its own budget; this is how long its storing may take on top.
GRACE_SECONDS = 60


def open_database(settings: Settings) -> Database:
    """Open the database in force, migrated."""
    database = Database.of(settings)
    upgrade(database)
    # What is imported or erased here reaches the file of picture hashes too.
    PhotoHashes.of(settings, database)
    return database


@dataclass(frozen=True, slots=True)
class Kept:
    """The scans that are kept here, without a server."""

    scans: ScanService
    history: History
    database: Database
    net: Net


@contextmanager
def open_scans(settings: Settings) -> Iterator[Kept]:
    """Open what is kept of past scans; closed again at the end of the block."""
    database = open_database(settings)
    net = Net.of(settings)
    try:
        runner = ScanRunner(database, {}, settings, net)
        scans = ScanService(database, runner, settings)
        yield Kept(scans, History(database, runner, scans, settings), database, net)
    finally:
        net.close()
        database.dispose()


def scan_once(
    settings: Settings,
    request: ScanIn,
    on_event: Callable[[Event], None] | None = None,
    on_start: Callable[[Progress, tuple[str, ...]], None] | None = None,
) -> ScanOut:
    """Run one scan to its end and return it; the scan is stored like any other.

    `on_start` is given the live state, for whoever shows it meanwhile, and the names of the sources. Ctrl-C ends the
    scan early: it is returned as `cancelled`, with what it has found.
    """
    database = open_database(settings)
    try:
        return asyncio.run(_scan(settings, database, request, on_event, on_start))
    finally:
        database.dispose()


async def _scan(
    settings: Settings,
    database: Database,
    request: ScanIn,
    on_event: Callable[[Event], None] | None,
    on_start: Callable[[Progress, tuple[str, ...]], None] | None,
) -> ScanOut:
    net = Net.of(settings)
    sources = build_sources(settings, database, net)
    runner = ScanRunner(database, sources, settings, net)
    runner.purge()
    job = read_request(request, settings, sources, ProtectedSubjects(database, settings).read_given)
    scan_id, _ = await runner.submit(job)
    progress = runner.live(scan_id)
    if progress is not None:
        if on_start is not None:
            on_start(progress, job.sources)
        try:
            async with asyncio.timeout(job.budget.seconds + GRACE_SECONDS):
                async for event in progress.follow():
                    if on_event is not None:
                        on_event(event)
                await progress.finished.wait()
        except asyncio.CancelledError:
            await _end_early(runner, scan_id, progress)
    await runner.stop()
    net.close()
    return ScanService(database, runner, settings).read(scan_id)


async def _end_early(runner: ScanRunner, scan_id: str, progress: Progress) -> None:
    """Cancel a scan at the user's wish (Ctrl-C) and wait until what it has found is stored; a second one ends all."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
    runner.cancel(scan_id)
    async with asyncio.timeout(GRACE_SECONDS):
        await progress.finished.wait()
