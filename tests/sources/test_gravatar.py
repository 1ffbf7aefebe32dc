"""Gravatar: nobody is looked up by e-mail, and another profile than asked for is none."""

from __future__ import annotations

import pytest

from app.net.budget import Budget, Ledger
from app.sources.contract import Answer
from app.sources.gravatar import Gravatar
from tests.sources.examples import Exchange, Replay, replay_net
from tests.sources.examples.gravatar import MARIE, PATH


def look(replay: Replay, *handles: str, key: str | None = None) -> Answer:
    net = replay_net(replay)
    try:
        return Gravatar(key).lookup(handles, net.asker(Ledger(Budget(9, 10.0))))
    finally:
        net.close()


@pytest.mark.parametrize("handle", ["a" * 64, "jane@mail.example", "a/b", ""])
def test_a_hash_or_an_address_is_never_asked_for(handle: str) -> None:
    replay = Replay(())
    assert look(replay, handle) == Answer()
    assert replay.requests == []


def test_a_profile_of_another_name_is_left_out() -> None:
    hash_of_somebody = "d41d8cd98f00b204e9800998ecf8427e"
    assert look(Replay((Exchange(PATH + hash_of_somebody, MARIE),)), hash_of_somebody) == Answer()


@pytest.mark.parametrize("key", [None, "k"])
def test_the_key_travels_in_a_header(key: str | None) -> None:
    replay = Replay((Exchange(PATH + "marieokafor", MARIE),))
    look(replay, "marieokafor", key=key)
    assert [request.headers.get("authorization") for request in replay.requests] == [key and f"Bearer {key}"]
