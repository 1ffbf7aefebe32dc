"""What every source outside must keep, fed by its examples: a new source needs a module in `examples/` and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from app.net.asking import Net
from app.net.budget import Budget, Ledger
from app.net.errors import NetError
from app.platforms.catalogue import load_catalogue
from app.settings import Settings
from app.sources.contract import Answer, Remote
from app.sources.registry import CONNECT
from tests.sources.examples import Example, Exchange, Replay, load_examples, replay_net

NAMES = tuple(connect(Settings()).info.name for connect in CONNECT)
CASES = [
    pytest.param(name, example, id=f"{name}-{example.ask}-{at}")
    for name in NAMES
    for at, example in enumerate(load_examples(name).examples)
]
# Values of every kind; a platform may send any of them where we expect another.
JUNK: tuple[Any, ...] = (None, True, -1, 10**30, 1.5, "", "\x00\ud800", "x" * 20_000, [], {}, [[]], [None], {"": {}})


def _connect(name: str) -> Remote:
    settings = Settings(**load_examples(name).settings)
    return next(remote for connect in CONNECT if (remote := connect(settings)).info.name == name)


def _ask(remote: Remote, example: Example, net: Net, cursor: str | None = None) -> Answer:
    ask = net.asker(Ledger(Budget(50, 10.0)))
    connector = remote.connectors[0]
    if isinstance(example.what, str):
        return connector.search(example.what, ask, cursor)
    return connector.lookup(example.what, ask)


def _play(name: str, example: Example, exchanges: tuple[Exchange, ...] | None = None) -> tuple[Answer, Replay]:
    transport = Replay(example.exchanges if exchanges is None else exchanges)
    net = replay_net(transport, Settings(**load_examples(name).settings))
    try:
        return _ask(_connect(name), example, net), transport
    finally:
        net.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_source_says_what_it_is(name: str) -> None:
    info = _connect(name).info
    assert info.ready
    assert info.sees
    assert info.cannot_see
    assert info.leaves_machine
    assert info.searches or info.looks_up
    assert info.lookup_size >= 1
    assert set(info.platforms) <= load_catalogue().platforms.keys()
    assert set(info.settings) <= Settings.model_fields.keys()
    assert all(connector.place for connector in _connect(name).connectors)


@pytest.mark.parametrize("name", NAMES)
def test_what_a_source_can_do_has_an_example(name: str) -> None:
    info, examples = _connect(name).info, load_examples(name).examples
    proven = {example.ask for example in examples if example.accounts and example.origin != "made up"}
    assert proven == {ask for ask, can in (("search", info.searches), ("lookup", info.looks_up)) if can}
    assert any(not example.accounts for example in examples), "an example of nothing found"


@pytest.mark.parametrize(("name", "example"), CASES)
def test_an_example_is_read_as_it_should(name: str, example: Example) -> None:
    answer, transport = _play(name, example)
    assert transport.unexpected == []
    assert tuple(sighting.account for sighting in answer.sightings) == example.accounts
    assert (answer.status, answer.cursor, answer.withheld) == (example.status, example.cursor, example.withheld)
    assert (answer.status == "ok") == (answer.detail is None)
    if example.pictures is not None:
        assert tuple(one.picture and one.picture.url for one in answer.sightings) == example.pictures


@pytest.mark.parametrize(("name", "example"), CASES)
def test_everything_goes_over_tls_and_names_are_escaped(name: str, example: Example) -> None:
    hostile = "a&b=c#d/../?e%00 é"
    _, plain = _play(name, example)
    what = hostile if isinstance(example.what, str) else example.what
    transport = Replay(tuple(replace(exchange, query={}) for exchange in example.exchanges))
    net = replay_net(transport)
    _ask(_connect(name), replace(example, what=what), net)
    net.close()
    assert {request.url.scheme for request in (*plain.requests, *transport.requests)} == {"https"}
    assert transport.requests[0].url.path == plain.requests[0].url.path


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 429, 500, 503])
@pytest.mark.parametrize(("name", "example"), CASES)
def test_no_status_breaks_a_source(name: str, example: Example, status: int) -> None:
    exchanges = tuple(replace(exchange, status=status, body={}) for exchange in example.exchanges)
    try:
        answer, _ = _play(name, example, exchanges)
    except NetError:
        return
    assert answer.sightings == ()
    assert status in {400, 401, 403, 404, 410}, "anything else must not pass for an answer"


def _spoil(value: Any, junk: Any) -> Iterator[Any]:
    """The value with each of its members, at any depth, replaced by junk, one at a time."""
    yield junk
    if isinstance(value, dict):
        for key in value:
            for spoilt in _spoil(value[key], junk):
                yield {**value, key: spoilt}
    elif isinstance(value, list):
        for at, item in enumerate(value):
            for spoilt in _spoil(item, junk):
                yield [*value[:at], spoilt, *value[at + 1 :]]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize(("name", "example"), CASES)
def test_no_reply_breaks_a_source(name: str, example: Example, junk: Any) -> None:
    remote = _connect(name)
    state: dict[str, Any] = {}

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = next((one for one in example.exchanges if one.matches(request)), example.exchanges[-1])
        body = state["body"] if found is state["exchange"] else found.body
        return replace(found, body=body, headers={"Cache-Control": "no-store", **found.headers}).answer()

    net = replay_net(httpx2.MockTransport(answer))
    for exchange in example.exchanges:
        state["exchange"] = exchange
        for spoilt in () if isinstance(exchange.body, bytes) else _spoil(exchange.body, junk):
            state["body"] = json.dumps(spoilt).encode()
            try:
                found = _ask(remote, example, net)
            except NetError:
                continue
            for sighting in found.sightings:
                assert sighting.account.platform in load_catalogue().platforms
                assert sighting.account.handle or sighting.account.account_id or sighting.account.display_name
    net.close()


@pytest.mark.parametrize("body", [b"", b"<html><body>Please log in", b"{", b"\xff" * 100, b"null", b"[]", b"{}"])
@pytest.mark.parametrize(("name", "example"), CASES)
def test_what_is_no_data_is_told(name: str, example: Example, body: bytes) -> None:
    exchanges = tuple(replace(exchange, body=body, status=200) for exchange in example.exchanges)
    try:
        answer, _ = _play(name, example, exchanges)
    except NetError:
        return
    assert body in {b"{}", b"[]"}
    assert answer.sightings == ()
