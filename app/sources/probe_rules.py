"""The rules of `probes.yaml`: how a site says that a user name is taken, and what it tells of the account.

A rule never guesses. A reply shows an account only if it names the user name that was asked for and bears no mark of
absence; it shows that there is none only by a status or a mark of its own. Everything else is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field

from app.net.errors import BadReplyError, StatusError
from app.net.reply import Reply
from app.platforms.catalogue import load_catalogue
from app.platforms.identity import profile_url
from app.sources.contract import Picture, Sighting
from app.sources.reading import (
    MAX_BIO,
    MAX_ID,
    address_of,
    count_of,
    flag_of,
    html_to_text,
    id_of,
    moment_of,
    text_of,
)
from matchers.profile import Account, Link


class MisnamedError(BadReplyError):
    """A reply about another account than the one that was asked for."""

    detail = "The site answered about another account"


RULES = Path(__file__).with_name("probes.yaml")
# Where a site sends visitors whom it wants to sign in or to prove that they are people.
_WALL = re.compile(r"(?i)/(?:login|log-in|signin|sign-in|signup|auth|accounts?/login|challenge|captcha|consent)\b")
_CAPTCHA = re.compile(r"(?i)captcha|challenge-platform|verify (?:that )?you are (?:a )?human|unusual traffic")


class Fields(BaseModel):
    """Where the reply tells what; a path is names and positions joined by dots."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str | None = None
    display_name: str | None = None
    bio: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    followers: str | None = None
    following: str | None = None
    posts: str | None = None
    website: str | None = None
    bot: str | None = None


class Rule(BaseModel):
    """One site. `platform` is its name in the catalogue, or one like those there.

    `names` is where the reply names the account, as `names_pattern` cuts it out. `absent_status` says by itself that
    there is none, `marked_status` and 200 only with a mark of `absent`: the pattern that the text at a path matches, or
    null for a null there. `robots`: the page is one for people, so the
    site's robots.txt is asked first. `known` has an account for certain; `source` says where the rule comes from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: str = Field(pattern=r"^[a-z0-9_.-]{2,64}$")
    name: str
    url: str = Field(pattern=r"^https://[a-z0-9.-]+/")
    params: Mapping[str, str] = {}
    page: str | None = Field(default=None, pattern=r"^https://")
    handle: str
    lowercase: bool = False
    exact_case: bool = False
    kind: Literal["json", "page"] = "json"
    names: str
    names_pattern: str = r"(.+)"
    absent_status: tuple[int, ...] = (404, 410)
    marked_status: tuple[int, ...] = ()
    absent: Mapping[str, str | None] = {}
    fields: Fields = Fields()
    html: bool = False
    no_picture: str | None = None
    robots: bool = False
    terms: str = Field(pattern=r"^https://")
    known: str
    source: str

    def spell(self, handle: str) -> str | None:
        """The handle as the site writes it; None where nobody can have it there."""
        text = handle.lower() if self.lowercase else handle
        return text if re.fullmatch(self.handle, text) else None

    def address(self, handle: str) -> tuple[str, dict[str, str]]:
        """What to ask for a handle: the address and the query."""
        url = self.url.replace("{handle}", quote(handle, safe=""))
        return url, {name: value.replace("{handle}", handle) for name, value in self.params.items()}

    def read(self, reply: Reply, handle: str) -> Sighting | None:
        """The account in a reply, or None where the site says that there is none.

        Raises `StatusError` and `BadReplyError` where the reply says neither.
        """
        self._check_place(reply)
        if reply.status in self.absent_status:
            return None
        if reply.status != 200 and reply.status not in self.marked_status:
            raise StatusError(reply.status)
        told = read_page(reply.text) if self.kind == "page" else reply.json()
        if self._is_absent(told):
            return None
        named = self._named(told)
        if reply.status != 200 or named is None:
            raise BadReplyError
        if self._fold(named) != self._fold(handle):
            raise MisnamedError
        return self._sighting(told, named)

    def _check_place(self, reply: Reply) -> None:
        """A wall in place of the answer is no answer."""
        try:
            place = urlsplit(reply.url)
        except ValueError:
            raise BadReplyError from None
        if reply.url and (place.hostname != urlsplit(self.url).hostname or _WALL.search(place.path)):
            raise BadReplyError("The site wants visitors to sign in")
        if self.kind == "page" and _CAPTCHA.search(reply.text[:MAX_BIO]):
            raise BadReplyError("The site wants visitors to prove that they are people")

    def _is_absent(self, told: Any) -> bool:
        for path, pattern in self.absent.items():
            known, value = find(told, path)
            if known and pattern is None and value is None:
                return True
            text = str(value) if isinstance(value, bool | int) else text_of(value, MAX_BIO)
            if known and pattern is not None and text is not None and re.search(pattern, text):
                return True
        return False

    def _named(self, told: Any) -> str | None:
        text = text_of(find(told, self.names)[1], MAX_ID)
        found = re.search(self.names_pattern, text) if text else None
        return found[1] if found else None

    def _fold(self, handle: str) -> str:
        return handle if self.exact_case else load_catalogue().handle_key(self.platform, handle)

    def _sighting(self, told: Any, handle: str) -> Sighting:
        at = self.fields
        bio, website = self._get(told, at.bio), address_of(self._get(told, at.website))
        account = Account(
            platform=self.platform,
            handle=handle,
            account_id=id_of(self._get(told, at.account_id)),
            display_name=text_of(self._get(told, at.display_name)),
            bio=html_to_text(bio) if self.html else text_of(bio, MAX_BIO),
            profile_url=self._page(handle),
            created_at=moment_of(self._get(told, at.created_at)),
            followers=count_of(self._get(told, at.followers)),
            following=count_of(self._get(told, at.following)),
            posts=count_of(self._get(told, at.posts)),
            bot=flag_of(self._get(told, at.bot)),
            links=(Link(website),) if website else (),
        )
        return Sighting(account, self._picture(told))

    def _get(self, told: Any, path: str | None) -> Any:
        return find(told, path)[1] if path else None

    def _page(self, handle: str) -> str | None:
        if self.page is None:
            return profile_url(self.platform, handle, None)
        return self.page.replace("{handle}", quote(handle, safe=""))

    def _picture(self, told: Any) -> Picture | None:
        url = address_of(self._get(told, self.fields.avatar))
        if url is None or (self.no_picture and re.search(self.no_picture, url)):
            return None
        return Picture(url)


@cache
def load_rules() -> tuple[Rule, ...]:
    """The rules that come with the package; read once."""
    return tuple(Rule.model_validate(raw) for raw in yaml.safe_load(RULES.read_text(encoding="utf-8")))


def find(told: Any, path: str) -> tuple[bool, Any]:
    """Whether a path is there, and the value at it. The path "." is the whole."""
    if path == ".":
        return True, told
    for step in path.split("."):
        if isinstance(told, dict) and step in told:
            told = told[step]
        elif isinstance(told, list) and step.isdecimal() and int(step) < len(told):
            told = told[int(step)]
        else:
            return False, None
    return True, told


def read_page(text: str) -> dict[str, str]:
    """What a page's head tells of it: its title and what its meta elements say, the first of each name."""
    reader = _HeadReader()
    reader.feed(text[: 2 * MAX_BIO])
    reader.close()
    return reader.told


class _HeadReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.told: dict[str, str] = {}
        self._titled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._titled = tag == "title"
        if tag == "meta":
            known = dict(attrs)
            name, content = known.get("property") or known.get("name"), known.get("content")
            if name and content:
                self.told.setdefault(name, content)

    def handle_data(self, data: str) -> None:
        if self._titled and data.strip():
            self.told.setdefault("title", data.strip())
            self._titled = False
