"""Misskey: shapes of the API reference (users/search, users/show, search-by-username-and-host; UserDetailed)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"misskey_servers": ("misskey.io",)}
AVATAR = "https://proxy.misskey.example/avatar.webp?url=https%3A%2F%2Ffiles.example%2Fa.png&avatar=1"

MARIE: dict[str, Any] = {
    "id": "9abc",
    "name": "Marie Okafor",
    "username": "marie_okafor",
    "host": None,
    "avatarUrl": AVATAR,
    "isBot": False,
    "isCat": True,
    "url": None,
    "uri": None,
    "createdAt": "2024-03-05T10:11:12.345Z",
    "isLocked": False,
    "isSuspended": False,
    "description": "Marine biologist.\nLagos",
    "fields": [
        {"name": "Web", "value": "https://okafor.example"},
        {"name": "Other", "value": "https://other.example"},
        {"name": "From", "value": "Lagos"},
    ],
    "verifiedLinks": ["https://okafor.example"],
    "followersCount": 0,
    "followersVisibility": "public",
    "followingCount": 0,
    "followingVisibility": "followers",
    "notesCount": 3,
}
STRANGER: dict[str, Any] = {
    "id": "9abd",
    "name": None,
    "username": "Marie",
    "host": "fosstodon.org",
    "avatarUrl": "https://misskey.io/identicon/Marie@fosstodon.org",
    "isBot": True,
    "url": "https://fosstodon.org/@Marie",
    "createdAt": "2026-01-01T00:00:00.000Z",
    "description": None,
    "followersCount": 0,
    "notesCount": 0,
}
GONE = {**MARIE, "id": "9abe", "isSuspended": True}
SHY = {**MARIE, "id": "9abf", "username": "shy", "requireSigninToViewContents": True}

SEEN = Account(
    "misskey",
    "marie_okafor@misskey.io",
    display_name="Marie Okafor",
    bio="Marine biologist.\nLagos",
    profile_url="https://misskey.io/@marie_okafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, 345_000, tzinfo=UTC),
    followers=0,
    posts=3,
    protected=False,
    bot=False,
    links=(Link("https://okafor.example", verified=True), Link("https://other.example", verified=False)),
)
ELSEWHERE = Account("mastodon", "Marie@fosstodon.org", profile_url="https://fosstodon.org/@Marie", bot=True)
NEAR = "/api/users/search-by-username-and-host"

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange("/api/users/search", [MARIE, STRANGER, GONE, SHY], method="POST"),),
        (SEEN, ELSEWHERE),
        withheld=2,
        pictures=(AVATAR, None),
    ),
    Example(
        "search",
        "Marie Okafor",
        (Exchange("/api/users/search", {"error": {"code": "CREDENTIAL_REQUIRED"}}, status=401, method="POST"),),
        (),
        status="partial",
    ),
    Example("lookup", ("marie_okafor",), (Exchange("/api/users/show", MARIE, method="POST"),), (SEEN,)),
    Example("lookup", ("shy",), (Exchange("/api/users/show", SHY, method="POST"),), (), withheld=1),
    Example(
        "lookup",
        ("nobody",),
        (Exchange("/api/users/show", {"error": {"code": "NO_SUCH_USER"}}, status=404, method="POST"),),
        (),
    ),
    Example(
        "lookup",
        ("marie@fosstodon.org",),
        (Exchange(NEAR, [STRANGER, {**STRANGER, "username": "Marie2"}], method="POST"),),
        (ELSEWHERE,),
    ),
)
