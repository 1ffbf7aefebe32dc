"""Tumblr: blogs by exact name only, with an API key.

Document: tumblr.com/docs/en/api/v2, /blog/{name}/info. There is no search for people, so lookalikes are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.net.errors import BadReplyError
from app.platforms.identity import keep_handles, profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.one_way import LookupOnly
from app.sources.reading import Json, address_of, count_of, html_to_text, id_of, object_of, objects_of, text_of
from matchers.profile import Account

BASE = "https://api.tumblr.com/v2/blog/"
# Of the sizes that Tumblr keeps (16 to 512), the smallest that serves comparing.
_ENOUGH = 400
_NO_PICTURE = "/default_avatar/"


def connect(settings: Settings) -> Remote:
    """Describe Tumblr; it needs an app's key."""
    key = settings.tumblr_key
    info = SourceInfo(
        name="tumblr",
        title="Tumblr",
        sees="Blogs with exactly your user name or one much like it",
        cannot_see="Blogs under any other name; blogs that signed-in visitors only may see; dates and followers",
        leaves_machine=True,
        needs_key=True,
        ready=key is not None,
        not_ready=None if key is not None else "Set CLONECHECK_TUMBLR_KEY to the consumer key of a Tumblr app",
        platforms=("tumblr",),
        settings=("tumblr_key",),
        terms="https://www.tumblr.com/docs/en/api_agreement",
        searches=False,
        known_handle="staff",
    )
    return Remote(info, () if key is None else (Tumblr(key.get_secret_value()),))


class Tumblr(LookupOnly):
    """The API, version 2."""

    def __init__(self, key: str) -> None:
        self._key = key

    @property
    def place(self) -> str:
        """The platform."""
        return "Tumblr"

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The blogs that have these names: a call each."""
        asked = keep_handles("tumblr", map(str.lower, handles))
        sightings = (self._look(handle, ask) for handle in asked)
        return Answer(tuple(sighting for sighting in sightings if sighting is not None))

    def _look(self, handle: str, ask: Asker) -> Sighting | None:
        reply = ask.get(f"{BASE}{handle}.tumblr.com/info", {"api_key": self._key})
        if reply.status == 404:
            return None
        response = reply.expect().json_object().get("response")
        if not isinstance(response, dict) or not isinstance(response.get("blog"), dict):
            raise BadReplyError
        return _sighting(object_of(response.get("blog")))


def _sighting(blog: Json) -> Sighting | None:
    handle = text_of(blog.get("name"), 512)
    if handle is None:
        return None
    account = Account(
        platform="tumblr",
        handle=handle,
        account_id=id_of(blog.get("uuid")),
        display_name=text_of(blog.get("title")),
        bio=html_to_text(blog.get("description")),
        profile_url=profile_url("tumblr", handle, None),
        posts=count_of(blog.get("posts")),
    )
    return Sighting(account, _picture(blog.get("avatar")))


def _picture(avatars: Any) -> Picture | None:
    """The smallest avatar that is big enough, else the biggest."""
    sized = {count_of(one.get("width")) or 0: address_of(one.get("url")) for one in objects_of(avatars)}
    known = {width: url for width, url in sized.items() if url is not None and _NO_PICTURE not in url}
    if not known:
        return None
    best = min((width for width in known if width >= _ENOUGH), default=max(known))
    url = known[best]
    return Picture(url) if url else None
