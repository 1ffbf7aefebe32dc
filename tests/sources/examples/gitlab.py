"""GitLab.com: shapes of docs.gitlab.com/api/users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"gitlab_token": "not-a-token"}
PATH = "/api/v4/users"
AVATAR = "https://gitlab.com/uploads/-/system/user/avatar/7/avatar.png"
GRAVATAR = "https://secure.gravatar.com/avatar/abc123"

ITEM: dict[str, Any] = {
    "id": 7,
    "username": "marieokafor",
    "name": "Marie Okafor",
    "state": "active",
    "locked": False,
    "avatar_url": AVATAR,
    "web_url": "https://gitlab.com/marieokafor",
}
FULL: dict[str, Any] = {
    **ITEM,
    "bio": "Marine biologist",
    "location": None,
    "website_url": "https://okafor.example",
    "created_at": "2024-03-05T10:11:12.000Z",
    "bot": False,
    "followers": 0,
    "following": 3,
}
SHY = {**ITEM, "id": 8, "username": "m-okafor", "avatar_url": f"{GRAVATAR}?s=80&d=identicon", "web_url": None}
SEEN = Account(
    "gitlab",
    "marieokafor",
    "7",
    "Marie Okafor",
    "Marine biologist",
    profile_url="https://gitlab.com/marieokafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC),
    followers=0,
    following=3,
    bot=False,
    links=(Link("https://okafor.example"),),
)
HIDDEN = Account("gitlab", "m-okafor", "8", "Marie Okafor")
DETAILS = Exchange(f"{PATH}/7", FULL)
KEPT_BACK = Exchange(f"{PATH}/8", {"message": "403 Forbidden"}, status=403)

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (
            Exchange(PATH, [ITEM, SHY], {"search": "Marie Okafor", "page": "1"}, headers={"X-Next-Page": "2"}),
            DETAILS,
            KEPT_BACK,
        ),
        (SEEN, HIDDEN),
        cursor="2",
        pictures=(AVATAR, f"{GRAVATAR}?s=400&d=404"),
    ),
    Example("search", "Nobody", (Exchange(PATH, [], headers={"X-Next-Page": ""}),), ()),
    Example("lookup", ("MarieOkafor",), (Exchange(PATH, [ITEM], {"username": "MarieOkafor"}), DETAILS), (SEEN,)),
    Example("lookup", ("nobody",), (Exchange(PATH, []),), ()),
)
