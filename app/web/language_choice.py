"""The reader's choice of a language: a form at the foot of each page, kept in a cookie. It works without script."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from app.web.languages import COOKIE, ENGLISH, known_languages, locale_of
from app.web.sign_in import referring_path

router = APIRouter()

COOKIE_SECONDS = 365 * 24 * 3600


@router.post("/language")
def choose(request: Request, language: Annotated[str, Form(max_length=8)] = ENGLISH) -> Response:
    """Remember the language that a reader chose, and lead back to where he was."""
    answer = RedirectResponse(referring_path(request), status_code=303)
    if language in known_languages(locale_of(request)):
        answer.set_cookie(COOKIE, language, COOKIE_SECONDS, path="/", httponly=True, samesite="lax")
    return answer
