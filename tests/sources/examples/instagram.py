"""Instagram: shapes of Business Discovery and of the Graph API's errors in Meta's documents."""

from __future__ import annotations

from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"instagram_token": "token-of-the-operator", "instagram_account_id": "17841405309211844"}
PATH = "/v25.0/17841405309211844"
AVATAR = "https://scontent.cdninstagram.com/marie.jpg?oh=1"

MARIE: dict[str, Any] = {
    "id": "17841401441775531",
    "username": "marieokafor",
    "name": "Marie Okafor",
    "biography": "Marine biologist, Lagos",
    "profile_picture_url": AVATAR,
    "followers_count": 0,
    "follows_count": 12,
    "media_count": 3,
    "website": "https://okafor.example/",
}
SEEN = Account(
    "instagram",
    "marieokafor",
    "17841401441775531",
    "Marie Okafor",
    "Marine biologist, Lagos",
    profile_url="https://www.instagram.com/marieokafor/",
    followers=0,
    following=12,
    posts=3,
    links=(Link("https://okafor.example/"),),
)
NOBODY = {"error": {"message": "Invalid user id", "type": "OAuthException", "code": 110, "error_subcode": 2207013}}

EXAMPLES = (
    Example(
        "lookup",
        ("marieokafor",),
        (Exchange(PATH, {"business_discovery": MARIE, "id": "17841405309211844"}),),
        (SEEN,),
        pictures=(AVATAR,),
    ),
    Example("lookup", ("nobody",), (Exchange(PATH, NOBODY, status=400),), (), status="partial"),
)
