"""X: shapes of API v2 (users/search, users/by), held to the models of X's own client in test_x."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"x_bearer_token": "token-of-the-operator"}
SEARCH = "/2/users/search"
BY = "/2/users/by"

MARIE: dict[str, Any] = {
    "id": "1765000000000000001",
    "name": "Marie Okafor",
    "username": "marieokafor",
    "created_at": "2024-03-05T10:11:12.000Z",
    "description": "Marine biologist, Lagos https://t.co/aaaaaaaaaa",
    "entities": {
        "url": {"urls": [{"start": 0, "end": 23, "url": "https://t.co/b", "expanded_url": "https://okafor.example"}]},
        "description": {
            "urls": [{"start": 24, "end": 47, "url": "https://t.co/a", "expanded_url": "https://lab.example"}]
        },
    },
    "profile_image_url": "https://pbs.twimg.com/profile_images/1765/abc_normal.jpg",
    "protected": False,
    "public_metrics": {"followers_count": 0, "following_count": 12, "post_count": 3, "listed_count": 0},
    "verified": True,
    "verified_type": "blue",
    "is_identity_verified": False,
    "parody": False,
}
PARODY: dict[str, Any] = {
    "id": "1765000000000000002",
    "name": "Not Marie Okafor",
    "username": "notmarieokafor",
    "profile_image_url": "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png",
    "protected": True,
    "verified": False,
    "verified_type": "none",
    "parody": True,
}
NOBODY: dict[str, Any] = {
    "value": "marieokaf0r",
    "resource_type": "user",
    "resource_id": "marieokaf0r",
    "parameter": "usernames",
    "title": "Not Found Error",
    "detail": "Could not find user with usernames: [marieokaf0r].",
    "type": "https://api.x.com/2/problems/resource-not-found",
}

SEEN = Account(
    "x",
    "marieokafor",
    "1765000000000000001",
    "Marie Okafor",
    "Marine biologist, Lagos https://t.co/aaaaaaaaaa",
    profile_url="https://x.com/marieokafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC),
    followers=0,
    following=12,
    posts=3,
    verified=True,
    verified_kind="blue",
    protected=False,
    links=(Link("https://okafor.example"), Link("https://lab.example")),
)
SEEN_PARODY = Account(
    "x",
    "notmarieokafor",
    "1765000000000000002",
    "Not Marie Okafor",
    profile_url="https://x.com/notmarieokafor",
    verified=False,
    protected=True,
    labels=("parody",),
)
PICTURE = "https://pbs.twimg.com/profile_images/1765/abc_400x400.jpg"

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange(SEARCH, {"data": [MARIE, PARODY], "meta": {"next_token": "7140"}}, {"query": "Marie Okafor"}),),
        (SEEN, SEEN_PARODY),
        cursor="7140",
        pictures=(PICTURE, None),
    ),
    Example("search", "Nobody", (Exchange(SEARCH, {"meta": {"result_count": 0}}),), ()),
    Example(
        "lookup",
        ("marieokafor", "marieokaf0r"),
        (Exchange(BY, {"data": [MARIE], "errors": [NOBODY]}, {"usernames": "marieokafor,marieokaf0r"}),),
        (SEEN,),
    ),
    Example("lookup", ("marieokaf0r",), (Exchange(BY, {"errors": [NOBODY]}),), ()),
)
