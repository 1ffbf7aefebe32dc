"""Nostr: npub, and a real talk (NIP-01, NIP-11, NIP-50) with a relay on a socket of this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from app.net.asking import Net
from app.net.budget import Budget, Ledger
from app.net.client import NetClient, Rules
from app.net.errors import BadReplyError, NetError, RateLimitedError, StatusError
from app.settings import Settings
from app.sources import nostr
from app.sources.contract import Answer
from app.sources.nostr import Nostr
from app.sources.npub import encode_npub
from matchers.text import romanise
from tests.sources.examples.nostr import KEY, NPUB, PROFILE, SEEN, event

BOB = {"name": "bob"}


class Relay:
    """A relay with stored events. It searches in what a profile says, or, like one without NIP-50, ignores the words.

    `closes` is the reason it gives instead of an answer; `chats` are messages of other kinds between the events.
    """

    def __init__(self, *events: list[Any], nips: Any = (1, 11, 50), searches: bool = True, closes: str | None = None):
        self.events = [told[2] for told in events]
        self.nips = nips
        self.searches = searches
        self.closes = closes
        self.hangs_up = False
        self.asked: list[Any] = []

    def inform(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Accept") == "application/nostr+json":
            return connection.respond(200, json.dumps({"name": "test", "supported_nips": self.nips}))
        return None

    def talk(self, connection: ServerConnection) -> None:
        try:
            for said in connection:
                verb, subscription, wanted = json.loads(said)
                self.asked.append((verb, wanted))
                connection.send(json.dumps(["NOTICE", "welcome"]))
                connection.send(json.dumps(["AUTH", "challenge"]))
                if self.closes is not None:
                    connection.send(json.dumps(["CLOSED", subscription, self.closes]))
                    continue
                for stored in self.events:
                    if self._wants(stored, wanted):
                        connection.send(json.dumps(["EVENT", "another subscription", stored]))
                        connection.send(json.dumps(["EVENT", subscription, stored]))
                if self.hangs_up:
                    return
                connection.send(json.dumps(["EOSE", subscription]))
        except ConnectionClosed:
            return

    def _wants(self, stored: dict[str, Any], wanted: dict[str, Any]) -> bool:
        called = romanise(str(stored["content"]))
        fits = any(word in called for word in romanise(wanted["search"]).split())
        return not self.searches or (stored["kind"] in wanted["kinds"] and fits)


@contextmanager
def run(relay: Relay) -> Iterator[str]:
    with serve(relay.talk, "127.0.0.1", 0, process_request=relay.inform) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"localhost:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join(2)


def ask_relay(relay: Relay, name: str) -> Answer:
    with run(relay) as place:
        net = Net(NetClient(Rules(allowed=frozenset({place}))))
        try:
            return Nostr(f"ws://{place}").search(name, net.asker(Ledger(Budget(10, 5.0))))
        finally:
            net.close()


def accounts(answer: Answer) -> list[str | None]:
    return [one.account.account_id for one in answer.sightings]


def test_a_real_talk_finds_the_profile() -> None:
    relay = Relay(event(PROFILE), event(BOB, key="1" * 64))
    answer = ask_relay(relay, "Marie Okafor")
    assert [one.account for one in answer.sightings] == [SEEN]
    assert answer.status == "ok"
    assert relay.asked == [("REQ", {"kinds": [0], "search": "Marie Okafor", "limit": nostr.LIMIT})]


def test_a_relay_that_cannot_search_is_not_asked() -> None:
    relay = Relay(event(PROFILE), nips=[1, 11, 42])
    answer = ask_relay(relay, "Marie Okafor")
    assert (answer.sightings, answer.status) == ((), "unknown")
    assert relay.asked == []


def test_a_relay_that_ignores_the_words_is_filtered() -> None:
    note = event("Marie Okafor", key="2" * 64, kind=1)
    answer = ask_relay(Relay(event(BOB, key="1" * 64), event(PROFILE), note, searches=False), "Marie Okafor")
    assert accounts(answer) == [NPUB]
    none = ask_relay(Relay(event(BOB, key="1" * 64), searches=False), "Marie Okafor")
    assert (none.sightings, none.status) == ((), "partial")


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_profile_of_a_key_counts(order: int) -> None:
    both = [event({"name": "marie the first"}, moment=1_600_000_000), event({"name": "marie"}, moment=1_700_000_000)]
    answer = ask_relay(Relay(*both[::order]), "marie")
    assert [one.account.display_name for one in answer.sightings] == ["marie"]


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("rate-limited: slow down", RateLimitedError),
        ("auth-required: who are you", StatusError),
        ("restricted: members", StatusError),
        ("error: broken", BadReplyError),
        ("", BadReplyError),
    ],
)
def test_a_closed_subscription_is_no_answer(reason: str, error: type[NetError]) -> None:
    with pytest.raises(error):
        ask_relay(Relay(event(PROFILE), closes=reason), "Marie Okafor")


def test_a_relay_that_hangs_up_has_told_a_part() -> None:
    relay = Relay(event(PROFILE))
    relay.hangs_up = True
    answer = ask_relay(relay, "Marie Okafor")
    assert (accounts(answer), answer.status) == ([NPUB], "partial")


def test_a_full_page_is_told() -> None:
    many = [event({"name": f"marie {at}"}, key=f"{at:064x}") for at in range(nostr.LIMIT)]
    answer = ask_relay(Relay(*many), "marie")
    assert len(answer.sightings) == nostr.LIMIT
    assert answer.status == "partial"


@pytest.mark.parametrize("shown", ["Мария Окафор", "M\u0430rie 0kaf\u043er", "marieokafor", "MARIE"])
def test_a_name_in_other_letters_stays(shown: str) -> None:
    name = "Мария Окафор" if shown.startswith("Мари") else "Marie Okafor"
    answer = ask_relay(Relay(event({"name": shown}), searches=False), name)
    assert accounts(answer) == [NPUB]


def test_a_claimed_address_is_no_handle() -> None:
    [sighting] = ask_relay(Relay(event({**PROFILE, "nip05": "jane@famous.example"})), "Marie").sightings
    assert sighting.account.handle is None


@pytest.mark.parametrize("content", ["", "null", "[]", "7", "{", "[" * 100_000, '{"name": 7}', '{"name": "\\ud800"}'])
def test_content_that_is_no_profile_is_left_out(content: str) -> None:
    assert ask_relay(Relay(event(content), searches=False), "marie").sightings == ()


@pytest.mark.parametrize("key", ["", "z" * 64, "A" * 64, "1" * 63, 7, None])
def test_a_key_that_is_none_is_left_out(key: Any) -> None:
    assert ask_relay(Relay(event(PROFILE, key=key)), "marie").sightings == ()


@pytest.mark.parametrize("nips", [None, 50, "50", {}, [], [True], ["50"], [[50]]])
def test_what_a_relay_can_do_is_not_guessed(nips: Any) -> None:
    assert ask_relay(Relay(event(PROFILE), nips=nips), "marie").status == "unknown"


def test_without_relays_it_is_not_ready() -> None:
    assert not nostr.connect(Settings(nostr_relays=())).info.ready


@pytest.mark.parametrize(
    ("key", "npub"),
    [
        (KEY, NPUB),
        (
            "3bf0c63fcb93463407af97a5e5ee64fa883d107ef9e558472c4eb9aaaefa459d",
            "npub180cvv07tjdrrgpa0j7j7tmnyl2yr6yr7l8j4s3evf6u64th6gkwsyjh6w6",
        ),
    ],
)
def test_npub_is_written_as_in_the_documents(key: str, npub: str) -> None:
    assert encode_npub(bytes.fromhex(key)) == npub


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_two_keys_have_two_npubs(one: bytes, other: bytes) -> None:
    assert len(encode_npub(one)) == 63
    assert (encode_npub(one) == encode_npub(other)) == (one == other)
