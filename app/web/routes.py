"""The first page, where a person asks, and what it needs. The other pages are in the modules beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.forms import media_type, read_form
from app.platforms.identity import parse_profile_url, profile_url
from app.problems import ProblemError
from app.scans.form import MAX_FIELDS, read_scan
from app.scans.runner import ScanRunner
from app.scans.schemas import BudgetIn
from app.settings import Settings
from app.sources.contract import Source
from app.sources.routes import describe_sources
from app.subjects.schemas import SubjectIn
from app.subjects.service import preview_subject
from app.web.attacks import router as attacks_router
from app.web.forms import USUAL, Given, list_platforms, tell_problem
from app.web.history import router as history_router
from app.web.language_choice import router as language_choice_router
from app.web.languages import say
from app.web.pages import platform_name, render, send_asset
from app.web.scan_pages import router as scan_router
from app.web.sheet import router as sheet_router

router = APIRouter(include_in_schema=False)


def _show_form(request: Request, status: int = 200, problem: str | None = None, given: Given | None = None) -> Response:
    sources = describe_sources(cast("Mapping[str, Source]", request.app.state.sources))
    return render(
        request,
        "ask.html",
        status,
        problem=problem,
        given=given or Given({}),
        fresh=given is None,
        sources=sources,
        budget=BudgetIn(),
        platforms=list_platforms(),
        usual=len(USUAL),
    )


@router.get("/")
def ask(request: Request) -> Response:
    """The form."""
    return _show_form(request)


@router.get("/static/{name}")
def asset(name: str, request: Request) -> Response:
    """The style sheet and the scripts."""
    return send_asset(name, request)


@dataclass(frozen=True, slots=True)
class _Refused:
    problem: ProblemError | RequestValidationError
    given: Given


async def _submit(request: Request) -> str | _Refused:
    try:
        job = await read_scan(request)
    except (ProblemError, RequestValidationError) as problem:
        return _Refused(problem, await _read_given(request))
    scan_id, _ = await cast("ScanRunner", request.app.state.runner).submit(job)
    return scan_id


async def _read_given(request: Request) -> Given:
    if media_type(request) != "multipart/form-data":
        return Given({})
    try:
        async with read_form(request, MAX_FIELDS) as form:
            return Given({name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form})
    except ProblemError:
        return Given({})


@router.post("/scan")
async def start(request: Request, submitted: Annotated[str | _Refused, Depends(_submit)]) -> Response:
    """Start a scan and lead to its page; a bad form comes back with what is wrong. Scripts are told in JSON."""
    scripted = "application/json" in request.headers.get("accept", "")
    if isinstance(submitted, str):
        address = f"/scan/{submitted}"
        return JSONResponse({"location": address}, 201) if scripted else RedirectResponse(address, status_code=303)
    told = tell_problem(request, submitted.problem)
    return JSONResponse({"detail": told}, 422) if scripted else _show_form(request, 422, told, submitted.given)


@router.get("/scan")
def begin_again() -> Response:
    """The address of a form that was refused, opened once more: back to the form."""
    return RedirectResponse("/", status_code=303)


class PastedIn(BaseModel):
    """What was pasted where a handle or an address is wanted."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=2_000)


@router.post("/recognise")
def recognise(pasted: PastedIn) -> dict[str, Any]:
    """Tell whose profile an address is. By POST, since handles never stand in an address of ours."""
    found = parse_profile_url(pasted.text.strip())
    if found is None:
        return {"platform": None}
    return {
        "platform": found.platform,
        "platform_name": platform_name(found.platform),
        "handle": found.handle,
        "profile_url": profile_url(found.platform, found.handle, found.account_id),
    }


@router.post("/preview")
def preview(request: Request, subject: SubjectIn) -> dict[str, Any]:
    """Tell at once what the name proves by itself and whether the photo can be compared, in the reader's language."""
    told = preview_subject(subject, cast("Settings", request.app.state.settings), 0)
    reason = told.photo.reason if told.photo else None
    return {
        "name_note": told.name_note and say(request, told.name_note),
        "photo": told.photo and {"usable": told.photo.usable, "reason": reason and say(request, reason)},
    }


router.include_router(scan_router)
router.include_router(sheet_router)
router.include_router(history_router)
router.include_router(attacks_router)
router.include_router(language_choice_router)
