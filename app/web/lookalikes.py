"""The question before any search: which user names might an impostor take? Nothing is searched and nothing stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from app.plain_text import Piece, mark_text
from app.platforms.identity import profile_url
from app.problems import ProblemError, say_invalid
from app.settings import Settings
from app.subjects.schemas import LookalikeOut, SubjectIn
from app.subjects.service import preview_subject
from app.web.forms import list_platforms
from app.web.pages import render
from matchers.lookalikes import find_difference

router = APIRouter(prefix="/lookalikes")

MOST = 40


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A user name an impostor might take, with the letters that differ, and where to look whether it is taken."""

    handle: tuple[Piece, ...]
    platform: str | None
    summary: str
    profile: str | None


def _lookalike(item: LookalikeOut) -> Lookalike:
    address = profile_url(item.platform, item.handle, None) if item.platform else None
    marked = mark_text(item.handle, find_difference(item.handle, item.imitates))
    return Lookalike(marked, item.platform, item.summary, address)


@router.get("")
def ask(request: Request) -> Response:
    """The form."""
    return _show(request)


@router.post("")
def answer(request: Request, handle: Annotated[str, Form()] = "", platform: Annotated[str, Form()] = "") -> Response:
    """The likeliest lookalikes of a user name."""
    try:
        subject = SubjectIn.model_validate({"handle": handle.strip() or None, "platform": platform or None})
        told = preview_subject(subject, cast("Settings", request.app.state.settings), MOST)
    except ValidationError as error:
        return _show(request, handle, platform, problem=say_invalid(str(error.errors()[0]["msg"])))
    except ProblemError as problem:
        return _show(request, handle, platform, problem=problem.detail)
    return _show(request, handle, platform, [_lookalike(item) for item in told.lookalikes])


def _show(
    request: Request,
    handle: str = "",
    platform: str = "",
    found: list[Lookalike] | None = None,
    problem: str | None = None,
) -> Response:
    values = {"handle": handle, "platform": platform, "found": found, "problem": problem}
    return render(request, "lookalikes.html", 422 if problem else 200, platforms=list_platforms(), **values)
