"""Farcaster, through Neynar's API: users by name, and by user name one at a time, with a key.

Documents: docs.neynar.com, Search for Usernames and By Farcaster username (v2). Each call costs credits of the key.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.net.errors import BadReplyError
from app.platforms.identity import profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import MAX_BIO, Json, address_of, count_of, id_of, moment_of, object_of, objects_of, text_of
from matchers.profile import Account

BASE = "https://api.neynar.com/v2/farcaster/user/"
PAGE = 10


def connect(settings: Settings) -> Remote:
    """Describe Farcaster; it needs a key of Neynar's."""
    key = settings.neynar_key
    info = SourceInfo(
        name="farcaster",
        title="Farcaster",
        sees="Accounts found by user name or display name, and accounts with a similar user name",
        cannot_see="How many posts an account has",
        leaves_machine=True,
        needs_key=True,
        cost="credits of the Neynar key for each call",
        ready=key is not None,
        not_ready=None if key is not None else "Set CLONECHECK_NEYNAR_KEY to a key of Neynar's Farcaster API",
        platforms=("farcaster",),
        settings=("neynar_key",),
        terms="https://neynar.com/terms-of-service",
        known_handle="dwr",
    )
    return Remote(info, () if key is None else (Farcaster(key.get_secret_value()),))


class Farcaster:
    """Neynar's view of Farcaster."""

    def __init__(self, key: str) -> None:
        self._headers = {"x-api-key": key}

    @property
    def place(self) -> str:
        """The network."""
        return "Farcaster"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of users that match a name."""
        params: dict[str, str | int] = {"q": name, "limit": PAGE}
        if cursor is not None:
            params["cursor"] = cursor
        body = ask.get(BASE + "search", params, headers=self._headers).expect().json_object()
        result = body.get("result")
        if not isinstance(result, dict) or not isinstance(result.get("users"), list):
            raise BadReplyError
        sightings = [sighting for user in objects_of(result["users"]) if (sighting := _sighting(user)) is not None]
        return Answer(tuple(sightings), cursor=text_of(object_of(result.get("next")).get("cursor"), 512))

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The users that have these user names: a call each."""
        sightings = (self._look(handle, ask) for handle in handles)
        return Answer(tuple(sighting for sighting in sightings if sighting is not None))

    def _look(self, handle: str, ask: Asker) -> Sighting | None:
        reply = ask.get(BASE + "by_username", {"username": handle.lower()}, headers=self._headers)
        if reply.status == 404:
            return None
        user = reply.expect().json_object().get("user")
        if not isinstance(user, dict):
            raise BadReplyError
        return _sighting(user)


def _sighting(user: Json) -> Sighting | None:
    fid, handle = id_of(user.get("fid")), text_of(user.get("username"), 512)
    if fid is None:
        return None
    # Whoever has no user name is shown with "!" and the number in its place.
    handle = None if handle is None or handle.startswith("!") else handle
    picture = address_of(user.get("pfp_url"))
    powerful = user.get("power_badge") is True
    account = Account(
        platform="farcaster",
        handle=handle,
        account_id=fid,
        display_name=text_of(user.get("display_name")),
        bio=text_of(object_of(object_of(user.get("profile")).get("bio")).get("text"), MAX_BIO),
        profile_url=profile_url("farcaster", handle, fid),
        created_at=moment_of(user.get("registered_at")),
        followers=count_of(user.get("follower_count")),
        following=count_of(user.get("following_count")),
        verified=True if powerful else None,
        verified_kind="power" if powerful else None,
    )
    return Sighting(account, Picture(picture) if picture else None)
