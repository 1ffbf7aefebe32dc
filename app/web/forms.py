"""What the forms of several pages share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from app.platforms.catalogue import load_catalogue
from app.problems import ProblemError, say_invalid
from app.web.languages import look_up, say

# Where most people have an account, and most clones are made; all others follow by name.
USUAL = ("instagram", "facebook", "x", "tiktok", "linkedin", "youtube", "threads", "bluesky", "mastodon", "telegram")
_NO_PEOPLE = frozenset({"google_search", "google_play", "website", "wikipedia"})
# What the fields of the forms are called in the templates, whose catalogues have these texts.
_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "name": "Name on your profile",
        "names": "Name on your profile",
        "handle": "User name, or the address of your profile",
        "photo": "Profile photo",
        "own_account": "Your own accounts",
        "own_accounts": "Your own accounts",
        "calls": "Calls to places asked",
        "seconds": "Seconds",
        "money": "US dollars",
    }
)


def list_platforms() -> list[tuple[str, str]]:
    """The platforms on which a person may have an account: id and name, the usual ones first."""
    known = {p.id: p.name for p in load_catalogue().platforms.values() if p.id not in _NO_PEOPLE}
    usual = [name for name in USUAL if name in known]
    rest = sorted((name for name in known if name not in usual), key=lambda name: known[name].casefold())
    return [(name, known[name]) for name in (*usual, *rest)]


@dataclass(frozen=True, slots=True)
class Given:
    """What was typed into a form that came back: nothing of it is lost but the photo, which browsers do not refill."""

    fields: Mapping[str, list[str]]

    def one(self, name: str, default: object = "") -> str:
        """The value of a field that is given once."""
        return next(iter(self.fields.get(name, [])), str(default))

    def all(self, name: str) -> list[str]:
        """The values of a field that may be given several times, blank ones left out."""
        return [value for value in self.fields.get(name, []) if value]


def tell_problem(request: Request, problem: ProblemError | RequestValidationError) -> str:
    """What is wrong with a form, in a sentence or a few, in the reader's language."""
    if isinstance(problem, ProblemError):
        return say(request, problem.detail)
    return "; ".join(_tell_field(request, error) for error in problem.errors()[:3])


def _tell_field(request: Request, error: Mapping[str, Any]) -> str:
    """What is wrong, and with which field: a message of the framework's does not name it."""
    message = str(error["msg"])
    told = say_invalid(message)
    named = [_FIELDS[part] for part in error["loc"] if part in _FIELDS]
    said = say(request, told)
    return f"{look_up(request, named[-1])}: {said}" if named and told == message else said
