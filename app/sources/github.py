"""GitHub: users found by name, and exact lookup. A token is not needed, but without one 60 calls an hour is all.

Documents: docs.github.com/rest, GET /search/users and GET /users/{username}. Search tells user names alone, so the
first of them are looked up one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from app.net.errors import RateLimitedError
from app.net.limits import read_limit
from app.net.reply import Reply
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.details import complete
from app.sources.reading import MAX_BIO, Json, address_of, count_of, id_of, moment_of, text_of
from matchers.profile import Account, Link

PAGE = 30
# Of one page, as many are looked up; the rest keep their user name alone. Without a token an hour has 60 calls.
DETAILS = 10
DETAILS_WITHOUT_TOKEN = 3
SIDE = 400
# What GitHub's search would read as a qualifier or a phrase.
_OPERATORS = re.compile(r"""[:"'<>()]+""")
_NEXT = re.compile(r'<[^<>]*[?&]page=(\d{1,6})[^<>]*>\s*;[^,]*\brel="next"')


def connect(settings: Settings) -> Remote:
    """Describe GitHub and how it is asked."""
    token = settings.github_token.get_secret_value() if settings.github_token else None
    info = SourceInfo(
        name="github",
        title="GitHub",
        sees="Accounts found by the name on their profile, and accounts with a similar user name",
        cannot_see="Names and biographies of accounts beyond the first few found, which are told by user name alone",
        leaves_machine=True,
        verified="recorded",
        platforms=("github",),
        settings=("github_token", "github_url"),
        terms="https://docs.github.com/site-policy/github-terms/github-terms-of-service",
        known_handle="octocat",
    )
    return Remote(info, (GitHub(settings.github_url, token),))


class GitHub:
    """GitHub's API, at github.com or at an Enterprise server."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self._base = base.rstrip("/")
        self._token = token
        self._details = DETAILS if token else DETAILS_WITHOUT_TOKEN

    @property
    def place(self) -> str:
        """The service."""
        return "GitHub"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of users with this name on their profile, the first of them in full."""
        page = cursor if cursor and cursor.isdecimal() else "1"
        words = _OPERATORS.sub(" ", name).strip()
        params: dict[str, str | int] = {"q": f"{words} in:name", "per_page": PAGE, "page": page}
        reply = self._get("/search/users", ask, params).expect()
        body = reply.json_object()
        found = [item for item in reply.json_list("items") if text_of(item.get("login"))]
        users, left = complete(found, lambda item: self._complete(item, ask), self._details)
        note = f"Of {left} accounts only the user name is known" if left else None
        if body.get("incomplete_results") is True:
            note = "The platform broke off its search before the end"
        sightings = tuple(map(_sighting, users))
        return Answer(sightings, "partial" if note else "ok", note, _next_page(reply.headers))

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The accounts with these user names."""
        users = (self._fetch(handle, ask) for handle in handles)
        return Answer(tuple(_sighting(user) for user in users if user is not None))

    def _complete(self, item: Json, ask: Asker) -> Json:
        """The full profile of a user found; the user as found where there is none any more."""
        return self._fetch(str(text_of(item.get("login"))), ask) or item

    def _fetch(self, login: str, ask: Asker) -> Json | None:
        reply = self._get(f"/users/{quote(login, safe='')}", ask)
        if reply.status == 404:
            return None
        user = reply.expect().json_object()
        return user if text_of(user.get("login")) else None

    def _get(self, path: str, ask: Asker, params: Mapping[str, str | int] | None = None) -> Reply:
        headers = {"X-GitHub-Api-Version": "2022-11-28"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        reply = ask.get(self._base + path, params, headers=headers)
        if reply.status == 403:
            _refuse_if_limited(reply)
        return reply


def _refuse_if_limited(reply: Reply) -> None:
    """A used-up limit is a 403 there as well; raises `RateLimitedError`."""
    limit = read_limit(reply.headers, datetime.now(UTC))
    if limit.retry_at is not None or limit.remaining == 0:
        raise RateLimitedError(limit.retry_at or limit.reset_at)


def _next_page(headers: Mapping[str, str]) -> str | None:
    """The number of the next page in a Link header (RFC 8288); its address is not followed."""
    found = _NEXT.search(headers.get("link", "")[:4096])
    return found[1] if found else None


def _sighting(user: Json) -> Sighting:
    login, kind = text_of(user.get("login"), 512), text_of(user.get("type"), 50)
    website = address_of(user.get("blog"))
    account = Account(
        platform="github",
        handle=login,
        account_id=id_of(user.get("id")),
        display_name=text_of(user.get("name")),
        bio=text_of(user.get("bio"), MAX_BIO),
        profile_url=address_of(user.get("html_url")),
        created_at=moment_of(user.get("created_at")),
        followers=count_of(user.get("followers")),
        following=count_of(user.get("following")),
        bot=None if kind is None else kind == "Bot",
        labels=("organization",) if kind == "Organization" else (),
        links=(Link(website),) if website else (),
    )
    return Sighting(account, _picture(user))


def _picture(user: Json) -> Picture | None:
    url = address_of(user.get("avatar_url"))
    if url is None:
        return None
    return Picture(f"{url}{'&' if urlsplit(url).query else '?'}s={SIDE}")
