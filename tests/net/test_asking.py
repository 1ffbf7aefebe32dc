"""Repeating, waiting, caching and counting, against real servers."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import trustme
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as serve_websocket

from app.net.asking import ATTEMPTS, Asker, Net
from app.net.budget import Budget, Ledger
from app.net.client import NetClient, Rules
from app.net.errors import (
    BadCertificateError,
    BadReplyError,
    BudgetSpentError,
    CircuitOpenError,
    NetError,
    RateLimitedError,
    RefusedAddressError,
    StatusError,
    StoppedError,
    TimedOutError,
    UnreachableError,
)
from app.net.hosts import MAX_FAILURES
from tests.net.servers import reply, says, serve


@contextmanager
def _asker(*names: str, calls: int = 20, seconds: float = 10.0, longest_wait: float = 15.0) -> Iterator[Asker]:
    rules = Rules(
        allowed=frozenset(names), read_seconds=5, call_seconds=5, calls_per_second=500, longest_wait=longest_wait
    )
    net = Net(NetClient(rules))
    try:
        yield net.asker(Ledger(Budget(calls, seconds)))
    finally:
        net.close()


BUSY = reply(b"{}", "429 Too Many Requests", extra="Retry-After: 0\r\n")
STORM = reply(b"{}", "429 Too Many Requests", extra="Retry-After: 3600\r\n")
DOWN = reply(b"<html>", "503 Service Unavailable", "text/html")


def test_a_server_that_asks_to_wait_a_moment_gets_asked_again() -> None:
    with serve(says(BUSY, reply(b'{"a": 1}'))) as server, _asker(server.name) as ask:
        assert ask.get(server.url).json_object() == {"a": 1}
        assert ask.ledger.calls == 2


def test_a_storm_of_429_ends_with_the_moment_to_come_back() -> None:
    with serve(says(STORM)) as server, _asker(server.name) as ask:
        start = time.monotonic()
        for _ in range(3):
            with pytest.raises(RateLimitedError) as caught:
                ask.get(server.url)
        assert time.monotonic() - start < 1
        assert caught.value.retry_at is not None
        assert 3500 < (caught.value.retry_at - datetime.now(UTC)).total_seconds() < 3700
    # Whoever was told to wait does not ask again.
    assert len(server.requests) == 1


def test_a_server_in_trouble_is_asked_a_few_times() -> None:
    with serve(says(DOWN)) as server, _asker(server.name) as ask:
        with pytest.raises(StatusError) as caught:
            ask.get(server.url).expect()
        assert caught.value.status == 503
        assert len(server.requests) == ATTEMPTS


def test_a_call_that_changes_something_is_made_once() -> None:
    with serve(says(DOWN, reply())) as server, _asker(server.name) as ask:
        assert ask.post(server.url, json={"a": 1}).status == 503
        assert ask.post(server.url, json={"a": 1}, repeat=True).status == 200


def test_what_cannot_be_reached_is_tried_again_and_then_left_alone() -> None:
    with serve(says(b"")) as server, _asker(server.name) as ask:
        failures = 0
        while failures < MAX_FAILURES + ATTEMPTS:
            with pytest.raises(NetError) as caught:
                ask.get(server.url)
            if isinstance(caught.value, CircuitOpenError):
                break
            failures += ATTEMPTS
            assert isinstance(caught.value, UnreachableError)
        assert isinstance(caught.value, CircuitOpenError)
        assert len(server.requests) <= MAX_FAILURES


def test_the_budget_of_calls_counts_repeats() -> None:
    with serve(says(BUSY)) as server, _asker(server.name, calls=2) as ask:
        with pytest.raises(RateLimitedError):
            ask.get(server.url)
        assert ask.ledger.calls == len(server.requests) == 2
        with pytest.raises(BudgetSpentError):
            ask.get(server.url)


def test_refused_addresses_cost_nothing() -> None:
    with _asker() as ask:
        with pytest.raises(RefusedAddressError):
            ask.get("http://127.0.0.1:1/")
        assert ask.ledger.calls == 0


def _stall(_line: socket.socket, _head: str, _count: int) -> None:
    time.sleep(3)


def test_the_seconds_of_the_budget_end_a_stall() -> None:
    with serve(_stall) as server, _asker(server.name, seconds=0.5) as ask:
        start = time.monotonic()
        with pytest.raises((BudgetSpentError, TimedOutError)):
            ask.get(server.url)
        assert time.monotonic() - start < 1.5


def test_a_cancelled_scan_hangs_up() -> None:
    with serve(_stall) as server, _asker(server.name) as ask:
        threading.Timer(0.2, ask.ledger.stop).start()
        start = time.monotonic()
        with pytest.raises(StoppedError):
            ask.get(server.url)
        assert time.monotonic() - start < 1.5


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": NaN', b"[" * 100_000, b"<!DOCTYPE html><html>"])
def test_what_is_no_json_is_a_bad_reply(body: bytes) -> None:
    with serve(says(reply(body))) as server, _asker(server.name) as ask, pytest.raises(BadReplyError):
        ask.get(server.url).json()


def test_json_of_another_shape_is_a_bad_reply() -> None:
    with serve(says(reply(b"[1, {}]"))) as server, _asker(server.name) as ask:
        assert ask.get(server.url).json_list() == [{}]
        with pytest.raises(BadReplyError):
            ask.get(server.url).json_object()


def test_a_fresh_reply_is_not_asked_for_again() -> None:
    kept = reply(b'{"a": 1}', extra="Cache-Control: max-age=60\r\n")
    with serve(says(kept)) as server, _asker(server.name) as ask:
        for _ in range(3):
            assert ask.get(server.url, {"q": "x"}).json() == {"a": 1}
        ask.get(server.url, {"q": "y"})
    assert len(server.requests) == ask.ledger.calls == 2


def test_a_stale_reply_is_asked_for_by_its_mark() -> None:
    marked = reply(b'{"a": 1}', extra='Cache-Control: max-age=0\r\nETag: "1"\r\n')
    same = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nConnection: close\r\n\r\n'
    with serve(says(marked, same)) as server, _asker(server.name) as ask:
        assert [ask.get(server.url).json() for _ in range(2)] == [{"a": 1}, {"a": 1}]
    assert 'if-none-match: "1"' in server.requests[1].lower()


def test_what_must_not_be_stored_is_not() -> None:
    with serve(says(reply(b"1", extra="Cache-Control: no-store\r\n"))) as server, _asker(server.name) as ask:
        ask.get(server.url)
        ask.get(server.url)
    assert len(server.requests) == 2


def test_pictures_are_fetched_past_the_cache() -> None:
    kept = reply(b"picture", kind="image/png", extra="Cache-Control: max-age=60\r\n")
    with serve(says(kept)) as server, _asker(server.name) as ask:
        for _ in range(2):
            assert ask.fetch_picture(server.url, {}, 1000).content == b"picture"
    assert len(server.requests) == 2


def test_robots_txt_is_read_once_and_heeded() -> None:
    rules = reply(b"User-agent: *\nDisallow: /private\n", kind="text/plain")
    with serve(says(rules)) as server, _asker(server.name) as ask:
        assert ask.may_visit(server.url + "open")
        assert not ask.may_visit(server.url + "private/x")
        assert len(server.requests) == 1
    with serve(says(reply(b"", "404 Not Found"))) as server, _asker(server.name) as ask:
        assert ask.may_visit(server.url + "private/x")
    with serve(says(reply(b"", "500 Broken"))) as server, _asker(server.name) as ask:
        assert not ask.may_visit(server.url + "open")


@contextmanager
def _relay(tls: ssl.SSLContext | None = None) -> Iterator[int]:
    def talk(connection: ServerConnection) -> None:
        try:
            for said in connection:
                if said == "hang up":
                    return
                connection.send("one")
                connection.send("last" if said == "hello" else "more")
        except ConnectionClosed:
            return

    with serve_websocket(talk, "127.0.0.1", 0, ssl=tls) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.socket.getsockname()[1]
        server.shutdown()
        thread.join(2)


def test_a_talk_over_a_websocket() -> None:
    with _relay() as port, _asker(f"localhost:{port}", seconds=1.0) as ask:
        url = f"ws://localhost:{port}/"
        assert ask.converse(url, ["hello"], lambda text: text == "last") == ["one", "last"]
        with pytest.raises(UnreachableError):
            ask.converse(url, ["hang up"], lambda text: text == "last")
        with pytest.raises(RefusedAddressError):
            ask.converse(f"ws://127.0.0.1:{port}/", ["hello"], lambda _text: True)
        with pytest.raises(TimedOutError):
            ask.converse(url, ["endless"], lambda text: text == "last")


@pytest.mark.parametrize("scheme", ["http", "https", "wsx", "", "file"])
def test_only_websockets_are_talked_over(scheme: str) -> None:
    with _asker() as ask, pytest.raises(RefusedAddressError):
        ask.converse(f"{scheme}://news.example/", ["hello"], lambda _text: True)


def test_a_talk_does_not_move_to_another_place() -> None:
    with serve(says(reply())) as inner:
        moved = reply(b"", "302 Found", extra=f"Location: ws://{inner.name}/\r\n")
        with serve(says(moved)) as server, _asker(server.name) as ask, pytest.raises(RefusedAddressError):
            ask.converse(f"ws://{server.name}/", ["hello"], lambda _text: True)
        assert inner.requests == []


@pytest.mark.parametrize(("name", "proven"), [("relay.test", True), ("other.test", False)])
def test_a_relay_must_prove_its_name(name: str, proven: bool) -> None:
    authority = trustme.CA()
    for_server, for_client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert(name).configure_cert(for_server)
    authority.configure_trust(for_client)
    with _relay(for_server) as port:
        rules = Rules(allowed=frozenset({f"relay.test:{port}"}))
        net = Net(NetClient(rules, resolver=lambda _host, _port: ["127.0.0.1"], tls=for_client))
        ask, url = net.asker(Ledger(Budget())), f"wss://relay.test:{port}/"
        if proven:
            assert ask.converse(url, ["hello"], lambda text: text == "last") == ["one", "last"]
        else:
            with pytest.raises(BadCertificateError):
                ask.converse(url, ["hello"], lambda _text: True)
        net.close()
