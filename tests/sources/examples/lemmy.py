"""Lemmy: shapes of join-lemmy.org/api (SearchResponse, GetPersonDetailsResponse, PersonView)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"lemmy_servers": ("lemmy.world",)}
AVATAR = "https://lemmy.world/pictrs/image/11111111-2222-3333-4444-555555555555.png"

MARIE: dict[str, Any] = {
    "person": {
        "id": 7,
        "name": "marie_okafor",
        "display_name": "Marie Okafor",
        "avatar": AVATAR,
        "banned": False,
        "published": "2024-03-05T10:11:12.345678Z",
        "actor_id": "https://lemmy.world/u/marie_okafor",
        "bio": "Marine biologist.\nLagos",
        "local": True,
        "deleted": False,
        "bot_account": False,
        "instance_id": 1,
    },
    "counts": {"person_id": 7, "post_count": 0, "comment_count": 12},
    "is_admin": False,
}
# Older servers write moments without a zone; they are in UTC.
STRANGER: dict[str, Any] = {
    "person": {
        "id": 8,
        "name": "Marie",
        "published": "2024-03-05T10:11:12.345678",
        "actor_id": "https://fosstodon.org/users/Marie",
        "local": False,
        "banned": True,
        "bot_account": True,
    },
    "counts": {"person_id": 8, "post_count": 0, "comment_count": 0},
}
GONE = {"person": {"id": 9, "name": "marieo", "deleted": True, "actor_id": "https://lemmy.world/u/marieo"}}

SEEN = Account(
    "lemmy",
    "marie_okafor@lemmy.world",
    display_name="Marie Okafor",
    bio="Marine biologist.\nLagos",
    profile_url="https://lemmy.world/u/marie_okafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, 345_678, tzinfo=UTC),
    posts=0,
    bot=False,
)
ELSEWHERE = Account(
    "mastodon",
    "Marie@fosstodon.org",
    profile_url="https://fosstodon.org/users/Marie",
    created_at=datetime(2024, 3, 5, 10, 11, 12, 345_678, tzinfo=UTC),
    bot=True,
    labels=("banned",),
)
USER = "/api/v3/user"

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange("/api/v3/search", {"type_": "Users", "users": [MARIE, STRANGER, GONE]},
                  {"q": "Marie Okafor", "type_": "Users", "listing_type": "All", "page": "1"}),),
        (SEEN, ELSEWHERE),
        pictures=(AVATAR + "?thumbnail=400", None),
    ),
    Example("lookup", ("marie_okafor@lemmy.world",),
            (Exchange(USER, {"person_view": MARIE, "posts": []}, {"username": "marie_okafor"}),), (SEEN,)),
    Example("lookup", ("Marie@fosstodon.org",),
            (Exchange(USER, {"person_view": STRANGER}, {"username": "Marie@fosstodon.org"}),), (ELSEWHERE,)),
    Example("lookup", ("nobody",), (Exchange(USER, {"error": "couldnt_find_person"}, status=400),), ()),
    Example("lookup", ("nobody",), (Exchange(USER, {"error": "not_found"}, status=404),), ()),
)  # fmt: skip
