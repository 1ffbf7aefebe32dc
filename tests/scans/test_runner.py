"""Scans as tasks: slow and broken sources, cancelling, restarting, erasing while running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from app.net.asking import Net
from app.problems import NotFoundError
from app.scans.intake import Job, read_request
from app.scans.offline import open_database
from app.scans.runner import ScanRunner
from app.scans.schemas import ScanIn, ScanOut
from app.scans.search import RESUMED
from app.scans.service import ScanService
from app.settings import Settings
from app.sources.contract import (
    Answer,
    Asker,
    Candidate,
    Gathered,
    Plan,
    Questions,
    Remote,
    Source,
    SourceInfo,
)
from app.sources.gathering import Gatherer
from app.sources.one_way import LookupOnly
from app.storage import Database
from matchers.profile import Account, Subject
from tests.engines import Place

T = TypeVar("T")
CLONE = Account("x", handle="adaezebrandvo1d", display_name="Adaeze Brandvold")


class FakeSource:
    """A source at the seam: answers, stalls or breaks as told."""

    def __init__(self, name: str, answer: Callable[[], Awaitable[Gathered]]) -> None:
        self._name = name
        self._answer = answer

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(self._name, self._name, "", "", leaves_machine=False)

    async def gather(self, _plan: Plan) -> Gathered:
        return await self._answer()


def _found(source: str) -> Gathered:
    return Gathered("ok", (Candidate(CLONE, source),))


async def _quick() -> Gathered:
    return _found("quick")


async def _second() -> Gathered:
    return _found("second")


async def _stall() -> Gathered:
    await asyncio.sleep(60)
    return _found("stalling")


async def _break() -> Gathered:
    raise RuntimeError("adaezebrandvold")


class _Planless(Gatherer):
    """A source outside that cannot even plan."""

    def plan(self, subject: Subject) -> Questions:
        raise RuntimeError(subject.names[0])


class _Silent(LookupOnly):
    """A server that is never asked."""

    place = "silent.example"

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        raise AssertionError(handles, ask)


SOURCES: dict[str, Source] = {
    "quick": FakeSource("quick", _quick),
    "second": FakeSource("second", _second),
    "stalling": FakeSource("stalling", _stall),
    "broken": FakeSource("broken", _break),
}


@pytest.fixture
def settings(tmp_path: Path, place: Place) -> Settings:
    return Settings(data_dir=tmp_path, database_url=place.url, citus=place.citus)


def _job(settings: Settings, *sources: str, seconds: float = 30.0) -> Job:
    request = {
        "name": "Adaeze Brandvold",
        "handle": "adaezebrandvold",
        "sources": sources,
        "budget": {"seconds": seconds},
    }
    return read_request(ScanIn.model_validate(request), settings, SOURCES)


def _run(
    work: Callable[[ScanRunner, ScanService, Database], Awaitable[T]],
    settings: Settings,
    sources: Mapping[str, Source] = SOURCES,
) -> T:
    async def whole() -> T:
        database = open_database(settings)
        net = Net.of(settings)
        runner = ScanRunner(database, sources, settings, net)
        try:
            return await work(runner, ScanService(database, runner, settings), database)
        finally:
            await runner.stop()
            net.close()
            database.dispose()

    return asyncio.run(whole())


def _coverage(scan: ScanOut) -> dict[str, str]:
    return {entry.source: entry.status for entry in scan.coverage}


def test_a_stalling_and_a_broken_source_cost_only_their_own_part(settings: Settings) -> None:
    async def work(runner: ScanRunner, service: ScanService, _database: Database) -> ScanOut:
        scan_id, _ = await runner.submit(_job(settings, "quick", "stalling", "broken", seconds=0.3))
        assert await runner.wait(scan_id, 10)
        return service.read(scan_id)

    scan = _run(work, settings)
    assert scan.status == "completed"
    assert _coverage(scan) == {"quick": "ok", "stalling": "unknown", "broken": "unknown"}
    assert [s.account.handle for s in scan.suspects] == ["adaezebrandvo1d"]


def test_a_source_that_cannot_plan_costs_only_its_own_part(settings: Settings) -> None:
    net = Net.of(settings)
    info = SourceInfo("planless", "Planless", "a", "b", leaves_machine=True, platforms=("x",))
    sources = SOURCES | {"planless": _Planless(Remote(info, (_Silent(),)), net)}

    async def work(runner: ScanRunner, service: ScanService, _database: Database) -> ScanOut:
        scan_id, _ = await runner.submit(replace(_job(settings, "quick"), sources=("quick", "planless")))
        assert await runner.wait(scan_id, 10)
        return service.read(scan_id)

    scan = _run(work, settings, sources)
    net.close()
    assert _coverage(scan) == {"quick": "ok", "planless": "unknown"}
    assert scan.suspects


def test_a_fault_is_logged_without_its_message(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async def work(runner: ScanRunner, _service: ScanService, _database: Database) -> None:
        scan_id, _ = await runner.submit(_job(settings, "broken"))
        assert await runner.wait(scan_id, 10)

    _run(work, settings)
    assert "RuntimeError at" in caplog.text
    assert "adaezebrandvold" not in caplog.text


def test_an_account_found_twice_counts_once_with_both_sources(settings: Settings) -> None:
    async def work(runner: ScanRunner, service: ScanService, _database: Database) -> ScanOut:
        scan_id, _ = await runner.submit(_job(settings, "quick", "second"))
        assert await runner.wait(scan_id, 10)
        return service.read(scan_id)

    scan = _run(work, settings)
    assert len(scan.suspects) == 1
    assert sorted(scan.suspects[0].sources) == ["quick", "second"]


def test_cancelling_keeps_what_was_found(settings: Settings) -> None:
    async def work(runner: ScanRunner, service: ScanService, _database: Database) -> tuple[ScanOut, ScanOut]:
        scan_id, _ = await runner.submit(_job(settings, "quick", "stalling"))
        progress = runner.live(scan_id)
        assert progress is not None
        async for event in progress.follow():
            if event.kind == "found":
                break
        during = service.read(scan_id)
        assert runner.cancel(scan_id)
        assert await runner.wait(scan_id, 10)
        return during, service.read(scan_id)

    during, after = _run(work, settings)
    assert during.status == "running"
    assert [s.account.handle for s in during.suspects] == ["adaezebrandvo1d"]
    assert after.status == "cancelled"
    assert _coverage(after) == {"quick": "ok", "stalling": "skipped"}
    assert [s.id for s in after.suspects] == [s.id for s in during.suspects]


def test_an_interrupted_scan_goes_on_after_a_restart_and_says_so(settings: Settings) -> None:
    async def interrupt(runner: ScanRunner, service: ScanService, _database: Database) -> str:
        scan_id, _ = await runner.submit(_job(settings, "quick", "stalling", seconds=0.5))
        await asyncio.sleep(0.1)
        assert service.read(scan_id).status == "running"
        return scan_id

    scan_id = _run(interrupt, settings)

    async def resume(runner: ScanRunner, service: ScanService, _database: Database) -> ScanOut:
        assert service.read(scan_id).status == "queued"
        await runner.start()
        assert await runner.wait(scan_id, 10)
        return service.read(scan_id)

    scan = _run(resume, settings)
    assert scan.status == "completed"
    assert [s.account.handle for s in scan.suspects] == ["adaezebrandvo1d"]
    assert RESUMED in (scan.coverage[0].detail or "")


def test_erasing_a_running_scan_leaves_nothing(settings: Settings) -> None:
    async def work(runner: ScanRunner, service: ScanService, _database: Database) -> str:
        scan_id, _ = await runner.submit(_job(settings, "stalling"))
        progress = runner.live(scan_id)
        assert progress is not None
        await asyncio.to_thread(service.erase, scan_id)
        await asyncio.wait_for(progress.finished.wait(), 10)
        with pytest.raises(NotFoundError):
            service.read(scan_id)
        return scan_id

    _run(work, settings)


def test_scans_wait_for_a_free_slot(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, scan_workers=1)

    async def work(runner: ScanRunner, service: ScanService, _database: Database) -> list[str]:
        first, _ = await runner.submit(_job(settings, "stalling"))
        second, _ = await runner.submit(_job(settings, "quick"))
        await asyncio.sleep(0.1)
        states = [service.read(first).status, service.read(second).status]
        runner.cancel(first)
        assert await runner.wait(second, 10)
        return [*states, service.read(second).status]

    assert _run(work, settings) == ["running", "queued", "completed"]


def test_expired_scans_are_gone_and_purged(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)

    async def work(runner: ScanRunner, service: ScanService, database: Database) -> None:
        scan_id, _ = await runner.submit(_job(settings, "quick"))
        assert await runner.wait(scan_id, 10)
        with database.write() as session:
            session.connection().exec_driver_sql("UPDATE scans SET expires_at = '2020-01-01 00:00:00'")
        with pytest.raises(NotFoundError):
            service.read(scan_id)
        runner.purge()
        with database.read() as session:
            left = session.connection().exec_driver_sql("SELECT count(*) FROM scans").scalar()
            findings = session.connection().exec_driver_sql("SELECT count(*) FROM scan_findings").scalar()
        assert (left, findings) == (0, 0)

    _run(work, settings)
