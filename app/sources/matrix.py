"""Matrix: the user directory of the homeserver where you have an account, and exact profiles by way of it.

Documents: spec.matrix.org, client-server API: POST user_directory/search, GET profile/{userId}, GET account/whoami,
and authenticated media (GET client/v1/media/thumbnail). A profile has a name and a picture there, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from app.platforms.catalogue import split_instance
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import text_of
from app.sources.servers import read_server
from matchers.profile import Account

LIMIT = 50
SIDE = 400
_MEDIA = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255})/([A-Za-z0-9_-]{1,255})")


def connect(settings: Settings) -> Remote:
    """Describe Matrix and the homeserver that is set."""
    token = settings.matrix_token.get_secret_value() if settings.matrix_token else None
    ready = bool(settings.matrix_url and token)
    info = SourceInfo(
        name="matrix",
        title="Matrix",
        sees="Accounts in the user directory of your homeserver, found by name, and accounts with a similar user name",
        cannot_see="Accounts that your homeserver has not met; biographies, dates and counts, which do not exist there",
        leaves_machine=True,
        verified="live_server",
        needs_key=True,
        platforms=("matrix",),
        settings=("matrix_url", "matrix_token"),
        ready=ready,
        not_ready=None if ready else "Set CLONECHECK_MATRIX_URL and CLONECHECK_MATRIX_TOKEN",
    )
    if settings.matrix_url is None or token is None:
        return Remote(info)
    return Remote(info, (Matrix(*read_server(settings.matrix_url), token),))


class Matrix:
    """One homeserver, asked in the name of one of its users."""

    def __init__(self, host: str, base: str, token: str) -> None:
        self._host = host
        self._base = base + "/_matrix/client/"
        self._headers = {"Authorization": f"Bearer {token}"}
        # A homeserver keeps its name for good: it is asked for once, not before every profile.
        self._home: str | None = None

    @property
    def place(self) -> str:
        """The homeserver's host name."""
        return self._host

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:  # noqa: ARG002  # it has no pages
        """The users in the directory with this name."""
        query = {"search_term": name, "limit": LIMIT}
        url = self._base + "v3/user_directory/search"
        reply = ask.post(url, json=query, headers=self._headers, repeat=True).expect()
        sightings = (self._sighting(user.get("user_id"), user, "display_name") for user in reply.json_list("results"))
        found = tuple(sighting for sighting in sightings if sighting is not None)
        if reply.json_object().get("limited") is True:
            return Answer(found, "partial", "The server has further accounts of this name and shows no more")
        return Answer(found)

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The accounts with these addresses, or with these names on the homeserver itself."""
        found: list[Sighting | None] = []
        hidden = 0
        for handle in handles:
            name, host = split_instance(handle)
            user = f"@{name}:{host or self._find_home(ask)}"
            reply = ask.get(f"{self._base}v3/profile/{quote(user, safe='')}", headers=self._headers)
            if reply.status == 403:
                hidden += 1
            elif reply.status != 404 and (shown := reply.expect().json_object()):
                # Some servers answer with an empty profile for names that nobody has.
                found.append(self._sighting(user, shown, "displayname"))
        sightings = tuple(sighting for sighting in found if sighting is not None)
        if hidden:
            return Answer(sightings, "partial", "The server keeps some profiles to itself")
        return Answer(sightings)

    def _find_home(self, ask: Asker) -> str:
        """What the server calls itself in its users' names, which is not always where it stands."""
        if self._home is None:
            told = ask.get(self._base + "v3/account/whoami", headers=self._headers).expect().json_object()
            self._home = split_instance(text_of(told.get("user_id"), 512) or "")[1]
        return self._home or self._host

    def _sighting(self, user_id: Any, shown: Mapping[str, Any], name_field: str) -> Sighting | None:
        name, host = split_instance(text_of(user_id, 512) or "")
        if not name or host is None:
            return None
        user = f"@{name}:{host}"
        account = Account(
            platform="matrix",
            handle=f"{name}@{host}",
            account_id=user,
            display_name=text_of(shown.get(name_field)),
            profile_url=f"https://matrix.to/#/{quote(user, safe='@:')}",
        )
        return Sighting(account, self._picture(shown.get("avatar_url")))

    def _picture(self, value: Any) -> Picture | None:
        """A picture is named by server and number, and given out to signed-in users."""
        found = _MEDIA.fullmatch(text_of(value, 1024) or "")
        if found is None:
            return None
        path = f"v1/media/thumbnail/{quote(found[1], safe=':')}/{found[2]}"
        return Picture(f"{self._base}{path}?width={SIDE}&height={SIDE}&method=scale", self._headers)
