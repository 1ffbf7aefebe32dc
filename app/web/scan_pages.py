"""The page of a scan: it fills while sources answer, remembers what a human says, and hands everything out."""

from __future__ import annotations

import asyncio
from typing import Annotated, cast

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.net.asking import Net
from app.net.budget import Budget, Ledger
from app.net.errors import NetError
from app.photos.display import fetch_shown
from app.photos.intake import PhotoRejectedError
from app.problems import ConflictError, NotFoundError
from app.scans.export import write_csv
from app.scans.runner import ScanRunner
from app.scans.schemas import DecisionIn
from app.scans.service import ScanService
from app.settings import Settings
from app.web.pages import render
from app.web.reading import ScanPage, read_page, read_pictures
from matchers.model import Verdict

router = APIRouter(prefix="/scan/{scan_id}")

# A page waits this long for a scan that is nearly done, in seconds; what comes later is added to the page.
PATIENCE = 0.1
# Without script the page looks again by itself, in seconds.
REFRESH = 2
# The longest that a picture may take, in seconds.
PICTURE_SECONDS = 10.0


def _service(request: Request) -> ScanService:
    return cast("ScanService", request.app.state.scans)


def _runner(request: Request) -> ScanRunner:
    return cast("ScanRunner", request.app.state.runner)


async def _open(request: Request, scan_id: str) -> ScanPage | None:
    try:
        return await asyncio.to_thread(read_page, request, scan_id)
    except NotFoundError:
        return None


def show_missing(request: Request) -> Response:
    """The page for an address at which nothing is, or nothing any more."""
    return render(request, "missing.html", 404)


@router.get("")
async def show(scan_id: str, request: Request) -> Response:
    """A scan with everything found so far."""
    await _runner(request).wait(scan_id, PATIENCE)
    page = await _open(request, scan_id)
    if page is None:
        return show_missing(request)
    return render(request, "scan.html", page=page, refresh=REFRESH)


@router.get("/part")
async def show_part(scan_id: str, request: Request) -> Response:
    """What changes on the page while a scan runs, for the script that renews it."""
    page = await _open(request, scan_id)
    return show_missing(request) if page is None else render(request, "part.html", page=page)


@router.post("/cancel")
async def cancel(scan_id: str, request: Request) -> Response:
    """End the scan and keep what was found."""
    try:
        await asyncio.to_thread(_service(request).check_cancellable, scan_id)
    except NotFoundError:
        return show_missing(request)
    except ConflictError:
        # It has ended by itself: the page says so.
        return _back(scan_id)
    _runner(request).cancel(scan_id)
    await _runner(request).wait(scan_id, REFRESH)
    return _back(scan_id)


@router.post("/erase")
async def erase(scan_id: str, request: Request) -> Response:
    """Erase this scan with everything found in it."""
    _runner(request).cancel(scan_id)
    try:
        await asyncio.to_thread(_service(request).erase, scan_id)
    except NotFoundError:
        return show_missing(request)
    return RedirectResponse("/history", status_code=303)


@router.post("/accounts/{finding_id}/decision")
def decide(scan_id: str, finding_id: str, request: Request, verdict: Annotated[Verdict, Form()]) -> Response:
    """Remember what the person says of an account."""
    try:
        _service(request).decide(scan_id, finding_id, DecisionIn(verdict=verdict))
    except NotFoundError:
        return show_missing(request)
    return RedirectResponse(f"/scan/{scan_id}#a-{finding_id}", status_code=303)


def _back(scan_id: str) -> Response:
    return RedirectResponse(f"/scan/{scan_id}", status_code=303)


@router.get("/accounts/{finding_id}/photo")
async def show_photo(scan_id: str, finding_id: str, request: Request) -> Response:
    """The account's picture, fetched for this reader alone and drawn anew; 404 where none can be had."""
    url = (await asyncio.to_thread(read_pictures, request, scan_id)).get(finding_id)
    if url is None:
        raise NotFoundError("No picture is known for this account.")
    settings, net = cast("Settings", request.app.state.settings), cast("Net", request.app.state.net)
    try:
        picture = await asyncio.get_running_loop().run_in_executor(net.threads, _fetch, net, url, settings)
    except (NetError, PhotoRejectedError) as error:
        raise NotFoundError("The picture cannot be had.") from error
    return Response(picture, media_type="image/jpeg")


def _fetch(net: Net, url: str, settings: Settings) -> bytes:
    ask = net.asker(Ledger(Budget(calls=3, seconds=PICTURE_SECONDS)))
    return fetch_shown(ask, url, settings)


@router.get("/export.json")
def export_json(scan_id: str, request: Request) -> Response:
    """The whole scan as the API tells it."""
    scan = _service(request).read(scan_id)
    return JSONResponse(scan.model_dump(mode="json"), headers=_as_file("clonecheck.json"))


@router.get("/export.csv")
def export_csv(scan_id: str, request: Request) -> Response:
    """The accounts that were found, one a line."""
    text = "\ufeff" + write_csv(_service(request).read(scan_id))
    return Response(text, media_type="text/csv; charset=utf-8", headers=_as_file("clonecheck.csv"))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
