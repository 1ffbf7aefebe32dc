"""Scans and comparisons over HTTP: parse, call, return."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.scans.form import SCAN_BODY, read_scan
from app.scans.intake import Job
from app.scans.runner import ScanRunner
from app.scans.schemas import CompareIn, ComparisonOut, DecisionIn, ScanOut, ScanPage
from app.scans.service import ScanService

router = APIRouter(prefix="/v1", tags=["scans"])

DEFAULT_WAIT = 10
MAX_WAIT = 60
POLL_SECONDS = 1
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d+)\b")
_SERVER_TIMING = ("decode", "hash", "retrieve", "judge", "store")


def _service(request: Request) -> ScanService:
    return cast("ScanService", request.app.state.scans)


def _runner(request: Request) -> ScanRunner:
    return cast("ScanRunner", request.app.state.runner)


Service = Annotated[ScanService, Depends(_service)]
Runner = Annotated[ScanRunner, Depends(_runner)]


def _existing_scan(scan_id: str, service: Service) -> ScanOut:
    """Read the scan before a stream begins: afterwards it is too late for a 404."""
    return service.read(scan_id)


ExistingScan = Annotated[ScanOut, Depends(_existing_scan)]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]


@router.post(
    "/scans",
    operation_id="createScan",
    openapi_extra=SCAN_BODY,
    responses={202: {"model": ScanOut, "description": "Not done yet; `Location` says where to read on."}},
)
async def create_scan(
    job: Annotated[Job, Depends(read_scan)],
    response: Response,
    service: Service,
    runner: Runner,
    key: IdempotencyKey = None,
    prefer: Annotated[str | None, Header(max_length=2000)] = None,
) -> ScanOut:
    """Search for accounts that pass themselves off as the subject.

    Answers 200 with the finished scan, or 202 when it is not done within `Prefer: wait=N` seconds (10 by default).
    """
    scan_id, _ = await runner.submit(job, key)
    seconds = read_wait(prefer)
    done = await runner.wait(scan_id, seconds)
    response.status_code = 200 if done else 202
    response.headers["Location"] = f"/v1/scans/{scan_id}"
    if _WAIT.search(prefer or ""):
        response.headers["Preference-Applied"] = f"wait={seconds}"
    response.headers["Server-Timing"] = _server_timing(runner, scan_id)
    return await asyncio.to_thread(service.read, scan_id)


def read_wait(prefer: str | None) -> int:
    """Read `wait=N` from a Prefer header (RFC 7240), bounded."""
    found = _WAIT.search(prefer or "")
    return min(MAX_WAIT, int(found[1])) if found else DEFAULT_WAIT


def _server_timing(runner: ScanRunner, scan_id: str) -> str:
    progress = runner.live(scan_id)
    timings = progress.timings if progress else {}
    return ", ".join(f"{step};dur={timings[step]:.2f}" for step in _SERVER_TIMING if step in timings)


@router.get("/scans", operation_id="listScans")
def list_scans(
    service: Service,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> ScanPage:
    """List scans, the newest first."""
    return service.list(limit, cursor)


@router.get("/scans/{scan_id}", operation_id="readScan")
def read_one_scan(scan_id: str, service: Service) -> ScanOut:
    """Read a scan with everything found so far."""
    return service.read(scan_id)


@router.get("/scans/{scan_id}/events", operation_id="followScan", response_class=EventSourceResponse)
async def follow_scan(
    scan: ExistingScan,
    service: Service,
    runner: Runner,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow a scan as server-sent events: `started`, `coverage`, `found`, `finished`.

    Event ids are numbers; `Last-Event-ID` resumes after one. A scan that has ended sends its end at once.
    """
    progress = runner.live(scan.id)
    while progress is None and scan.finished_at is None:
        # Another process runs it.
        await asyncio.sleep(POLL_SECONDS)
        scan = await asyncio.to_thread(service.read, scan.id)
    if progress is None:
        yield ServerSentEvent(event="finished", data={"status": scan.status, "suspects": len(scan.suspects)})
        return
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() else 0
    async for event in progress.follow(after):
        yield ServerSentEvent(event=event.kind, id=str(event.number), data=event.data)


@router.post("/scans/{scan_id}/cancel", operation_id="cancelScan")
async def cancel_scan(scan_id: str, service: Service, runner: Runner) -> ScanOut:
    """End a scan and keep what was found."""
    await asyncio.to_thread(service.check_cancellable, scan_id)
    runner.cancel(scan_id)
    await runner.wait(scan_id, DEFAULT_WAIT)
    return await asyncio.to_thread(service.read, scan_id)


@router.delete("/scans/{scan_id}", operation_id="eraseScan", status_code=204)
async def erase_scan(scan_id: str, service: Service, runner: Runner) -> None:
    """Erase a scan with everything found in it."""
    runner.cancel(scan_id)
    await asyncio.to_thread(service.erase, scan_id)


@router.put("/scans/{scan_id}/suspects/{suspect_id}/decision", operation_id="decideSuspect", status_code=204)
def decide_suspect(scan_id: str, suspect_id: str, decision: DecisionIn, service: Service) -> None:
    """Remember what a human says of an account; it counts in every later scan for the same subject."""
    service.decide(scan_id, suspect_id, decision)


@router.post("/compare", operation_id="compare")
def compare(body: CompareIn, service: Service) -> ComparisonOut:
    """Compare a subject with one account, without any search."""
    return service.compare(body)
