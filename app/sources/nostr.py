"""Nostr: profiles found by name on relays that can search. No key.

Documents: github.com/nostr-protocol/nips, NIP-01 (REQ, EVENT, EOSE, CLOSED; kind 0 is a profile), NIP-11 (what a relay
can do), NIP-19 (npub), NIP-24 (further fields of a profile), NIP-50 (search). A relay that cannot search ignores the
words and sends whatever it has: so it is asked first what it can, and what it sends is filtered again.

An address of a profile (NIP-05) is a claim that only its own host can confirm. Strangers' hosts are not asked, so it is
never taken for the account's handle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from app.net.errors import BadReplyError, RateLimitedError, StatusError
from app.platforms.identity import profile_url
from app.settings import Settings
from app.sources.contract import Answer, Asker, Picture, Remote, Sighting, SourceInfo
from app.sources.npub import encode_npub
from app.sources.one_way import SearchOnly
from app.sources.reading import MAX_BIO, Json, address_of, count_of, flag_of, text_of
from app.sources.servers import host_of
from matchers.profile import Account, Link
from matchers.text import romanise, skeleton, words

LIMIT = 50
PROFILE = 0
SEARCH_NIP = 50
_SUBSCRIPTION = "clonecheck"
_KINDS = ("EVENT", "EOSE", "CLOSED")
_KEY = re.compile(r"[0-9a-f]{64}")
# A relay may send as many profiles as it likes; these are read.
_MOST = 500
_NOT_NOW = re.compile(r"^(?:rate-limited|blocked):")


def connect(settings: Settings) -> Remote:
    """Describe Nostr and list the relays that are set."""
    relays = settings.nostr_relays
    info = SourceInfo(
        name="nostr",
        title="Nostr",
        sees="Profiles found by name on the chosen relays, as far as these can search",
        cannot_see=(
            "Profiles that no chosen relay has; whether a relay passed a profile on unchanged (signatures are not "
            "checked); whether the internet address that a profile claims is its own; dates and followers"
        ),
        leaves_machine=True,
        verified="live_server",
        platforms=("nostr",),
        settings=("nostr_relays",),
        looks_up=False,
        ready=bool(relays),
        not_ready=None if relays else "Name relays to ask in CLONECHECK_NOSTR_RELAYS",
    )
    return Remote(info, tuple(map(Nostr, relays)))


class Nostr(SearchOnly):
    """One relay, as "relay.example" or "wss://relay.example/path"."""

    def __init__(self, relay: str) -> None:
        self._url = relay if "://" in relay else f"wss://{relay}"
        self._web = re.sub(r"^ws", "http", self._url)

    @property
    def place(self) -> str:
        """The relay's host."""
        return host_of(self._web) or self._url

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:  # noqa: ARG002  # it has no pages
        """The profiles that the relay finds for a name and that bear a word of it."""
        if not self._can_search(ask):
            return Answer(status="unknown", detail="The relay cannot search, so it was not asked")
        wanted = {"kinds": [PROFILE], "search": name, "limit": LIMIT}
        heard = ask.converse(self._url, [json.dumps(["REQ", _SUBSCRIPTION, wanted])], _is_last)
        messages = [message for message in map(_read, heard) if message]
        _refuse_if_closed(messages)
        events = list(_latest(messages))
        found = [sighting for event in events if (sighting := _sighting(event)) and _bears(event, name)]
        if not messages or messages[-1][0] != "EOSE":
            return Answer(tuple(found), "partial", "The relay broke off before it had sent everything")
        if events and not found:
            return Answer(status="partial", detail="The relay answered with profiles of other names")
        if len(events) >= LIMIT:
            return Answer(tuple(found), "partial", "The relay has further profiles of this name and shows no more")
        return Answer(tuple(found))

    def _can_search(self, ask: Asker) -> bool:
        reply = ask.get(self._web, headers={"Accept": "application/nostr+json"}).expect()
        nips = reply.json_object().get("supported_nips")
        return isinstance(nips, list) and SEARCH_NIP in [nip for nip in nips if not isinstance(nip, bool)]


def _read(text: str) -> list[Any] | None:
    """A message to our subscription, or None for anything else."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    ours = isinstance(message, list) and len(message) > 1 and message[1] == _SUBSCRIPTION
    return message if ours and message[0] in _KINDS else None


def _is_last(text: str) -> bool:
    message = _read(text)
    return message is not None and message[0] != "EVENT"


def _refuse_if_closed(messages: Sequence[list[Any]]) -> None:
    """A relay that closes the subscription itself has not answered; raises what its reason says (NIP-01)."""
    if not messages or messages[-1][0] != "CLOSED":
        return
    reason = text_of(messages[-1][2] if len(messages[-1]) > 2 else None, 500) or ""
    if _NOT_NOW.match(reason):
        raise RateLimitedError
    if reason.startswith(("auth-required:", "restricted:")):
        raise StatusError(403, "The relay answers to its members only")
    raise BadReplyError("The relay did not want to answer")


def _latest(messages: Sequence[list[Any]]) -> Iterable[Json]:
    """The newest profile of each key: a profile replaces the one before (NIP-01)."""
    newest: dict[str, tuple[int, Json]] = {}
    for message in messages[:_MOST]:
        event = message[2] if message[0] == "EVENT" and len(message) > 2 else None
        if not isinstance(event, dict) or event.get("kind") != PROFILE or isinstance(event.get("kind"), bool):
            continue
        key, moment = event.get("pubkey"), count_of(event.get("created_at")) or 0
        if isinstance(key, str) and _KEY.fullmatch(key) and moment >= newest.get(key, (0, event))[0]:
            newest[key] = (moment, event)
    return [event for _, event in newest.values()]


def _profile(event: Json) -> Json:
    """What the profile says: its content is JSON again."""
    content = event.get("content")
    try:
        told = json.loads(content) if isinstance(content, str) else None
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _bears(event: Json, name: str) -> bool:
    """Whether any word of the name stands in what the profile calls itself, by sound or by sight."""
    told = _profile(event)
    shown = [text_of(told.get(field), 500) for field in ("name", "display_name", "displayName", "nip05")]
    called = " ".join(filter(None, shown))
    return any(
        word in spell(called) for spell in (romanise, skeleton) for part in words(name) if len(word := spell(part)) > 1
    )


def _sighting(event: Json) -> Sighting | None:
    told = _profile(event)
    if not told:
        return None
    npub = encode_npub(bytes.fromhex(event["pubkey"]))
    website, picture = address_of(told.get("website")), address_of(told.get("picture"))
    names = (text_of(told.get(field)) for field in ("display_name", "displayName", "name"))
    account = Account(
        platform="nostr",
        account_id=npub,
        display_name=next(filter(None, names), None),
        bio=text_of(told.get("about"), MAX_BIO),
        profile_url=profile_url("nostr", None, npub),
        bot=flag_of(told.get("bot")),
        links=(Link(website),) if website else (),
    )
    return Sighting(account, Picture(picture) if picture else None)
