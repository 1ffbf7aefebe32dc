"""Past scans, and the one button that erases them all."""

from __future__ import annotations

import asyncio
from typing import Annotated, cast

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.scans.past import History
from app.scans.runner import ScanRunner
from app.scans.service import ScanService
from app.settings import Settings
from app.storage import Database
from app.web.pages import render

router = APIRouter(prefix="/history")

PAGE_SIZE = 20


def _history(request: Request) -> History:
    state = request.app.state
    return History(
        cast("Database", state.db),
        cast("ScanRunner", state.runner),
        cast("ScanService", state.scans),
        cast("Settings", state.settings),
    )


@router.get("")
def show_history(request: Request, cursor: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Past scans, the newest first."""
    past, following = _history(request).list(PAGE_SIZE, cursor)
    return render(request, "history.html", past=past, next=following)


@router.get("/erase")
def ask_erase(request: Request) -> Response:
    """Ask whether everything shall really be erased."""
    return render(request, "erase.html", count=_history(request).count(), missed=False)


@router.post("/erase")
async def erase(request: Request, sure: Annotated[str, Form()] = "") -> Response:
    """Erase all scans, what they found, what was said of accounts, and the reports noted from them."""
    if sure != "yes":
        return render(request, "erase.html", 422, count=None, missed=True)
    await asyncio.to_thread(_history(request).erase_all)
    return RedirectResponse("/history", status_code=303)
