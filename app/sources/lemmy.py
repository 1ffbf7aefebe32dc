"""Lemmy: search by name and exact lookup on chosen servers. No key. A person has no followers there.

Documents: join-lemmy.org/api, GET /api/v3/search and GET /api/v3/user; types PersonView, Person, PersonAggregates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from app.net.reply import Reply
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import MAX_BIO, Json, address_of, count_of, flag_of, moment_of, object_of, text_of
from app.sources.servers import host_of, platform_at, read_server
from matchers.profile import Account

PAGE = 50
# Its image server shrinks to this many pixels on request.
SIDE = 400
_ABSENT = frozenset({"couldnt_find_person", "couldnt_find_that_username_or_email", "not_found"})


def connect(settings: Settings) -> Remote:
    """Describe Lemmy and list the servers that are set."""
    servers = dict(map(read_server, settings.lemmy_servers))
    info = SourceInfo(
        name="lemmy",
        title="Lemmy",
        sees="Accounts that the chosen servers know, found by name, and accounts with a similar user name on them",
        cannot_see="Accounts that none of the chosen servers has met; followers, which do not exist there",
        leaves_machine=True,
        platforms=("lemmy",),
        settings=("lemmy_servers",),
        ready=bool(servers),
        not_ready=None if servers else "Name servers to ask in CLONECHECK_LEMMY_SERVERS",
    )
    return Remote(info, tuple(Lemmy(host, base) for host, base in servers.items()))


class Lemmy:
    """One server."""

    def __init__(self, host: str, base: str) -> None:
        self._host = host
        self._base = base + "/api/v3/"

    @property
    def place(self) -> str:
        """The server's host name."""
        return self._host

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of persons whose name or user name matches; pages count from 1."""
        page = int(cursor) if cursor and cursor.isdecimal() else 1
        params: dict[str, str | int] = {
            "q": name, "type_": "Users", "listing_type": "All", "sort": "TopAll", "limit": PAGE, "page": page,
        }  # fmt: skip
        found = ask.get(self._base + "search", params).expect().json_list("users")
        return self._answer(found, str(page + 1) if len(found) >= PAGE else None)

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The persons with these names here, or with these addresses as far as the server has met them."""
        found: list[Json] = []
        for handle in handles:
            name, _, host = handle.partition("@")
            known_here = name if host.lower() in {"", self._host} else handle
            reply = ask.get(self._base + "user", {"username": known_here, "limit": 1})
            if not _is_absence(reply):
                found.append(object_of(reply.expect().json_object().get("person_view")))
        return self._answer(found)

    def _answer(self, views: Iterable[Json], cursor: str | None = None) -> Answer:
        sightings = (_sighting(view, self._host) for view in views)
        return Answer(tuple(sighting for sighting in sightings if sighting is not None), cursor=cursor)


def _is_absence(reply: Reply) -> bool:
    """An unknown person is a 404, or a 400 with a word."""
    return reply.status in {400, 404} and text_of(reply.json_object().get("error"), 100) in _ABSENT


def _sighting(view: Json, home: str) -> Sighting | None:
    person, counts = object_of(view.get("person")), object_of(view.get("counts"))
    name = text_of(person.get("name"), 512)
    # What was deleted shows nothing that could be compared.
    if name is None or person.get("deleted") is True:
        return None
    url = address_of(person.get("actor_id"))
    here = flag_of(person.get("local"))
    account = Account(
        platform=platform_at(url, "lemmy"),
        handle=f"{name}@{host_of(url) or home}",
        display_name=text_of(person.get("display_name")),
        bio=text_of(person.get("bio"), MAX_BIO),
        profile_url=url,
        created_at=moment_of(person.get("published")),
        # Of strangers a server counts only the posts that reached it.
        posts=count_of(counts.get("post_count")) if here else None,
        bot=flag_of(person.get("bot_account")),
        labels=("banned",) if person.get("banned") is True else (),
    )
    return Sighting(account, _picture(person))


def _picture(person: Json) -> Picture | None:
    url = address_of(person.get("avatar"))
    if url is None:
        return None
    parts = urlsplit(url)
    shrinks = "/pictrs/image/" in parts.path and not parts.query
    return Picture(f"{url}?thumbnail={SIDE}" if shrinks else url)
