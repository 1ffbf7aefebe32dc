"""Reddit: accounts by name and by user name, with an approved app's own token.

Documents: reddit.com/dev/api (users/search, user/about), client credentials of RFC 6749. Proven on replies that PRAW
recorded from Reddit. Since November 2025 Reddit gives keys after approval only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from app.net.errors import BadReplyError
from app.platforms.identity import keep_handles, profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.reading import MAX_BIO, Json, address_of, id_of, moment_of, object_of, objects_of, text_of
from app.sources.tokens import AppToken, Credentials
from matchers.profile import Account

BASE = "https://oauth.reddit.com/"
TOKEN = "https://www.reddit.com/api/v1/access_token"  # noqa: S105  # an address
PAGE = 50
# Pictures that Reddit draws for those who have none of their own.
_NO_PICTURE = "redditstatic.com/avatars/"


def connect(settings: Settings) -> Remote:
    """Describe Reddit; it needs the id and secret of an app that Reddit has approved."""
    client_id, secret = settings.reddit_client_id, settings.reddit_client_secret
    ready = client_id is not None and secret is not None
    told = (
        "Set CLONECHECK_REDDIT_CLIENT_ID and CLONECHECK_REDDIT_CLIENT_SECRET; Reddit approves each app before it works"
    )
    info = SourceInfo(
        name="reddit",
        title="Reddit",
        sees="Accounts found by name, and accounts with a similar user name, with dates",
        cannot_see="Suspended accounts; follower counts; pictures of people who have set none of their own",
        leaves_machine=True,
        needs_key=True,
        cost="free for uses that Reddit approves; others need a contract",
        verified="recorded",
        ready=ready,
        not_ready=None if ready else told,
        platforms=("reddit",),
        settings=("reddit_client_id", "reddit_client_secret"),
        terms="https://redditinc.com/policies/data-api-terms",
        known_handle="spez",
    )
    if client_id is None or secret is None:
        return Remote(info)
    return Remote(info, (Reddit(AppToken(Credentials(TOKEN, client_id, secret.get_secret_value(), basic=True))),))


class Reddit:
    """The Data API."""

    def __init__(self, token: AppToken) -> None:
        self._token = token

    @property
    def place(self) -> str:
        """The platform."""
        return "Reddit"

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """One page of accounts that match a name."""
        params: dict[str, str | int | list[str]] = {"q": name, "limit": PAGE, "raw_json": 1}
        if cursor is not None:
            params["after"] = cursor
        body = self._token.get(ask, BASE + "users/search", params).expect().json_object()
        listing = object_of(body.get("data"))
        if body.get("kind") != "Listing" or not isinstance(listing.get("children"), list):
            raise BadReplyError
        people = [
            object_of(child.get("data")) for child in objects_of(listing["children"]) if child.get("kind") == "t2"
        ]
        return _answer(people, text_of(listing.get("after"), 512))

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """The accounts that have these user names: a call each."""
        asked = keep_handles("reddit", handles)
        return _answer([person for handle in asked if (person := self._look(handle, ask)) is not None])

    def _look(self, handle: str, ask: Asker) -> Json | None:
        params: Mapping[str, str | int | list[str]] = {"raw_json": 1}
        reply = self._token.get(ask, f"{BASE}user/{quote(handle, safe='')}/about", params)
        if reply.status == 404:
            return None
        body = reply.expect().json_object()
        if body.get("kind") != "t2" or not isinstance(body.get("data"), dict):
            raise BadReplyError
        return object_of(body.get("data"))


def _answer(people: Sequence[Json], cursor: str | None = None) -> Answer:
    # A suspended account shows nothing that could be compared.
    shown = [person for person in people if person.get("is_suspended") is not True]
    sightings = [sighting for person in shown if (sighting := _sighting(person)) is not None]
    return Answer(tuple(sightings), cursor=cursor, withheld=len(people) - len(shown))


def _sighting(person: Json) -> Sighting | None:
    handle, account_id = text_of(person.get("name"), 512), id_of(person.get("id"))
    if handle is None:
        return None
    page = object_of(person.get("subreddit"))
    picture = address_of(person.get("snoovatar_img")) or address_of(person.get("icon_img"))
    account = Account(
        platform="reddit",
        handle=handle,
        account_id=account_id,
        display_name=text_of(page.get("title")),
        bio=text_of(page.get("public_description"), MAX_BIO),
        profile_url=profile_url("reddit", handle, None),
        created_at=moment_of(person.get("created_utc")),
        # The field `verified` means a confirmed e-mail address, no mark; karma and `subscribers` are no followers.
        labels=("staff",) if person.get("is_employee") is True else (),
    )
    hidden = person.get("hide_from_robots") is True
    return Sighting(
        account, None if picture is None or _NO_PICTURE in picture else Picture(picture), may_keep=not hidden
    )
