"""Misskey and its forks (Sharkey, Firefish, CherryPick): search by name and exact lookup on chosen servers. No key.

Documents: misskey-hub.net, API reference, users/search, users/show, users/search-by-username-and-host; the shape is
that of UserDetailed. A server's search finds only who has been active in the last 30 days.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from app.net.reply import Reply
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import (
    MAX_BIO,
    Json,
    address_of,
    count_of,
    flag_of,
    moment_of,
    object_of,
    objects_of,
    text_of,
)
from app.sources.servers import platform_at, read_server
from matchers.profile import Account, Link

PAGE = 50
# Users of other servers whose names begin alike; the exact one is among the first.
NEAR = 10
_ABSENT = frozenset({"NO_SUCH_USER", "FAILED_TO_RESOLVE_REMOTE_USER"})


def connect(settings: Settings) -> Remote:
    """Describe Misskey and list the servers that are set."""
    servers = dict(map(read_server, settings.misskey_servers))
    info = SourceInfo(
        name="misskey",
        title="Misskey and compatible servers",
        sees="Accounts that the chosen servers know, found by name, and accounts with a similar user name on them",
        cannot_see="By name, who was not active in the last 30 days; whom no chosen server has met or only members see",
        leaves_machine=True,
        platforms=("misskey",),
        settings=("misskey_servers",),
        ready=bool(servers),
        not_ready=None if servers else "Name servers to ask in CLONECHECK_MISSKEY_SERVERS",
    )
    return Remote(info, tuple(Misskey(host, base) for host, base in servers.items()))


class Misskey:
    """One server."""

    def __init__(self, host: str, base: str) -> None:
        self._host = host
        self._base = base

    @property
    def place(self) -> str:
        """The server's host name."""
        return self._host

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of users whose name or user name matches."""
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        query = {"query": name, "offset": start, "limit": PAGE, "origin": "combined", "detail": True}
        reply = self._post("users/search", query, ask)
        if reply.status in {401, 403}:
            return Answer(status="partial", detail="The server lets signed-in users search only")
        found = reply.expect().json_list()
        return self._answer(found, str(start + PAGE) if len(found) >= PAGE else None)

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The users with these names here, or with these addresses as far as the server has met them.

        The server is not made to fetch a stranger: that would leave a trace of him in its records.
        """
        found: list[Json] = []
        for handle in handles:
            name, _, host = handle.partition("@")
            elsewhere = host.lower() not in {"", self._host}
            found += self._find_elsewhere(name, host, ask) if elsewhere else self._show(name, ask)
        return self._answer(found)

    def _show(self, name: str, ask: Asker) -> list[Json]:
        reply = self._post("users/show", {"username": name, "host": None}, ask)
        if reply.status in {400, 404, 500} and _error_of(reply) in _ABSENT:
            return []
        return [reply.expect().json_object()]

    def _find_elsewhere(self, name: str, host: str, ask: Asker) -> list[Json]:
        query = {"username": name, "host": host, "limit": NEAR, "detail": True}
        found = self._post("users/search-by-username-and-host", query, ask).expect().json_list()
        wanted = (name.lower(), host.lower())
        return [user for user in found if _address_of(user, self._host) == wanted]

    def _post(self, method: str, query: dict[str, Any], ask: Asker) -> Reply:
        return ask.post(f"{self._base}/api/{method}", json=query, repeat=True)

    def _answer(self, users: Sequence[Json], cursor: str | None = None) -> Answer:
        # A suspended account shows nothing that could be compared; others ask to be shown to signed-in visitors only.
        hidden = ("isSuspended", "requireSigninToViewContents")
        shown = [user for user in users if not any(user.get(state) is True for state in hidden)]
        sightings = (_sighting(user, self._host) for user in shown)
        found = tuple(sighting for sighting in sightings if sighting is not None)
        return Answer(found, cursor=cursor, withheld=len(users) - len(shown))


def _error_of(reply: Reply) -> str | None:
    return text_of(object_of(reply.json_object().get("error")).get("code"), 100)


def _address_of(user: Json, home: str) -> tuple[str, str]:
    name, host = text_of(user.get("username")) or "", text_of(user.get("host")) or home
    return name.lower(), host.lower()


def _sighting(user: Json, home: str) -> Sighting | None:
    name = text_of(user.get("username"), 512)
    if name is None:
        return None
    elsewhere = text_of(user.get("host"), 512)
    url = address_of(user.get("url")) or address_of(user.get("uri")) if elsewhere else f"https://{home}/@{name}"
    # What a server tells of strangers is when it met them, and how many of their posts and followers it has seen.
    own = {} if elsewhere else user
    account = Account(
        platform=platform_at(url, "misskey"),
        handle=f"{name}@{elsewhere or home}",
        display_name=text_of(user.get("name")),
        bio=text_of(user.get("description"), MAX_BIO),
        profile_url=url,
        created_at=moment_of(own.get("createdAt")),
        followers=_visible(own, "followersCount", "followersVisibility"),
        following=_visible(own, "followingCount", "followingVisibility"),
        posts=count_of(own.get("notesCount")),
        protected=flag_of(user.get("isLocked")),
        bot=flag_of(user.get("isBot")),
        links=tuple(_links(user)),
    )
    return Sighting(account, _picture(user))


def _visible(user: Json, count: str, visibility: str) -> int | None:
    """A count that the user hides is told as zero."""
    state = user.get(visibility, user.get("ffVisibility", "public"))
    return count_of(user.get(count)) if state == "public" else None


def _links(user: Json) -> list[Link]:
    """The links in the profile's table; the server lists those that link back."""
    proven = user.get("verifiedLinks")
    known = proven if isinstance(proven, list) else None
    addresses = (address_of(field.get("value")) for field in objects_of(user.get("fields")))
    return [Link(url, None if known is None else url in known) for url in addresses if url]


def _picture(user: Json) -> Picture | None:
    """The avatar; what the server draws for an account that has none is no picture of anybody."""
    url = address_of(user.get("avatarUrl"))
    return None if url is None or urlsplit(url).path.startswith("/identicon/") else Picture(url)
