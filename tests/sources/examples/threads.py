"""Threads: shape of the Profile Discovery API in Meta's documents."""

from __future__ import annotations

from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"threads_token": "token-of-the-operator"}
PATH = "/v1.0/profile_lookup"
AVATAR = "https://scontent-sjc3-1.cdninstagram.com/marie.jpg"

MARIE: dict[str, Any] = {
    "username": "marieokafor",
    "name": "Marie Okafor",
    "profile_picture_url": AVATAR,
    "biography": "Marine biologist, Lagos",
    "is_verified": False,
    "follower_count": 120,
}
SEEN = Account(
    "threads",
    "marieokafor",
    None,
    "Marie Okafor",
    "Marine biologist, Lagos",
    profile_url="https://www.threads.com/@marieokafor",
    followers=120,
    verified=False,
)
NOBODY = {"error": {"message": "Invalid parameter", "type": "THApiException", "code": 100}}

EXAMPLES = (
    Example(
        "lookup", ("marieokafor",), (Exchange(PATH, MARIE, {"username": "marieokafor"}),), (SEEN,), pictures=(AVATAR,)
    ),
    Example("lookup", ("nobody",), (Exchange(PATH, NOBODY, status=400),), (), status="partial"),
)
