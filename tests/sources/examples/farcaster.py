"""Farcaster: shapes of Neynar's reference (Search for Usernames, By Farcaster username)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"neynar_key": "key-of-the-operator"}
SEARCH = "/v2/farcaster/user/search"
BY_NAME = "/v2/farcaster/user/by_username"
AVATAR = "https://imagedelivery.net/abc/marie/original"

MARIE: dict[str, Any] = {
    "object": "user",
    "fid": 16169,
    "username": "marieokafor",
    "display_name": "Marie Okafor",
    "pfp_url": AVATAR,
    "profile": {"bio": {"text": "Marine biologist, Lagos"}},
    "registered_at": "2024-03-05T10:11:12.000Z",
    "follower_count": 0,
    "following_count": 12,
    "verifications": ["0x0000000000000000000000000000000000000001"],
    "power_badge": True,
}
NAMELESS: dict[str, Any] = {"object": "user", "fid": 7, "username": "!7", "power_badge": False}

SEEN = Account(
    "farcaster",
    "marieokafor",
    "16169",
    "Marie Okafor",
    "Marine biologist, Lagos",
    profile_url="https://farcaster.xyz/marieokafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC),
    followers=0,
    following=12,
    verified=True,
    verified_kind="power",
)
SEEN_NAMELESS = Account("farcaster", None, "7", profile_url="https://farcaster.xyz/~/profiles/7")

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange(SEARCH, {"result": {"users": [MARIE, NAMELESS], "next": {"cursor": "abc"}}}, {"q": "Marie Okafor"}),),
        (SEEN, SEEN_NAMELESS),
        cursor="abc",
        pictures=(AVATAR, None),
    ),
    Example("search", "Nobody", (Exchange(SEARCH, {"result": {"users": [], "next": {"cursor": None}}}),), ()),
    Example("lookup", ("MarieOkafor",), (Exchange(BY_NAME, {"user": MARIE}, {"username": "marieokafor"}),), (SEEN,)),
    Example("lookup", ("mar1eokafor",), (Exchange(BY_NAME, {"code": "NotFound"}, status=404),), ()),
)
