"""A Nostr relay as it is: what it says of itself, profiles with real signatures, and its search."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx2
import pytest
from websockets.sync.client import connect

from tests.servers.nostr import Relay, ask_relay, run_relay
from tests.servers.people import Person

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    people = [
        Person("anna", "Anna Bergström", "Writes about bridges."),
        Person("anna_berg", "Anna Bergström"),
        Person("otto", "Otto Lind"),
    ]
    with run_relay(people) as running:
        yield running


def test_it_says_that_it_can_search(client: httpx2.Client, relay: Relay) -> None:
    headers = {"Accept": "application/nostr+json"}
    told = client.get(relay.url.replace("ws:", "http:"), headers=headers).json()
    assert {1, 11, 50} <= set(told["supported_nips"])


def test_a_search_finds_profiles_by_their_words(relay: Relay) -> None:
    found = ask_relay(relay.url, {"kinds": [0], "search": "Anna Bergström", "limit": 10})
    assert {event["pubkey"] for event in found} == {relay.keys["anna"], relay.keys["anna_berg"]}
    assert {json.loads(event["content"])["display_name"] for event in found} == {"Anna Bergström"}
    assert ask_relay(relay.url, {"kinds": [0], "search": "nobody here", "limit": 10}) == []


def test_a_profile_that_somebody_changed_is_refused(relay: Relay) -> None:
    [event] = ask_relay(relay.url, {"kinds": [0], "authors": [relay.keys["otto"]]})
    with connect(relay.url, proxy=None) as line:
        line.send(json.dumps(["EVENT", event | {"content": '{"name": "anna"}'}]))
        verb, _, accepted, reason = json.loads(line.recv(60))
    assert (verb, accepted) == ("OK", False)
    assert reason.startswith("invalid:")
    assert ask_relay(relay.url, {"kinds": [0], "authors": [relay.keys["otto"]]}) == [event]
