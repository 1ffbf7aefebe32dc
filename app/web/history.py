"""Past scans, and the one button that erases them all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.accounts.scope import Scope
from app.cli_view import plain
from app.problems import InvalidInputError
from app.scans import store
from app.scans.history import compare_with_earlier, erase_history, scan_ids
from app.scans.intake import stored_subject
from app.scans.models import ScanRow
from app.scans.runner import ScanRunner
from app.scans.service import ScanService
from app.settings import Settings
from app.storage import Database
from app.web.pages import render

router = APIRouter(prefix="/history")

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Past:
    """A past scan in the list; `new` counts accounts that the scan before did not have, None where there was none."""

    id: str
    who: str
    status: str
    created_at: datetime
    expires_at: datetime
    suspects: int
    new: int | None


@router.get("")
def show_history(request: Request, cursor: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Past scans, the newest first."""
    state = request.app.state
    try:
        listed = cast("ScanService", state.scans).list(PAGE_SIZE, cursor)
    except InvalidInputError:
        listed = cast("ScanService", state.scans).list(PAGE_SIZE, None)
    scope = Scope.of(cast("Settings", state.settings))
    with cast("Database", state.db).read() as session:
        rows = [store.find_scan(session, scope, item.id) for item in listed.items]
        changes = [compare_with_earlier(session, scope, row) for row in rows]
    past = [
        Past(
            id=item.id,
            who=_name(row),
            status=item.status,
            created_at=item.created_at,
            expires_at=item.expires_at,
            suspects=item.suspects_found,
            new=len(change.new) if change else None,
        )
        for item, row, change in zip(listed.items, rows, changes, strict=True)
    ]
    return render(request, "history.html", past=past, next=listed.next)


def _name(row: ScanRow) -> str:
    subject = stored_subject(row.request)
    return plain(next(iter((*subject.names, *(f"@{handle.text}" for handle in subject.handles))), ""), 120)


@router.get("/erase")
def ask_erase(request: Request) -> Response:
    """Ask whether everything shall really be erased."""
    scope = Scope.of(cast("Settings", request.app.state.settings))
    with cast("Database", request.app.state.db).read() as session:
        count = len(scan_ids(session, scope))
    return render(request, "erase.html", count=count, missed=False)


@router.post("/erase")
async def erase(request: Request, sure: Annotated[str, Form()] = "") -> Response:
    """Erase all scans, what they found, what was said of accounts, and the reports noted from them."""
    if sure != "yes":
        return render(request, "erase.html", 422, count=None, missed=True)
    await asyncio.to_thread(_erase_all, request)
    return RedirectResponse("/history", status_code=303)


def _erase_all(request: Request) -> None:
    scope = Scope.of(cast("Settings", request.app.state.settings))
    database, runner = cast("Database", request.app.state.db), cast("ScanRunner", request.app.state.runner)
    with database.read() as session:
        ids = scan_ids(session, scope)
    for scan_id in ids:
        runner.forget(scan_id)
    with database.write() as session:
        erase_history(session, scope)
