"""Every failure as `application/problem+json` (RFC 9457): our own, validation's, the framework's, and bugs."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from app.problems import TYPE_BASE, FieldError, InvalidInputError, ProblemError, UnavailableError, say_invalid

log = logging.getLogger("clonecheck.failures")

MEDIA_TYPE = "application/problem+json"
MAX_ERRORS = 50
_HINTS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address; GET /openapi.json lists what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method; GET /openapi.json lists those it does.",
}


# Given the request and the problem document for it; gives the same, or what a person shall see instead.
Show = Callable[[Request, Response], Response]
_Handler = Callable[[Request, Exception], Awaitable[Response]]


def as_document(_request: Request, response: Response) -> Response:
    """Show the problem document to everybody."""
    return response


def install_failures(app: FastAPI, show: Show = as_document) -> None:
    """Make every failure of the application answer with a problem document, or what `show` makes of it."""
    app.add_exception_handler(ProblemError, _shown(_answer_problem, show))
    app.add_exception_handler(RequestValidationError, _shown(_answer_validation, show))
    app.add_exception_handler(HTTPException, _shown(_answer_http, show))
    for lost in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(lost, _shown(_answer_database, show))


def _shown(handler: _Handler, show: Show) -> _Handler:
    async def answer(request: Request, error: Exception) -> Response:
        return show(request, await handler(request, error))

    return answer


def problem_response(problem: ProblemError) -> Response:
    """The response for a problem."""
    return _respond(problem.document(), int(problem.status), problem.headers)


def _respond(document: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    # A lone surrogate in an error text must not break the answer.
    body = json.dumps(document, ensure_ascii=True).encode()
    return Response(body, status, headers, media_type=MEDIA_TYPE)


async def _answer_problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(error)


async def _answer_validation(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [_field_error(item) for item in error.errors()[:MAX_ERRORS]]
    detail = "The request is not valid: " + "; ".join(f"{e.pointer or 'the body'} {e.detail}" for e in errors[:3])
    return problem_response(InvalidInputError(detail, errors=errors))


def _field_error(item: dict[str, Any]) -> FieldError:
    place: Sequence[str | int] = item["loc"]
    parts = place[1:] if place and place[0] in {"body", "query", "path", "header"} else place
    pointer = "".join(f"/{_escape(str(part))}" for part in parts)
    return FieldError(pointer, say_invalid(str(item["msg"])))


def _escape(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


async def _answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    document = {
        "type": TYPE_BASE + status.phrase.lower().replace(" ", "_").replace("-", "_"),
        "title": status.phrase,
        "status": int(status),
        "detail": _HINTS.get(status, str(error.detail)),
    }
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_list_methods(request))
    return _respond(document, int(status), headers)


def _list_methods(request: Request) -> list[str]:
    """The methods of the address: the framework, which keeps one route a method, names those of the first alone."""
    routers = [getattr(route, "original_router", None) for route in request.app.routes]
    routes = [*request.app.routes, *(route for router in routers if router for route in router.routes)]
    known = [
        route for route in routes if hasattr(route, "methods") and route.matches(request.scope)[0] is not Match.NONE
    ]
    return sorted({method for route in known for method in route.methods or ()})


async def _answer_database(_request: Request, _error: Exception) -> Response:
    # The error text may quote a row, so it is not logged.
    log.error("database not available")
    problem = UnavailableError("The database does not answer right now; try again.", headers={"Retry-After": "2"})
    return problem_response(problem)


def bug_response() -> Response:
    """The response to a fault of ours: it says nothing of what the request held."""
    document = {
        "type": TYPE_BASE + "internal_error",
        "title": "Something went wrong here",
        "status": 500,
        "detail": "This is a fault of the service, not of the request. It was noted without its content.",
    }
    return _respond(document, 500)
