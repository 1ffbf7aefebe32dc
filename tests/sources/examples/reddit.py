"""Reddit: shapes of reddit.com/dev/api (users/search, user/about); test_reddit reads what Reddit really answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"reddit_client_id": "app-of-the-operator", "reddit_client_secret": "secret-of-it"}
SEARCH = "/users/search"
TOKEN = Exchange(
    "/api/v1/access_token",
    {"access_token": "token-of-the-app", "token_type": "bearer", "expires_in": 3600, "scope": "*"},
    method="POST",
    host="www.reddit.com",
)
AVATAR = "https://styles.redditmedia.com/t5_1/styles/profileIcon_marie.jpg?width=256&s=abc"

MARIE: dict[str, Any] = {
    "id": "61icj",
    "name": "MarieOkafor",
    "icon_img": AVATAR,
    "created_utc": 1318593747.0,
    "verified": True,
    "hide_from_robots": True,
    "is_employee": False,
    "link_karma": 1,
    "subreddit": {"title": "Marie Okafor", "public_description": "Marine biologist, Lagos", "subscribers": 0},
}
DRAWN: dict[str, Any] = {
    "id": "2",
    "name": "marie_o",
    "icon_img": "https://www.redditstatic.com/avatars/avatar_default_12_25B79F.png",
    "is_employee": True,
    "subreddit": None,
}
GONE = {"name": "MarieOkaf0r", "is_suspended": True}

SEEN = Account(
    "reddit",
    "MarieOkafor",
    "61icj",
    "Marie Okafor",
    "Marine biologist, Lagos",
    profile_url="https://www.reddit.com/user/MarieOkafor/",
    created_at=datetime(2011, 10, 14, 12, 2, 27, tzinfo=UTC),
)
SEEN_DRAWN = Account("reddit", "marie_o", "2", profile_url="https://www.reddit.com/user/marie_o/", labels=("staff",))


def listing(*people: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "children": [{"kind": "t2", "data": one} for one in people]}}


EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (TOKEN, Exchange(SEARCH, listing(MARIE, DRAWN, after="t2_2"), {"q": "Marie Okafor", "raw_json": "1"})),
        (SEEN, SEEN_DRAWN),
        cursor="t2_2",
        pictures=(AVATAR, None),
    ),
    Example("search", "Nobody", (TOKEN, Exchange(SEARCH, listing())), ()),
    Example(
        "lookup", ("MarieOkafor",), (TOKEN, Exchange("/user/MarieOkafor/about", {"kind": "t2", "data": MARIE})), (SEEN,)
    ),
    Example(
        "lookup",
        ("MarieOkaf0r",),
        (TOKEN, Exchange("/user/MarieOkaf0r/about", {"kind": "t2", "data": GONE})),
        (),
        withheld=1,
    ),
    Example("lookup", ("nobody",), (TOKEN, Exchange("/user/nobody/about", {"error": 404}, status=404)), ()),
)
