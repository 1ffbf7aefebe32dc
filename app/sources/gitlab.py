"""GitLab.com: accounts by exact user name, and with a token by name.

Documents: docs.gitlab.com/api/users: GET /users?username= (exact), GET /users?search= (for signed-in users),
GET /users/:id (biography, dates, counts). A list tells user name, name and picture, so the first are looked up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit, urlunsplit

from app.net.reply import Reply
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.details import complete
from app.sources.reading import MAX_BIO, Json, address_of, count_of, flag_of, id_of, moment_of, text_of
from matchers.profile import Account, Link

BASE = "https://gitlab.com/api/v4/users"
PAGE = 30
# Of one page, as many are looked up; the rest keep their user name, name and picture.
DETAILS = 10
SIDE = 400
_NO_DETAILS = frozenset({401, 403, 404})
_GRAVATAR = frozenset({"secure.gravatar.com", "www.gravatar.com"})


def connect(settings: Settings) -> Remote:
    """Describe GitLab.com; without a token nobody may search there."""
    token = settings.gitlab_token.get_secret_value() if settings.gitlab_token else None
    sees, blind = "Accounts with a similar user name", "Accounts under any other user name"
    if token:
        sees = "Accounts found by the name on their profile, and accounts with a similar user name"
        blind = "Biographies of accounts beyond the first few found"
    info = SourceInfo(
        name="gitlab",
        title="GitLab.com",
        sees=sees,
        cannot_see=f"{blind}; private profiles beyond name and picture; other GitLab servers",
        leaves_machine=True,
        platforms=("gitlab",),
        settings=("gitlab_token",),
        terms="https://about.gitlab.com/terms/",
        searches=token is not None,
        known_handle="sytses",
    )
    return Remote(info, (GitLab(token),))


class GitLab:
    """The API, version 4."""

    def __init__(self, token: str | None = None) -> None:
        self._token = token

    @property
    def place(self) -> str:
        """The service."""
        return "GitLab.com"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of users with this name or user name, the first of them in full."""
        page = cursor if cursor and cursor.isdecimal() else "1"
        reply = self._get(BASE, ask, {"search": name, "per_page": PAGE, "page": page}).expect()
        found: list[Json] = [user for user in reply.json_list() if text_of(user.get("username"))]
        users, left = complete(found, lambda user: self._complete(user, ask), DETAILS)
        note = f"Of {left} accounts only the user name, the name and the picture are known" if left else None
        return Answer(tuple(map(_sighting, users)), "partial" if note else "ok", note, _next_page(reply))

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The users with these user names."""
        found: list[Json] = []
        for handle in handles:
            listed = self._get(BASE, ask, {"username": handle}).expect().json_list()
            found += [user for user in listed if (text_of(user.get("username")) or "").lower() == handle.lower()]
        users, left = complete(found, lambda user: self._complete(user, ask), DETAILS)
        note = "Of some accounts only the user name, the name and the picture are known" if left else None
        return Answer(tuple(map(_sighting, users)), "partial" if note else "ok", note)

    def _complete(self, user: Json, ask: Asker) -> Json:
        """The full profile of a user found; the user as found where the server keeps it to itself."""
        number = count_of(user.get("id"))
        if number is None:
            return user
        reply = self._get(f"{BASE}/{number}", ask)
        if reply.status in _NO_DETAILS:
            return user
        told = reply.expect().json_object()
        return {**user, **told} if told.get("id") == number and text_of(told.get("username")) else user

    def _get(self, url: str, ask: Asker, params: Mapping[str, str | int] | None = None) -> Reply:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return ask.get(url, params, headers=headers)


def _next_page(reply: Reply) -> str | None:
    page = reply.headers.get("x-next-page", "").strip()
    return page if page.isdecimal() and len(page) < 7 else None


def _sighting(user: Json) -> Sighting:
    website = address_of(user.get("website_url"))
    account = Account(
        platform="gitlab",
        handle=text_of(user.get("username"), 512),
        account_id=id_of(user.get("id")),
        display_name=text_of(user.get("name")),
        bio=text_of(user.get("bio"), MAX_BIO),
        profile_url=address_of(user.get("web_url")),
        created_at=moment_of(user.get("created_at")),
        followers=count_of(user.get("followers")),
        following=count_of(user.get("following")),
        bot=flag_of(user.get("bot")),
        links=(Link(website),) if website else (),
    )
    return Sighting(account, _picture(user))


def _picture(user: Json) -> Picture | None:
    """The avatar. Gravatar would draw a pattern for who has none; it is asked to say so instead."""
    url = address_of(user.get("avatar_url"))
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.hostname in _GRAVATAR:
        return Picture(urlunsplit(parts._replace(query=urlencode({"s": SIDE, "d": "404"}))))
    return Picture(url)
