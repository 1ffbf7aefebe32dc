"""Mastodon: shapes of docs.joinmastodon.org (entities/Account, methods/search and accounts#lookup) and of RFC 7033."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"mastodon_servers": ("mastodon.social",)}
AVATAR = "https://files.mastodon.social/accounts/avatars/1/original/a.png"

MARIE: dict[str, Any] = {
    "id": "109",
    "username": "marie_okafor",
    "acct": "marie_okafor",
    "display_name": "Marie Okafor",
    "locked": False,
    "bot": False,
    "discoverable": True,
    "noindex": False,
    "group": False,
    "created_at": "2024-03-05T00:00:00.000Z",
    "note": '<p>Marine biologist,<br />Lagos</p><p><a href="https://okafor.example" rel="me">okafor.example</a></p>',
    "url": "https://mastodon.social/@marie_okafor",
    "uri": "https://mastodon.social/users/marie_okafor",
    "avatar": AVATAR,
    "avatar_static": AVATAR,
    "followers_count": 0,
    "following_count": 12,
    "statuses_count": 3,
    "fields": [
        {"name": "Web", "value": '<a href="https://okafor.example">x</a>', "verified_at": "2024-04-01T00:00:00.000Z"},
        {"name": "Other", "value": '<a href="https://other.example">x</a>', "verified_at": None},
        {"name": "From", "value": "Lagos", "verified_at": None},
    ],
}
REMOTE = {
    "id": "110",
    "username": "Marie",
    "acct": "Marie@Fosstodon.org",
    "display_name": "",
    "note": "",
    "bot": True,
    "noindex": True,
    "limited": True,
    "url": "https://fosstodon.org/@Marie",
    "avatar": "https://mastodon.social/avatars/original/missing.png",
}
GONE = {
    "id": "111",
    "username": "marieo",
    "acct": "marieo",
    "suspended": True,
    "url": "https://mastodon.social/@marieo",
}

SEEN = Account(
    "mastodon",
    "marie_okafor@mastodon.social",
    None,
    "Marie Okafor",
    "Marine biologist,\nLagos\n\nokafor.example",
    profile_url="https://mastodon.social/@marie_okafor",
    created_at=datetime(2024, 3, 5, tzinfo=UTC),
    followers=0,
    following=12,
    posts=3,
    bot=False,
    links=(Link("https://okafor.example", verified=True), Link("https://other.example", verified=False)),
)
ELSEWHERE = Account(
    "mastodon",
    "Marie@Fosstodon.org",
    profile_url="https://fosstodon.org/@Marie",
    bot=True,
    labels=("limited",),
)
ABSENT = {"error": "Record not found"}
LOOKUP = "/api/v1/accounts/lookup"

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange("/api/v2/search", {"accounts": [MARIE, REMOTE, GONE], "statuses": [], "hashtags": []},
                  {"q": "Marie Okafor", "type": "accounts", "limit": "40"}),),
        (SEEN, ELSEWHERE),
        withheld=1,
        pictures=(AVATAR, None),
    ),
    Example(
        "search",
        "Marie Okafor",
        (Exchange("/api/v2/search", {"error": "This method requires an authenticated user"}, status=401),),
        (),
        status="partial",
    ),
    Example("lookup", ("marie_okafor",), (Exchange(LOOKUP, MARIE, {"acct": "marie_okafor"}),), (SEEN,)),
    Example("lookup", ("nobody",), (Exchange(LOOKUP, ABSENT, status=404),), ()),
    Example(
        "lookup",
        ("Marie@Fosstodon.org",),
        (Exchange(LOOKUP, {**REMOTE, "acct": "Marie"}, {"acct": "Marie"}, host="fosstodon.org"),),
        (Account("mastodon", "Marie@fosstodon.org", profile_url="https://fosstodon.org/@Marie", bot=True,
                 labels=("limited",)),),
    ),
    Example(
        "lookup",
        ("marie_okafor@okafor.example",),
        (
            Exchange(LOOKUP, b"<html>no such page", status=404, headers={"Content-Type": "text/html"},
                     host="okafor.example"),
            Exchange(
                "/.well-known/webfinger",
                {
                    "subject": "acct:marie_okafor@okafor.example",
                    "links": [
                        {"rel": "http://webfinger.net/rel/profile-page", "href": "https://social.okafor.example/@m"},
                        {"rel": "self", "type": "application/activity+json",
                         "href": "https://social.okafor.example/users/marie_okafor"},
                    ],
                },
                {"resource": "acct:marie_okafor@okafor.example"},
                host="okafor.example",
            ),
            Exchange(LOOKUP, {"acct": "marie_okafor", "display_name": "Marie"}, host="social.okafor.example"),
        ),
        (Account("mastodon", "marie_okafor@okafor.example", display_name="Marie"),),
    ),
)  # fmt: skip
