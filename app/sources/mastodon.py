"""Mastodon and what speaks its API (Pleroma, Akkoma, GoToSocial, snac): search and exact lookup on chosen servers.

Documents: docs.joinmastodon.org/methods/search, /methods/accounts#lookup, /entities/Account; RFC 7033 (WebFinger). A
server finds only accounts it has met, so several are asked; an address on another server is looked up there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from app.net.reply import Reply
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import (
    Json,
    address_of,
    count_of,
    flag_of,
    html_to_text,
    links_in,
    moment_of,
    object_of,
    objects_of,
    text_of,
)
from app.sources.servers import platform_at, read_server
from matchers.profile import Account, Link

PAGE = 40
# What servers name the picture of an account that has none.
_NO_PICTURE = ("/missing.png", "/default_profile.png", "/images/avi.png")
_ACTIVITY = frozenset(
    {"application/activity+json", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'}
)


def connect(settings: Settings) -> Remote:
    """Describe Mastodon and list the servers that are set."""
    bases = dict(map(read_server, settings.mastodon_servers))
    tokens = dict(entry.get_secret_value().partition("=")[::2] for entry in settings.mastodon_tokens)
    info = SourceInfo(
        name="mastodon",
        title="Mastodon and compatible servers",
        sees="Accounts that the chosen servers know, found by name, and accounts with a similar user name on them",
        cannot_see="Accounts that none of the chosen servers has met; what servers show to signed-in users only",
        leaves_machine=True,
        verified="live_server",
        platforms=("mastodon",),
        settings=("mastodon_servers", "mastodon_tokens"),
        ready=bool(bases),
        not_ready=None if bases else "Name servers to ask in CLONECHECK_MASTODON_SERVERS",
    )
    return Remote(info, tuple(Mastodon(host, bases, tokens.get(host)) for host in bases))


class Mastodon:
    """One server. `bases` are the addresses of all servers that are set, by host."""

    def __init__(self, host: str, bases: Mapping[str, str], token: str | None = None) -> None:
        self._host = host
        self._bases = bases
        self._token = token

    @property
    def place(self) -> str:
        """The server's host name."""
        return self._host

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of accounts. Without a token a server shows one page, or wants none of it."""
        base = self._bases[self._host]
        if self._token is None:
            params: dict[str, str | int] = {"q": name, "type": "accounts", "limit": PAGE}
            reply = ask.get(f"{base}/api/v2/search", params)
            if reply.status in {401, 403, 422}:
                return Answer(status="partial", detail="The server lets signed-in users search only; a token is needed")
            return self._answer(objects_of(reply.expect().json_object().get("accounts")), self._host)
        start = int(cursor) if cursor and cursor.isdecimal() else 0
        params = {"q": name, "limit": PAGE, "offset": start}
        reply = ask.get(f"{base}/api/v1/accounts/search", params, headers=self._headers())
        found = reply.expect().json_list()
        return self._answer(found, self._host, str(start + PAGE) if len(found) >= PAGE else None)

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The account with this name here, or with this address wherever it lives."""
        sightings: list[Sighting] = []
        withheld = 0
        for handle in handles:
            name, _, host = handle.partition("@")
            host = host.lower() or self._host
            found = self._look(name, host, ask) if self._answers_for(host) else None
            if found is not None:
                answer = self._answer([found], host)
                sightings += answer.sightings
                withheld += answer.withheld
        return Answer(tuple(sightings), withheld=withheld)

    def _answers_for(self, host: str) -> bool:
        """Say whether it is for this server to look there: its own users, and for the first those of strangers."""
        return host == self._host or (host not in self._bases and self._host == next(iter(self._bases)))

    def _look(self, name: str, host: str, ask: Asker) -> Json | None:
        home = host == self._host
        headers = self._headers() if home else {}
        reply = self._ask_account(name, self._base_of(host), ask, headers)
        if home or reply.status != 404 or _is_json(reply):
            return _account_in(reply)
        # Nobody speaks the API there: the server may stand under another name than its addresses (RFC 7033).
        server = _find_server(name, host, self._base_of(host), ask)
        return None if server is None else _account_in(self._ask_account(name, server, ask, {}))

    def _ask_account(self, name: str, base: str, ask: Asker, headers: Mapping[str, str]) -> Reply:
        return ask.get(f"{base}/api/v1/accounts/lookup", {"acct": name}, headers=headers)

    def _base_of(self, host: str) -> str:
        return self._bases.get(host, f"https://{host}")

    def _headers(self) -> dict[str, str]:
        return {} if self._token is None else {"Authorization": f"Bearer {self._token}"}

    def _answer(self, accounts: Sequence[Json], host: str, cursor: str | None = None) -> Answer:
        # A suspended account shows nothing that could be compared.
        shown = [account for account in accounts if account.get("suspended") is not True]
        sightings = [sighting for account in shown if (sighting := _sighting(account, host)) is not None]
        return Answer(tuple(sightings), cursor=cursor, withheld=len(accounts) - len(shown))


def _is_json(reply: Reply) -> bool:
    return "json" in reply.headers.get("content-type", "")


def _account_in(reply: Reply) -> Json | None:
    return None if reply.status in {404, 410} else reply.expect().json_object()


def _find_server(name: str, host: str, base: str, ask: Asker) -> str | None:
    """Where the server of an address stands, by WebFinger; None where there is no such address."""
    reply = ask.get(f"{base}/.well-known/webfinger", {"resource": f"acct:{name}@{host}"})
    if reply.status in {400, 404, 410}:
        return None
    for link in objects_of(reply.expect().json_object().get("links")):
        target = address_of(link.get("href"))
        if link.get("rel") == "self" and text_of(link.get("type")) in _ACTIVITY and target:
            parts = urlsplit(target)
            return f"{parts.scheme}://{parts.netloc}"
    return None


def _sighting(shown: Json, host: str) -> Sighting | None:
    acct = text_of(shown.get("acct"), 512) or text_of(shown.get("username"), 512)
    if acct is None:
        return None
    handle = acct if "@" in acct else f"{acct}@{host}"
    url = address_of(shown.get("url"))
    account = Account(
        platform=platform_at(url, "mastodon"),
        handle=handle,
        display_name=text_of(shown.get("display_name")),
        bio=html_to_text(shown.get("note")),
        profile_url=url,
        created_at=moment_of(shown.get("created_at")),
        followers=count_of(shown.get("followers_count")),
        following=count_of(shown.get("following_count")),
        posts=count_of(shown.get("statuses_count")),
        bot=flag_of(shown.get("bot")),
        labels=_labels(shown),
        links=tuple(_links(shown.get("fields"))),
    )
    hidden = shown.get("noindex") is True or shown.get("discoverable") is False
    return Sighting(account, _picture(shown), may_keep=not hidden)


def _labels(shown: Json) -> tuple[str, ...]:
    states = {"limited": shown.get("limited") is True, "moved": bool(object_of(shown.get("moved")))}
    return tuple(label for label, holds in states.items() if holds)


def _links(fields: Any) -> list[Link]:
    """The links in the profile's table; the server checks whether the target links back."""
    return [
        Link(url, verified=moment_of(entry.get("verified_at")) is not None)
        for entry in objects_of(fields)
        for url in links_in(entry.get("value"))
    ]


def _picture(shown: Json) -> Picture | None:
    url = address_of(shown.get("avatar_static")) or address_of(shown.get("avatar"))
    return None if url is None or url.endswith(_NO_PICTURE) else Picture(url)
