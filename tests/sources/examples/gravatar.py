"""Gravatar: shape of a profile in docs.gravatar.com, REST API 3."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"gravatar_key": "not-a-key"}
PATH = "/v3/profiles/"
AVATAR = "https://0.gravatar.com/avatar/84059b07d4be67b806386c0aad8070a23f18836bbaae342275dc0a83414c32ee"

MARIE: dict[str, Any] = {
    "hash": "84059b07d4be67b806386c0aad8070a23f18836bbaae342275dc0a83414c32ee",
    "display_name": "Marie Okafor",
    "profile_url": "https://gravatar.com/marieokafor",
    "avatar_url": AVATAR,
    "avatar_alt_text": "",
    "location": "Lagos",
    "description": "Marine biologist",
    "job_title": "",
    "verified_accounts": [
        {"service_type": "mastodon", "url": "https://mastodon.social/@marie", "is_hidden": False},
        {"service_type": "github", "url": "https://github.com/marie", "is_hidden": True},
    ],
    "links": [{"label": "Site", "url": "https://okafor.example"}],
    "is_organization": False,
    "registration_date": "2024-03-05T10:11:12Z",
}
SEEN = Account(
    "gravatar",
    "marieokafor",
    display_name="Marie Okafor",
    bio="Marine biologist",
    profile_url="https://gravatar.com/marieokafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC),
    links=(Link("https://mastodon.social/@marie"), Link("https://okafor.example")),
)
BARE = {
    "hash": "a",
    "display_name": "Okafor & Co",
    "profile_url": "https://gravatar.com/okafor",
    "is_organization": True,
}
FIRM = Account(
    "gravatar", "okafor", display_name="Okafor & Co", profile_url="https://gravatar.com/okafor",
    labels=("organization",),
)  # fmt: skip
ABSENT = Exchange(PATH + "nobody", {"error": "Profile not found", "code": "not_found"}, status=404)

EXAMPLES = (
    Example(
        "lookup", ("MarieOkafor",), (Exchange(PATH + "marieokafor", MARIE),), (SEEN,),
        pictures=(f"{AVATAR}?s=400&d=404",),
    ),
    Example("lookup", ("okafor",), (Exchange(PATH + "okafor", BARE),), (FIRM,), pictures=(None,)),
    Example("lookup", ("nobody",), (ABSENT,), ()),
)  # fmt: skip
