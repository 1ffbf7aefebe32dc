"""Matrix: shapes of spec.matrix.org, client-server API (user directory, profiles, whoami)."""

from __future__ import annotations

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"matrix_url": "https://matrix.example.org", "matrix_token": "not-a-token"}
V3 = "/_matrix/client/v3"
SEARCH = V3 + "/user_directory/search"
THUMBNAIL = (
    "https://matrix.example.org/_matrix/client/v1/media/thumbnail/example.org/SEsfn?width=400&height=400&method=scale"
)

MARIE = {
    "user_id": "@marie.okafor:example.org",
    "display_name": "Marie Okafor",
    "avatar_url": "mxc://example.org/SEsfn",
}
STRANGER = {"user_id": "@marie:matrix.org", "display_name": None, "avatar_url": "https://elsewhere.example/a.png"}

SEEN = Account(
    "matrix",
    "marie.okafor@example.org",
    "@marie.okafor:example.org",
    "Marie Okafor",
    profile_url="https://matrix.to/#/@marie.okafor:example.org",
)
ELSEWHERE = Account(
    "matrix", "marie@matrix.org", "@marie:matrix.org", profile_url="https://matrix.to/#/@marie:matrix.org"
)  # fmt: skip
ABSENT = {"errcode": "M_NOT_FOUND", "error": "Profile not found"}

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (Exchange(SEARCH, {"limited": False, "results": [MARIE, STRANGER]}, method="POST"),),
        (SEEN, ELSEWHERE),
        pictures=(THUMBNAIL, None),
    ),
    Example(
        "search", "Marie", (Exchange(SEARCH, {"limited": True, "results": [MARIE]}, method="POST"),), (SEEN,),
        status="partial",
    ),
    Example(
        "lookup",
        ("marie.okafor",),
        (
            Exchange(V3 + "/account/whoami", {"user_id": "@watcher:example.org"}),
            Exchange(V3 + "/profile/@marie.okafor:example.org",
                     {"displayname": "Marie Okafor", "avatar_url": "mxc://example.org/SEsfn"}),
        ),
        (SEEN,),
        pictures=(THUMBNAIL,),
    ),
    Example("lookup", ("marie@matrix.org",),
            (Exchange(V3 + "/profile/@marie:matrix.org", {"displayname": None}),), (ELSEWHERE,)),
    Example("lookup", ("marie@matrix.org",), (Exchange(V3 + "/profile/@marie:matrix.org", {}),), ()),
    Example("lookup", ("no:matrix.org",), (Exchange(V3 + "/profile/@no:matrix.org", ABSENT, status=404),), ()),
    Example(
        "lookup", ("shy:matrix.org",),
        (Exchange(V3 + "/profile/@shy:matrix.org", {"errcode": "M_FORBIDDEN"}, status=403),), (), status="partial",
    ),
)  # fmt: skip
