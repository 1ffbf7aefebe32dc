"""Where a person gives an API key for a session, and where the session ends. Only where keys are configured."""

from __future__ import annotations

import math
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from app.problems import TooManyTriesError, UnauthorisedError
from app.sessions import COOKIE, SECURE_COOKIE, SESSION_SECONDS, Misses, Sessions, cookie_name, takes_session
from app.web.pages import render

router = APIRouter(include_in_schema=False)

HOME = "/"
MAX_PATH = 2_000
_MINUTE = 60


def own_path(given: str) -> str:
    """The path where it leads to a page of ours; the first page otherwise, also where browsers might read it otherwise.

    Browsers take `//host` and `/\\host` for another host, and drop tabs and line breaks before they look.
    """
    plain = given.isascii() and given.isprintable() and " " not in given and "\\" not in given
    if not plain or len(given) > MAX_PATH or not given.startswith("/") or "//" in given:
        return HOME
    path = urlsplit(given).path
    return HOME if path in {"/sign-in", "/sign-out"} or not takes_session("GET", path) else given


def ask_key(request: Request) -> Response:
    """The page that stands in for one that needs a session, status 401: after it comes what was asked for."""
    if request.method in {"GET", "HEAD"}:
        return _show(request, 401, _asked_path(request))
    # Nothing was done; the form is on the page before, with what was typed.
    return _show(request, 401, referring_path(request), problem="ended")


def _asked_path(request: Request) -> str:
    path, query = (request.scope[part].decode("latin-1") for part in ("raw_path", "query_string"))
    return own_path(f"{path}?{query}" if query else path)


def referring_path(request: Request) -> str:
    """The page of ours from which a form came; the first page where that is not known."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return HOME
    path = f"{came.path}?{came.query}" if came.query else came.path
    return own_path(path) if came.netloc.lower() == request.headers.get("host", "").lower() else HOME


def _show(request: Request, status: int, path: str, problem: str | None = None, minutes: int = 0) -> Response:
    hours = SESSION_SECONDS // 3600
    return render(request, "sign_in.html", status, path=path, problem=problem, minutes=minutes, hours=hours)


@router.get("/sign-in")
def show(request: Request, path: Annotated[str, Query(alias="next", max_length=MAX_PATH)] = HOME) -> Response:
    """The page that asks for a key; whoever is signed in goes on."""
    path = own_path(path)
    return RedirectResponse(path, 303) if request.state.signed_in else _show(request, 200, path)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    key: Annotated[str, Form()] = "",
    path: Annotated[str, Form(alias="next")] = HOME,
) -> Response:
    """Begin a session. The key goes no further than this; the cookie holds nothing of it."""
    misses = cast("Misses", request.app.state.misses)
    address = request.client.host if request.client else ""
    path = own_path(path)
    seconds = misses.wait(address)
    if seconds:
        return _refuse_hasty(request, path, math.ceil(seconds))
    token = cast("Sessions", request.app.state.sessions).begin(key)
    if token is None:
        misses.count(address)
        return _refuse_wrong(request, path)
    response = RedirectResponse(path, status_code=303)
    name = cookie_name(request)
    # Lax: who follows a link to a search from a mail is signed in. Nothing is changed by following a link.
    secure = name == SECURE_COOKIE
    response.set_cookie(name, token, SESSION_SECONDS, path="/", secure=secure, httponly=True, samesite="lax")
    return response


def _refuse_wrong(request: Request, path: str) -> Response:
    problem = UnauthorisedError(
        "This key is not known here.", headers={"WWW-Authenticate": 'Bearer realm="clonecheck"'}
    )
    if not _wants_page(request):
        raise problem
    response = _show(request, 401, path, problem="wrong")
    response.headers.update(problem.headers)
    return response


def _refuse_hasty(request: Request, path: str, seconds: int) -> Response:
    headers = {"Retry-After": str(seconds)}
    if not _wants_page(request):
        raise TooManyTriesError(f"Too many wrong keys were given; try again in {seconds} seconds.", headers=headers)
    response = _show(request, 429, path, problem="hasty", minutes=math.ceil(seconds / _MINUTE))
    response.headers.update(headers)
    return response


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


@router.post("/sign-out")
def sign_out() -> Response:
    """End the session in this browser, and drop the photo that its tab keeps."""
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    response.delete_cookie(SECURE_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"storage"'
    return response
