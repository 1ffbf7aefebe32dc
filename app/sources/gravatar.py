"""Gravatar: profiles by the exact name in their address. A key is not needed, but without one 100 calls an hour is all.

Documents: docs.gravatar.com, REST API 3, GET /profiles/{profileIdentifier}: the hash of an e-mail address or the name
in the address of the profile. Only the latter is asked for; nobody is looked up by e-mail here.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode, urlsplit

from app.net.errors import BadReplyError
from app.platforms.identity import keep_handles, profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.one_way import LookupOnly
from app.sources.reading import MAX_BIO, Json, address_of, moment_of, objects_of, text_of
from matchers.profile import Account, Link

BASE = "https://api.gravatar.com/v3/profiles/"
SIDE = 400


def connect(settings: Settings) -> Remote:
    """Describe Gravatar."""
    key = settings.gravatar_key.get_secret_value() if settings.gravatar_key else None
    info = SourceInfo(
        name="gravatar",
        title="Gravatar",
        sees="Profiles with exactly your user name or one much like it in their address",
        cannot_see="Profiles under any other name; whose e-mail address a profile belongs to; followers",
        leaves_machine=True,
        platforms=("gravatar",),
        settings=("gravatar_key",),
        terms="https://wordpress.com/tos/",
        searches=False,
        known_handle="beau",
    )
    return Remote(info, (Gravatar(key),))


class Gravatar(LookupOnly):
    """The API, version 3."""

    def __init__(self, key: str | None = None) -> None:
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    @property
    def place(self) -> str:
        """The service."""
        return "Gravatar"

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The profiles at these addresses: a call each."""
        asked = keep_handles("gravatar", map(str.lower, handles))
        sightings = (self._look(handle, ask) for handle in asked)
        return Answer(tuple(sighting for sighting in sightings if sighting is not None))

    def _look(self, handle: str, ask: Asker) -> Sighting | None:
        reply = ask.get(BASE + quote(handle, safe=""), headers=self._headers)
        if reply.status == 404:
            return None
        profile = reply.expect().json_object()
        name = _name_of(profile)
        if name is None:
            raise BadReplyError
        # A name may happen to be somebody's hash; then the profile is another one.
        return _sighting(profile, name) if name.lower() == handle else None


def _name_of(profile: Json) -> str | None:
    """The name in the profile's address."""
    url = address_of(profile.get("profile_url"))
    parts = urlsplit(url) if url else None
    if parts is None or not (parts.hostname or "").endswith("gravatar.com"):
        return None
    return parts.path.strip("/") or None


def _sighting(profile: Json, handle: str) -> Sighting:
    listed = [*objects_of(profile.get("verified_accounts")), *objects_of(profile.get("links"))]
    links = (address_of(one.get("url")) for one in listed if one.get("is_hidden") is not True)
    account = Account(
        platform="gravatar",
        handle=handle,
        display_name=text_of(profile.get("display_name")),
        bio=text_of(profile.get("description"), MAX_BIO),
        profile_url=profile_url("gravatar", handle, None),
        created_at=moment_of(profile.get("registration_date")),
        labels=("organization",) if profile.get("is_organization") is True else (),
        links=tuple(Link(url) for url in dict.fromkeys(links) if url),
    )
    return Sighting(account, _picture(profile))


def _picture(profile: Json) -> Picture | None:
    """The avatar; where there is none, a pattern would be drawn, so Gravatar is asked to say so instead."""
    url = address_of(profile.get("avatar_url"))
    if url is None:
        return None
    return Picture(f"{url.partition('?')[0]}?{urlencode({'s': SIDE, 'd': '404'})}")
