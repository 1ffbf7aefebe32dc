"""Probes: Keybase, the first site, in the shape of its documents; `tests/sources/test_probes.py` has the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from matchers.profile import Account
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {}
PATH = "/_/api/1.0/user/lookup.json"
AVATAR = "https://s3.amazonaws.com/keybase_processed_uploads/ab_360_360.jpg"


def user(name: str) -> dict[str, Any]:
    return {
        "id": f"{name}-id",
        "basics": {"username": name, "ctime": 1709633472, "id_version": 5},
        "profile": {"full_name": "Marie Okafor", "location": None, "bio": "Marine biologist"},
        "pictures": {"primary": {"url": AVATAR, "source": None}},
    }


def lookup(*them: dict[str, Any] | None, name: str | None = None) -> Exchange:
    query = {"usernames": name} if name else {}
    return Exchange(PATH, {"status": {"code": 0, "name": "OK"}, "them": list(them)}, query)


KNOWN = lookup(user("max"), name="max")
NOBODY = lookup(None)
SEEN = Account(
    "keybase",
    "marieokafor",
    "marieokafor-id",
    "Marie Okafor",
    "Marine biologist",
    profile_url="https://keybase.io/marieokafor",
    created_at=datetime(2024, 3, 5, 10, 11, 12, tzinfo=UTC),
)
EXAMPLES = (
    Example(
        "lookup",
        ("MarieOkafor", "marie.okafor", "marieokafor"),
        (KNOWN, lookup(user("marieokafor"), name="marieokafor"), NOBODY),
        (SEEN,),
        pictures=(AVATAR,),
    ),
    Example("lookup", ("nobody",), (KNOWN, NOBODY), ()),
)
