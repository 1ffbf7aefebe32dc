"""Bluesky: shapes of the lexicons app.bsky.actor.searchActors, getProfiles and defs."""

from __future__ import annotations

from datetime import UTC, datetime

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {}
SEARCH = "/xrpc/app.bsky.actor.searchActors"
TYPEAHEAD = "/xrpc/app.bsky.actor.searchActorsTypeahead"
PROFILES = "/xrpc/app.bsky.actor.getProfiles"
AVATAR = "https://cdn.bsky.app/img/avatar/plain/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/bafkreia@jpeg"

MARIE = {
    "did": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
    "handle": "marie-okafor.bsky.social",
    "displayName": "Marie Okafor",
    "description": "Marine biologist.\nLagos",
    "avatar": AVATAR,
    "associated": {"activitySubscription": {"allowSubscriptions": "followers"}},
    "createdAt": "2024-03-05T10:11:12.345Z",
    "indexedAt": "2024-03-05T10:11:13.000Z",
    "labels": [],
    "viewer": {"muted": False, "blockedBy": False},
}
# What typing offers tells less.
BASIC = {key: MARIE[key] for key in ("did", "handle", "displayName", "avatar")}
FULL = {
    **MARIE,
    "followersCount": 0,
    "followsCount": 12,
    "postsCount": 3,
    "verification": {"verifications": [], "verifiedStatus": "valid", "trustedVerifierStatus": "none"},
    "labels": [
        {
            "src": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
            "uri": "at://x",
            "val": "parody",
            "cts": "2024-03-05T10:11:12.345Z",
        },
        {"src": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa", "uri": "at://x", "val": "bot", "cts": "2024-03-05T10:11:12.345Z"},
        {"src": "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb", "uri": "at://x", "val": "spam", "neg": True},
    ],
}
SHY = {
    "did": "did:plc:cccccccccccccccccccccccc",
    "handle": "marie.bsky.social",
    "displayName": "Marie",
    "labels": [{"val": "!no-unauthenticated"}],
}
BARE = {"did": "did:plc:dddddddddddddddddddddddd", "handle": "handle.invalid"}

SEEN = Account(
    "bluesky",
    "marie-okafor.bsky.social",
    "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
    "Marie Okafor",
    "Marine biologist.\nLagos",
    profile_url="https://bsky.app/profile/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
    created_at=datetime(2024, 3, 5, 10, 11, 12, 345_000, tzinfo=UTC),
)
LOOKED_UP = Account(
    "bluesky",
    "marie-okafor.bsky.social",
    "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
    "Marie Okafor",
    "Marine biologist.\nLagos",
    profile_url="https://bsky.app/profile/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa",
    created_at=datetime(2024, 3, 5, 10, 11, 12, 345_000, tzinfo=UTC),
    followers=0,
    following=12,
    posts=3,
    verified=True,
    verified_kind="trusted_verifier",
    bot=True,
    labels=("parody", "bot"),
)
NAMELESS = Account(
    "bluesky",
    None,
    "did:plc:dddddddddddddddddddddddd",
    profile_url="https://bsky.app/profile/did:plc:dddddddddddddddddddddddd",
)

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (
            Exchange(SEARCH, {"actors": [MARIE, SHY], "cursor": "2"}, {"q": "Marie Okafor", "limit": "50"}),
            Exchange(TYPEAHEAD, {"actors": [BASIC, BARE]}, {"q": "Marie Okafor", "limit": "50"}),
        ),
        (SEEN, NAMELESS),
        cursor="2",
        withheld=1,
        pictures=(AVATAR, None),
    ),
    Example(
        "search",
        "Marie Okafor",
        (Exchange(SEARCH, {"actors": [MARIE]}), Exchange(TYPEAHEAD, {"error": "MethodNotImplemented"}, status=501)),
        (SEEN,),
    ),
    Example(
        "search",
        "Marie Okafor",
        (Exchange(SEARCH, {"actors": [MARIE]}), Exchange(TYPEAHEAD, b"<html>", status=200)),
        (SEEN,),
        origin="made up",
        status="partial",
    ),
    Example(
        "lookup",
        ("marie-okafor.bsky.social", "nobody.bsky.social"),
        (Exchange(PROFILES, {"profiles": [FULL]}),),
        (LOOKED_UP,),
        pictures=(AVATAR,),
    ),
    Example(
        "lookup",
        ("nobody.bsky.social",),
        (Exchange(PROFILES, {"error": "InvalidRequest", "message": "Profile not found"}, status=400),),
        (),
    ),
)
