"""Twitch: shapes of the Helix reference (Search Channels, Get Users)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"twitch_client_id": "app-of-the-operator", "twitch_client_secret": "secret-of-it"}
SEARCH = "/helix/search/channels"
USERS = "/helix/users"
TOKEN = Exchange(
    "/oauth2/token",
    {"access_token": "token-of-the-app", "expires_in": 5_000_000, "token_type": "bearer"},
    method="POST",
    host="id.twitch.tv",
)
AVATAR = "https://static-cdn.jtvnw.net/jtv_user_pictures/8a6381c7-profile_image-300x300.png"

MARIE: dict[str, Any] = {
    "id": "141981764",
    "login": "marieokafor",
    "display_name": "MarieOkafor",
    "type": "",
    "broadcaster_type": "partner",
    "description": "Marine biologist, Lagos",
    "profile_image_url": AVATAR,
    "view_count": 0,
    "created_at": "2016-12-14T20:32:28Z",
}
STAFF: dict[str, Any] = {
    "id": "2",
    "login": "marie_o",
    "display_name": "Marie_O",
    "type": "staff",
    "broadcaster_type": "",
    "description": "",
    "profile_image_url": "https://static-cdn.jtvnw.net/user-default-pictures-uv/de130ab0-profile_image-300x300.png",
}
FOUND = {
    "data": [{"id": "141981764", "broadcaster_login": "marieokafor", "is_live": False}, {"id": "2"}],
    "pagination": {"cursor": "Mg=="},
}

SEEN = Account(
    "twitch",
    "marieokafor",
    "141981764",
    "MarieOkafor",
    "Marine biologist, Lagos",
    profile_url="https://www.twitch.tv/marieokafor",
    created_at=datetime(2016, 12, 14, 20, 32, 28, tzinfo=UTC),
    verified=True,
    verified_kind="partner",
)
SEEN_STAFF = Account(
    "twitch",
    "marie_o",
    "2",
    "Marie_O",
    profile_url="https://www.twitch.tv/marie_o",
    verified=False,
    labels=("staff",),
)

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (TOKEN, Exchange(SEARCH, FOUND, {"query": "Marie Okafor"}), Exchange(USERS, {"data": [MARIE, STAFF]})),
        (SEEN, SEEN_STAFF),
        cursor="Mg==",
        pictures=(AVATAR, None),
    ),
    Example("search", "Nobody", (TOKEN, Exchange(SEARCH, {"data": [], "pagination": {}})), ()),
    Example(
        "lookup",
        ("MarieOkafor", "mar1eokafor"),
        (TOKEN, Exchange(USERS, {"data": [MARIE]}, {"login": "marieokafor"})),
        (SEEN,),
    ),
    Example("lookup", ("mar1eokafor",), (TOKEN, Exchange(USERS, {"data": []})), ()),
)
