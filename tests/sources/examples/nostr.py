"""Nostr: shapes of NIP-01 and NIP-11; `tests/sources/test_nostr.py` talks to a relay on a real socket."""

from __future__ import annotations

import json
from typing import Any

from matchers.profile import Account, Link
from tests.sources.examples import Example, Exchange

SETTINGS: dict[str, object] = {"nostr_relays": ("relay.example",)}
# The key and its npub are those of NIP-19's own example.
KEY = "7e7e9c42a91bfef19fa929e5fda1b72e0ebc1a4c1141673e2794234d86addf4e"
NPUB = "npub10elfcs4fr0l0r8af98jlmgdh9c8tcxjvz9qkw038js35mp4dma8qzvjptg"
PICTURE = "https://pictures.example/marie.jpg"
PROFILE: dict[str, Any] = {
    "name": "marie",
    "display_name": "Marie Okafor",
    "about": "Marine biologist",
    "picture": PICTURE,
    "nip05": "marie@okafor.example",
    "website": "https://okafor.example",
    "bot": False,
}
CAN_SEARCH = Exchange("/", {"name": "a relay", "supported_nips": [1, 11, 50]})
SUBSCRIPTION = "clonecheck"


def event(profile: object, key: str = KEY, moment: int = 1_700_000_000, kind: int = 0) -> list[Any]:
    told = {"id": "0" * 64, "pubkey": key, "created_at": moment, "kind": kind, "tags": [], "sig": "0" * 128}
    return ["EVENT", SUBSCRIPTION, {**told, "content": profile if isinstance(profile, str) else json.dumps(profile)}]


def talk(*messages: list[Any]) -> Exchange:
    return Exchange("/", [*messages, ["EOSE", SUBSCRIPTION]], method="TALK")


SEEN = Account(
    "nostr",
    account_id=NPUB,
    display_name="Marie Okafor",
    bio="Marine biologist",
    profile_url=f"https://njump.me/{NPUB}",
    bot=False,
    links=(Link("https://okafor.example"),),
)
OLD = event({"name": "another time"}, moment=1_600_000_000)
STRANGER = event({"name": "bob"}, key="1" * 64)
NOTE = event("Marie Okafor says hello", key="2" * 64, kind=1)

EXAMPLES = (
    Example("search", "Marie Okafor", (CAN_SEARCH, talk(event(PROFILE), OLD, STRANGER, NOTE)), (SEEN,),
            pictures=(PICTURE,)),
    Example("search", "nobody", (CAN_SEARCH, talk()), ()),
    Example("search", "nobody", (CAN_SEARCH, talk(STRANGER, event(PROFILE))), (), status="partial"),
    Example("search", "Marie", (Exchange("/", {"supported_nips": [1, 11]}),), (), status="unknown"),
)  # fmt: skip
