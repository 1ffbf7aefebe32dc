"""Threads: profiles by exact user name, from a hundred followers up.

Document: developers.facebook.com, Threads API, Threads Profiles (Profile Discovery). It needs a reviewed app; a fresh
clone has fewer followers than it takes to be shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.net.errors import BadReplyError
from app.platforms.identity import keep_handles, profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.meta import read_profile
from app.sources.one_way import LookupOnly
from app.sources.reading import MAX_BIO, Json, address_of, count_of, flag_of, text_of
from matchers.profile import Account

LOOKUP = "https://graph.threads.com/v1.0/profile_lookup"
FIELDS = "username,name,profile_picture_url,biography,is_verified,follower_count"
# "Invalid parameter" and "Invalid user id": no such profile, a private one, or one with few followers.
_ABSENT = frozenset({24, 100, 110})
_UNSEEN = "Threads shows public profiles with 100 followers or more, so new ones with these user names were not seen"


def connect(settings: Settings) -> Remote:
    """Describe Threads; it needs a token with the permission threads_profile_discovery."""
    token = settings.threads_token
    info = SourceInfo(
        name="threads",
        title="Threads",
        sees="Public profiles with 100 followers or more, with exactly your user name or one much like it",
        cannot_see="Profiles with fewer than 100 followers, such as fresh clones; profiles under another name; dates",
        leaves_machine=True,
        needs_key=True,
        ready=token is not None,
        not_ready=None if token is not None else "Set CLONECHECK_THREADS_TOKEN to a token of an app that Meta reviewed",
        platforms=("threads",),
        settings=("threads_token",),
        terms="https://developers.facebook.com/terms",
        searches=False,
        known_handle="threads",
    )
    return Remote(info, () if token is None else (Threads(token.get_secret_value()),))


class Threads(LookupOnly):
    """The Threads API."""

    def __init__(self, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}

    @property
    def place(self) -> str:
        """The platform."""
        return "Threads"

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The profiles that have these user names: a call each."""
        asked = keep_handles("threads", handles)
        found = tuple(sighting for handle in asked if (sighting := self._look(handle, ask)) is not None)
        return Answer(found) if len(found) == len(handles) else Answer(found, "partial", _UNSEEN)

    def _look(self, handle: str, ask: Asker) -> Sighting | None:
        reply = ask.get(LOOKUP, {"username": handle, "fields": FIELDS}, headers=self._headers)
        body = read_profile(reply, _ABSENT)
        if body is None:
            return None
        if text_of(body.get("username")) is None:
            raise BadReplyError
        return _sighting(body)


def _sighting(shown: Json) -> Sighting:
    handle, picture = text_of(shown.get("username"), 512), address_of(shown.get("profile_picture_url"))
    account = Account(
        platform="threads",
        handle=handle,
        display_name=text_of(shown.get("name")),
        bio=text_of(shown.get("biography"), MAX_BIO),
        profile_url=profile_url("threads", handle, None),
        followers=count_of(shown.get("follower_count")),
        verified=flag_of(shown.get("is_verified")),
    )
    return Sighting(account, Picture(picture) if picture else None)
