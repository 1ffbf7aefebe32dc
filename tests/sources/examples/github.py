"""GitHub: shapes of docs.github.com/rest (search users, get a user)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"github_token": "not-a-token"}
AVATAR = "https://avatars.githubusercontent.com/u/7?v=4"

ITEM: dict[str, Any] = {
    "login": "marie-okafor",
    "id": 7,
    "node_id": "MDQ6VXNlcjc=",
    "avatar_url": AVATAR,
    "gravatar_id": "",
    "html_url": "https://github.com/marie-okafor",
    "type": "User",
    "site_admin": False,
    "score": 1.0,
}
FULL: dict[str, Any] = {
    **ITEM,
    "name": "Marie Okafor",
    "company": None,
    "blog": "https://okafor.example",
    "bio": "Marine biologist",
    "public_repos": 2,
    "followers": 0,
    "following": 3,
    "created_at": "2024-03-05T10:11:12Z",
}
FIRM = {"login": "okafor", "id": 8, "html_url": "https://github.com/okafor", "type": "Organization"}
ROBOT = {"login": "okafor-bot", "id": 9, "html_url": "https://github.com/okafor-bot", "type": "Bot", "blog": ""}

SEEN = Account(
    "github",
    "marie-okafor",
    "7",
    "Marie Okafor",
    "Marine biologist",
    profile_url="https://github.com/marie-okafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC),
    followers=0,
    following=3,
    bot=False,
    links=(Link("https://okafor.example"),),
)
COMPANY = Account(
    "github", "okafor", "8", profile_url="https://github.com/okafor", bot=False, labels=("organization",)
)  # fmt: skip
MACHINE = Account("github", "okafor-bot", "9", profile_url="https://github.com/okafor-bot", bot=True)
SEARCH = "/search/users"
ABSENT = {"message": "Not Found", "status": "404"}
NEXT = '<https://api.github.com/search/users?q=x&page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"'

EXAMPLES = (
    Example(
        "search",
        "Marie Okafor",
        (
            Exchange(SEARCH, {"total_count": 40, "incomplete_results": False, "items": [ITEM, FIRM]},
                     {"q": "Marie Okafor in:name", "page": "1"}, headers={"Link": NEXT}),
            Exchange("/users/marie-okafor", FULL),
            Exchange("/users/okafor", ABSENT, status=404),
        ),
        (SEEN, COMPANY),
        cursor="2",
        pictures=(AVATAR + "&s=400", None),
    ),
    Example(
        "search",
        "Marie: Okafor",
        (
            Exchange(SEARCH, {"total_count": 1, "incomplete_results": True, "items": [ITEM]},
                     {"q": "Marie  Okafor in:name"}),
            Exchange("/users/marie-okafor", FULL),
        ),
        (SEEN,),
        status="partial",
    ),
    Example("lookup", ("okafor-bot",), (Exchange("/users/okafor-bot", ROBOT),), (MACHINE,)),
    Example("lookup", ("nobody",), (Exchange("/users/nobody", ABSENT, status=404),), ()),
)  # fmt: skip
