"""Attack yourself: what an impostor would make of one's name, user name and photo, and whether each would be caught.

Nothing is searched and nothing stored. The changed photos have no address: a script is given them in the answer.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import JSONResponse, Response

from app.forms import media_type, read_form
from app.photos.intake import PhotoRejectedError
from app.photos.schemas import PhotoIn
from app.plain_text import Piece, mark_text
from app.platforms.identity import profile_url
from app.platforms.syntax import syntax_of
from app.problems import ProblemError, UnavailableError
from app.scans.attacks import ANYWHERE, AttackService, Tried
from app.scans.form import MAX_FIELDS, read_upload
from app.scans.schemas import AttackOut
from app.storage import utc_now
from app.subjects.schemas import SubjectIn
from app.web.forms import USUAL, Given, list_platforms, tell_problem
from app.web.pages import platform_name, render, render_text
from app.wire import validate
from matchers.lookalikes import find_difference

router = APIRouter(prefix="/attack")

# Lookalikes on the page: of one user name, or shared among several, and at least so many of each.
MOST, LEAST = 20, 3
MOST_OWN = 19


@dataclass(frozen=True, slots=True)
class Place:
    """A platform that takes a user name, and where one sees whether somebody has it."""

    name: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A user name that an impostor might take: the letters that differ, where it is valid, and what becomes of it."""

    handle: tuple[Piece, ...]
    places: tuple[Place, ...]
    outcome: AttackOut


@dataclass(frozen=True, slots=True)
class Change:
    """What may be done to the photo, and what becomes of it: beside one's name, and under another one."""

    name: str
    told: str
    outcomes: tuple[AttackOut, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """All that the page shows of what was tried."""

    caught: int
    tried: int
    photo_problem: str | None
    lookalikes: tuple[Lookalike, ...]
    names: tuple[AttackOut, ...]
    changes: tuple[Change, ...]


def read_answer(tried: Tried) -> Answer:
    """Sort what was tried by what a person would do about it."""
    body = tried.body
    return Answer(
        caught=body.caught,
        tried=body.tried,
        photo_problem=body.photo.reason if body.photo and not body.photo.usable else None,
        lookalikes=tuple(_lookalike(one) for one in body.attacks if one.kind == "handle"),
        names=tuple(one for one in body.attacks if one.kind == "name"),
        changes=_list_changes(body.attacks),
    )


def _lookalike(one: AttackOut) -> Lookalike:
    handle = one.handle or ""
    return Lookalike(mark_text(handle, find_difference(handle, one.imitates or "")), find_places(one), one)


def find_places(one: AttackOut) -> tuple[Place, ...]:
    """Where a user name is possible: on its own platform, or on those of the usual ones that take it."""
    handle = one.handle or ""
    if one.platform != ANYWHERE:
        return (_place(one.platform, handle),)
    whole = ((name, _complete(name, handle)) for name in USUAL)
    return tuple(_place(name, handle) for name, handle in whole if handle)


def _place(platform: str, handle: str) -> Place:
    return Place(platform_name(platform), profile_url(platform, handle, None))


def _complete(platform: str, handle: str) -> str | None:
    """The user name as a platform takes it, with the host that all may use there; None where it takes none such."""
    syntax = syntax_of(platform, utc_now().year)
    ways = (handle, handle + syntax.home) if syntax.home else (handle,)
    return next(filter(syntax.allows, ways), None)


def _list_changes(attacks: Sequence[AttackOut]) -> tuple[Change, ...]:
    by_change: dict[str, list[AttackOut]] = {}
    for one in attacks:
        if one.change is not None:
            by_change.setdefault(one.change, []).append(one)
    return tuple(Change(name, same[0].told, tuple(map(_tell_of_photo, same))) for name, same in by_change.items())


def _tell_of_photo(one: AttackOut) -> AttackOut:
    """The same with the reason that lies in the photo, where there is one: a lookalike says its own elsewhere."""
    told = [item.summary for item in one.evidence if item.signal == "photo" and item.bits > 0]
    return one.model_copy(update={"reason": told[0] if told else one.reason})


@router.get("")
def ask(request: Request) -> Response:
    """The form."""
    return _show(request, Given({}))


@dataclass(frozen=True, slots=True)
class _Done:
    """What was typed, and what came of it: an answer, or a problem."""

    given: Given
    outcome: Tried | ProblemError | RequestValidationError


async def _try(request: Request) -> _Done:
    given = Given({})
    try:
        given, photo = await _read_form(request)
        subject = await asyncio.to_thread(_read_subject, given, photo)
        limit = max(LEAST, MOST // max(1, len(subject.own_accounts)))
        service = cast("AttackService", request.app.state.attacks)
        return _Done(given, await service.try_all(subject, photo, limit))
    except (ProblemError, RequestValidationError) as problem:
        return _Done(given, problem)


async def _read_form(request: Request) -> tuple[Given, bytes | None]:
    if media_type(request) != "multipart/form-data":
        return Given({}), None
    async with read_form(request, MAX_FIELDS) as form:
        given = Given({name: [v for v in form.getlist(name) if isinstance(v, str)] for name in form})
        return given, await read_upload(form, "photo")


def _read_subject(given: Given, photo: bytes | None) -> SubjectIn:
    handle = given.one("handle").strip()
    fields: Mapping[str, object] = {
        "name": given.one("name").strip() or None,
        "handle": handle or None,
        "platform": (given.one("platform") or None) if handle else None,
        "own_accounts": given.all("own_account")[:MOST_OWN],
    }
    if photo is None:
        return validate(SubjectIn, fields)
    if not photo:
        raise PhotoRejectedError("The picture is empty; choose another file.")
    return validate(SubjectIn, {**fields, "photo": PhotoIn(base64=base64.b64encode(photo).decode())})


@router.post("")
async def answer(request: Request, done: Annotated[_Done, Depends(_try)]) -> Response:
    """What an impostor would do. Scripts are given the part of the page, and the changed photos, in JSON."""
    outcome = done.outcome
    scripted = "application/json" in request.headers.get("accept", "")
    if isinstance(outcome, ProblemError | RequestValidationError):
        told = tell_problem(request, outcome)
        status = 503 if isinstance(outcome, UnavailableError) else 422
        return JSONResponse({"detail": told}, status) if scripted else _show(request, done.given, status, told)
    found = read_answer(outcome)
    if not scripted:
        return _show(request, done.given, found=found)
    pictures = {name: base64.b64encode(data).decode() for name, data in outcome.pictures.items()}
    body = {"html": render_text(request, "attacks_part.html", found=found), "pictures": pictures}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _show(
    request: Request, given: Given, status: int = 200, problem: str | None = None, found: Answer | None = None
) -> Response:
    values = {"given": given, "problem": problem, "found": found, "platforms": list_platforms()}
    return render(request, "attacks.html", status, **values)
