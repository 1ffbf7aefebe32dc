"""The pages: a form that asks, and a scan that shows itself. Rendered on the server, without script."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import RedirectResponse, Response

from app.cli_view import PROOFS, VERDICTS, plain, say_chance, say_effort, say_spending
from app.problems import NotFoundError, ProblemError
from app.scans.form import read_scan
from app.scans.runner import ScanRunner
from app.scans.schemas import BudgetIn
from app.scans.service import ScanService
from app.sources.contract import Source
from app.sources.routes import describe_sources

router = APIRouter(include_in_schema=False)

# A page waits this long for its scan before it shows what there is and looks again, in seconds.
PATIENCE = 5
REFRESH = 2
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    # The browser may go back to a page it has shown, but keeps no copy on disk.
    "Cache-Control": "no-store",
}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("app.web"), autoescape=select_autoescape(["html"]), undefined=StrictUndefined
    )
    environment.filters |= {"plain": plain, "chance": say_chance, "verdict": VERDICTS.get, "link": safe_link}
    environment.filters |= {"proof": PROOFS.get, "effort": say_effort, "spending": say_spending}
    return environment


def safe_link(url: object) -> str | None:
    """An address that may stand behind a link: web and mail only, whatever a platform or an importer called it."""
    text = str(url or "")
    return text if text.lower().startswith(("https://", "http://", "mailto:")) else None


def _render(name: str, status: int = 200, **values: Any) -> Response:
    html = _templates().get_template(name).render(**values)
    return Response(html, status, _HEADERS, media_type="text/html")


def _show_form(request: Request, status: int = 200, problem: str | None = None) -> Response:
    sources = describe_sources(cast("Mapping[str, Source]", request.app.state.sources))
    return _render("ask.html", status, problem=problem, sources=sources, budget=BudgetIn())


@router.get("/")
def ask(request: Request) -> Response:
    """The form."""
    return _show_form(request)


@router.get("/style.css")
def style() -> Response:
    """The one style sheet."""
    text = resources.files("app.web").joinpath("style.css").read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


async def _submit(request: Request) -> str | ProblemError | RequestValidationError:
    try:
        job = await read_scan(request)
    except (ProblemError, RequestValidationError) as problem:
        return problem
    scan_id, _ = await cast("ScanRunner", request.app.state.runner).submit(job)
    return scan_id


@router.post("/scan")
async def start(
    request: Request, submitted: Annotated[str | ProblemError | RequestValidationError, Depends(_submit)]
) -> Response:
    """Start a scan and lead to its page; a bad form comes back with what is wrong."""
    if isinstance(submitted, str):
        return RedirectResponse(f"/scan/{submitted}", status_code=303)
    return _show_form(request, 422, _tell(submitted))


def _tell(problem: ProblemError | RequestValidationError) -> str:
    if isinstance(problem, ProblemError):
        return problem.detail
    return "; ".join(str(error["msg"]).removeprefix("Value error, ") for error in problem.errors()[:3])


@router.get("/scan/{scan_id}")
async def show(scan_id: str, request: Request) -> Response:
    """A scan with everything found so far; the page looks again by itself until it is done."""
    runner = cast("ScanRunner", request.app.state.runner)
    service = cast("ScanService", request.app.state.scans)
    done = await runner.wait(scan_id, PATIENCE)
    try:
        scan = await asyncio.to_thread(service.read, scan_id)
    except NotFoundError as problem:
        return _show_form(request, 404, problem.detail)
    return _render("scan.html", scan=scan.model_dump(mode="json"), refresh=None if done else REFRESH)
