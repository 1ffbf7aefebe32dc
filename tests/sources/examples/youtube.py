"""YouTube: shapes of the discovery document (SearchListResponse, ChannelListResponse), held to it in test_youtube."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"youtube_key": "key-of-the-operator"}
SEARCH = "/youtube/v3/search"
CHANNELS = "/youtube/v3/channels"
MARIE_ID, HIDDEN_ID = "UC" + "a" * 22, "UC" + "b" * 22
AVATAR = "https://yt3.ggpht.com/marie=s800-c-k"

FOUND: dict[str, Any] = {
    "kind": "youtube#searchListResponse",
    "nextPageToken": "CBkQAA",
    "regionCode": "US",
    "items": [
        {
            "kind": "youtube#searchResult",
            "id": {"kind": "youtube#channel", "channelId": MARIE_ID},
            "snippet": {"channelId": MARIE_ID, "title": "Marie Okafor", "publishedAt": "2024-03-05T10:11:12Z"},
        },
        {"kind": "youtube#searchResult", "id": {"kind": "youtube#channel", "channelId": HIDDEN_ID}},
    ],
}
MARIE: dict[str, Any] = {
    "kind": "youtube#channel",
    "id": MARIE_ID,
    "snippet": {
        "title": "Marie Okafor",
        "description": "Marine biologist.\nLagos",
        "customUrl": "@marieokafor",
        "publishedAt": "2024-03-05T10:11:12.345678Z",
        "thumbnails": {
            "default": {"url": "https://yt3.ggpht.com/marie=s88-c-k", "width": 88, "height": 88},
            "high": {"url": AVATAR, "width": 800, "height": 800},
        },
    },
    "statistics": {"viewCount": "0", "subscriberCount": "0", "hiddenSubscriberCount": False, "videoCount": "12"},
}
HIDDEN: dict[str, Any] = {
    "kind": "youtube#channel",
    "id": HIDDEN_ID,
    "snippet": {"title": "Marie O", "customUrl": "marieold", "description": ""},
    "statistics": {"hiddenSubscriberCount": True, "subscriberCount": "0", "videoCount": "many"},
}
LISTED: dict[str, Any] = {"kind": "youtube#channelListResponse", "items": [MARIE, HIDDEN]}
NONE: dict[str, Any] = {"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0, "resultsPerPage": 5}}
USED_UP = {"error": {"code": 403, "errors": [{"domain": "youtube.quota", "reason": "quotaExceeded"}]}}

SEEN = Account(
    "youtube",
    "marieokafor",
    MARIE_ID,
    "Marie Okafor",
    "Marine biologist.\nLagos",
    profile_url="https://www.youtube.com/@marieokafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, 345_678, tzinfo=UTC),
    followers=0,
    posts=12,
)
SEEN_HIDDEN = Account("youtube", None, HIDDEN_ID, "Marie O", profile_url=f"https://www.youtube.com/channel/{HIDDEN_ID}")

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (
            Exchange(SEARCH, FOUND, {"q": "Marie Okafor", "type": "channel"}),
            Exchange(CHANNELS, LISTED, {"id": f"{MARIE_ID},{HIDDEN_ID}"}),
        ),
        (SEEN, SEEN_HIDDEN),
        cursor="CBkQAA",
        pictures=(AVATAR, None),
    ),
    Example(
        "lookup",
        ("marieokafor",),
        (Exchange(CHANNELS, {**LISTED, "items": [MARIE]}, {"forHandle": "marieokafor"}),),
        (SEEN,),
        pictures=(AVATAR,),
    ),
    Example("lookup", ("nobody-here",), (Exchange(CHANNELS, NONE),), ()),
)
