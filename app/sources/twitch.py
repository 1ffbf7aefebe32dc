"""Twitch: channels by name, users by login in batches of 100, with an app's own token.

Documents: dev.twitch.tv, Helix reference (Search Channels, Get Users), client credentials flow. Searching shows
channels that were live in the last six months, and no more; a clone that never streams is found by its login only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.net.errors import BadReplyError
from app.platforms.identity import profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import MAX_BIO, Json, address_of, id_of, moment_of, object_of, objects_of, text_of
from app.sources.tokens import AppToken, Credentials
from matchers.profile import Account

BASE = "https://api.twitch.tv/helix/"
TOKEN = "https://id.twitch.tv/oauth2/token"  # noqa: S105  # an address
PAGE = 50
BATCH = 100
_NO_PICTURE = "/user-default-pictures"


def connect(settings: Settings) -> Remote:
    """Describe Twitch; it needs an app's id and secret."""
    client_id, secret = settings.twitch_client_id, settings.twitch_client_secret
    ready = client_id is not None and secret is not None
    info = SourceInfo(
        name="twitch",
        title="Twitch",
        sees="Channels that were live in the last six months, found by name; accounts with a similar user name",
        cannot_see="By name, channels that were not live in the last six months; follower counts",
        leaves_machine=True,
        needs_key=True,
        ready=ready,
        not_ready=None if ready else "Set CLONECHECK_TWITCH_CLIENT_ID and CLONECHECK_TWITCH_CLIENT_SECRET",
        platforms=("twitch",),
        settings=("twitch_client_id", "twitch_client_secret"),
        terms="https://www.twitch.tv/p/legal/developer-agreement/",
        lookup_size=BATCH,
        known_handle="twitch",
    )
    if client_id is None or secret is None:
        return Remote(info)
    credentials = Credentials(TOKEN, client_id, secret.get_secret_value())
    return Remote(info, (Twitch(client_id, AppToken(credentials)),))


class Twitch:
    """The Helix API."""

    def __init__(self, client_id: str, token: AppToken) -> None:
        self._client_id = client_id
        self._token = token

    @property
    def place(self) -> str:
        """The platform."""
        return "Twitch"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of channels, then who they are: two calls."""
        params: dict[str, str | int | list[str]] = {"query": name, "first": PAGE}
        if cursor is not None:
            params["after"] = cursor
        found = self._ask("search/channels", params, ask)
        ids = [one for channel in _rows(found) if (one := id_of(channel.get("id")))]
        if not ids:
            return Answer()
        users = self._ask("users", {"id": ids[:BATCH]}, ask)
        return Answer(_sightings(users), cursor=text_of(object_of(found.get("pagination")).get("cursor"), 512))

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The users that have these logins."""
        return Answer(_sightings(self._ask("users", {"login": [handle.lower() for handle in handles]}, ask)))

    def _ask(self, path: str, params: Mapping[str, str | int | list[str]], ask: Asker) -> Json:
        reply = self._token.get(ask, BASE + path, params, **{"Client-Id": self._client_id})
        return reply.expect().json_object()


def _rows(body: Json) -> list[Json]:
    """The rows of an answer; a body without any list is none. Raises `BadReplyError`."""
    if not isinstance(body.get("data"), list):
        raise BadReplyError
    return list(objects_of(body.get("data")))


def _sightings(body: Json) -> tuple[Sighting, ...]:
    return tuple(sighting for user in _rows(body) if (sighting := _sighting(user)) is not None)


def _sighting(user: Json) -> Sighting | None:
    user_id, login = id_of(user.get("id")), text_of(user.get("login"), 512)
    if user_id is None and login is None:
        return None
    verified, kind = _verification(text_of(user.get("broadcaster_type"), 100), user)
    picture = address_of(user.get("profile_image_url"))
    role = text_of(user.get("type"), 100)
    account = Account(
        platform="twitch",
        handle=login,
        account_id=user_id,
        display_name=text_of(user.get("display_name")),
        bio=text_of(user.get("description"), MAX_BIO),
        profile_url=profile_url("twitch", login, None),
        created_at=moment_of(user.get("created_at")),
        verified=verified,
        verified_kind=kind,
        labels=(role,) if role else (),
    )
    return Sighting(account, None if picture is None or _NO_PICTURE in picture else Picture(picture))


def _verification(kind: str | None, user: Json) -> tuple[bool | None, str | None]:
    """A partner wears a badge, an affiliate none; an empty text is neither."""
    if kind is None:
        return (False, None) if user.get("broadcaster_type") == "" else (None, None)
    return kind == "partner", kind
