"""Instagram: professional accounts by exact user name, through a professional account of the operator's own.

Document: developers.facebook.com, Instagram API with Facebook Login, Business Discovery. It needs a reviewed app.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.net.errors import BadReplyError
from app.platforms.identity import keep_handles, profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.meta import read_profile
from app.sources.one_way import LookupOnly
from app.sources.reading import MAX_BIO, Json, address_of, count_of, id_of, text_of
from matchers.profile import Account, Link

BASE = "https://graph.facebook.com/v25.0/"
FIELDS = "id,username,name,biography,profile_picture_url,followers_count,follows_count,media_count,website"
# "Invalid user id": no such account, or a private person's.
_ABSENT = frozenset({110})
_UNSEEN = "Instagram shows professional accounts only, so private people with these user names were not seen"


def connect(settings: Settings) -> Remote:
    """Describe Instagram; it needs a token and the number of the operator's own professional account."""
    token, own = settings.instagram_token, settings.instagram_account_id
    ready = token is not None and own is not None
    info = SourceInfo(
        name="instagram",
        title="Instagram",
        sees="Business and creator accounts with exactly your user name or one much like it",
        cannot_see="Private people's accounts, which most clones are; accounts under any other name; dates; badges",
        leaves_machine=True,
        needs_key=True,
        ready=ready,
        not_ready=None if ready else "Set CLONECHECK_INSTAGRAM_TOKEN and CLONECHECK_INSTAGRAM_ACCOUNT_ID",
        platforms=("instagram",),
        settings=("instagram_token", "instagram_account_id"),
        terms="https://developers.facebook.com/terms",
        searches=False,
        known_handle="instagram",
    )
    return Remote(info, () if token is None or own is None else (Instagram(token.get_secret_value(), own),))


class Instagram(LookupOnly):
    """The Graph API, asked as one professional account about others."""

    def __init__(self, token: str, own: str) -> None:
        # In a header and not in the address, since addresses end up in logs on the way.
        self._headers = {"Authorization": f"Bearer {token}"}
        self._own = own

    @property
    def place(self) -> str:
        """The platform."""
        return "Instagram"

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The professional accounts that have these user names: a call each."""
        # The user name stands amid a list of fields, where a bracket would mean something.
        asked = keep_handles("instagram", handles)
        found = tuple(sighting for handle in asked if (sighting := self._look(handle, ask)) is not None)
        return Answer(found) if len(found) == len(handles) else Answer(found, "partial", _UNSEEN)

    def _look(self, handle: str, ask: Asker) -> Sighting | None:
        fields = f"business_discovery.username({handle}){{{FIELDS}}}"
        body = read_profile(ask.get(BASE + self._own, {"fields": fields}, headers=self._headers), _ABSENT)
        if body is None:
            return None
        shown = body.get("business_discovery")
        if not isinstance(shown, dict):
            raise BadReplyError
        return _sighting(shown)


def _sighting(shown: Json) -> Sighting | None:
    handle = text_of(shown.get("username"), 512)
    if handle is None:
        return None
    website, picture = address_of(shown.get("website")), address_of(shown.get("profile_picture_url"))
    account = Account(
        platform="instagram",
        handle=handle,
        account_id=id_of(shown.get("id")),
        display_name=text_of(shown.get("name")),
        bio=text_of(shown.get("biography"), MAX_BIO),
        profile_url=profile_url("instagram", handle, None),
        followers=count_of(shown.get("followers_count")),
        following=count_of(shown.get("follows_count")),
        posts=count_of(shown.get("media_count")),
        links=(Link(website),) if website else (),
    )
    return Sighting(account, Picture(picture) if picture else None)
