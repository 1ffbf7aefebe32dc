"""One call outside, against real servers that misbehave."""

from __future__ import annotations

import gzip
import socket
import ssl
import time

import pytest
import trustme

from app.net.client import Call, NetClient, Rules
from app.net.errors import (
    BadCertificateError,
    NetError,
    RefusedAddressError,
    TimedOutError,
    TooBigError,
    TooManyRedirectsError,
    UnreachableError,
)
from app.net.watch import Bounds
from tests.net.servers import Behaviour, Running, keeps_and_resets, reply, says, serve

MEGABYTE = 1024 * 1024


def _client(*servers: Running, **rules: float) -> NetClient:
    allowed = frozenset(server.name for server in servers)
    quick = {"connect_seconds": 1.0, "read_seconds": 0.4, "call_seconds": 1.0}
    return NetClient(Rules(allowed=allowed, **{**quick, **rules}))  # type: ignore[arg-type]  # numbers all


def _get(server: Running, **rules: float) -> bytes:
    client = _client(server, **rules)
    try:
        return client.send(Call("GET", server.url)).content
    finally:
        client.close()


def _drip(line: socket.socket, _head: str, _count: int) -> None:
    for byte in reply(b"{}" * 100):
        line.sendall(bytes([byte]))
        time.sleep(0.05)


def _stall(line: socket.socket, _head: str, _count: int) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    time.sleep(1.5)


def _hang_up(line: socket.socket, _head: str, _count: int) -> None:
    line.sendall(reply(b"{}" * 1000)[:-100])


def _reset(line: socket.socket, _head: str, _count: int) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    line.close()


def _endless(line: socket.socket, _head: str, _count: int) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(200):
        line.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


BOMB = gzip.compress(b"\0" * 50 * MEGABYTE)
PACKED = reply(gzip.compress(b'{"a": 1}'), extra="Content-Encoding: gzip\r\n")


def test_a_plain_and_a_packed_reply_are_read() -> None:
    with serve(says(reply(b'{"a": 1}'), PACKED)) as server:
        assert _get(server) == b'{"a": 1}'
        assert _get(server) == b'{"a": 1}'
    assert "user-agent: clonecheck/" in server.requests[0].lower()
    assert "cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    ("behave", "error"),
    [
        (_hang_up, UnreachableError),
        (_reset, UnreachableError),
        (says(b"not http at all\r\n\r\n"), UnreachableError),
        (says(b""), UnreachableError),
        (_stall, TimedOutError),
        (_drip, TimedOutError),
        (_endless, TooBigError),
        (says(reply(b"x" * 10 * MEGABYTE)), TooBigError),
        (says(reply(BOMB, extra="Content-Encoding: gzip\r\n")), TooBigError),
        (says(reply(b"no gzip", extra="Content-Encoding: gzip\r\n")), UnreachableError),
        (says(reply(gzip.compress(b"cut off")[:-9], extra="Content-Encoding: gzip\r\n")), UnreachableError),
        (says(reply(b"x", extra="Content-Encoding: br\r\n")), NetError),
    ],
)
def test_a_server_that_misbehaves_is_one_clear_error(behave: Behaviour, error: type[NetError]) -> None:
    start = time.monotonic()
    with serve(behave) as server, pytest.raises(error) as caught:
        _get(server, max_bytes=MEGABYTE)
    assert time.monotonic() - start < 3
    assert str(server.port) not in caught.value.detail


def _send_in_turn(server: Running, method: str, times: int) -> tuple[list[int], int]:
    """The statuses of some calls over the same connections, and how many requests were counted."""
    client, counted = _client(server, calls_per_second=100.0), [0]

    def count() -> None:
        counted[0] += 1

    try:
        calls = (Call(method, f"{server.url}{number}") for number in range(times))
        return [client.send(call, Bounds(2, 5, count=count)).status for call in calls], counted[0]
    finally:
        client.close()


def test_a_kept_connection_that_is_reset_costs_a_get_nothing_but_a_counted_call() -> None:
    with serve(keeps_and_resets(2)) as server:
        statuses, counted = _send_in_turn(server, "GET", 6)
    assert statuses == [200] * 6
    # Two requests on each connection, then one in vain, sent again on the next.
    assert counted == 8


def test_a_post_is_not_sent_again_by_itself_on_a_new_connection() -> None:
    with serve(keeps_and_resets(1)) as server, pytest.raises(UnreachableError):
        _send_in_turn(server, "POST", 2)
    assert len(server.requests) == 1


def test_nobody_there_is_unreachable() -> None:
    with serve(says(reply())) as server:
        gone = server
    with pytest.raises(UnreachableError):
        _get(gone)


def test_a_call_that_nobody_wants_any_more_ends_soon() -> None:
    start = time.monotonic()
    with serve(_stall) as server:
        client = _client(server, read_seconds=30, call_seconds=30)
        bounds = Bounds(30, 30, is_stopped=lambda: time.monotonic() - start > 0.2)
        with pytest.raises(TimedOutError):
            client.send(Call("GET", server.url), bounds)
    assert time.monotonic() - start < 1.4


def _moved(target: str, status: str = "302 Found") -> bytes:
    return reply(b"", status, extra=f"Location: {target}\r\n")


def test_a_redirect_into_a_private_network_is_not_followed() -> None:
    with serve(says(reply(b"secret"))) as inner, serve(says(_moved(inner.url))) as outer:
        with pytest.raises(RefusedAddressError):
            _client(outer).send(Call("GET", outer.url))
        assert inner.requests == []


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "https://127.0.0.1/",
        "https://[::1]/",
        "http://x@a/",
        "https://[::1",
        "https://[",
        "data:,x",
    ],
)
def test_a_redirect_to_a_strange_place_is_not_followed(target: str) -> None:
    with serve(says(_moved(target))) as server, pytest.raises(RefusedAddressError):
        _get(server)


def test_redirects_end() -> None:
    with serve(says(_moved("/again"))) as server, pytest.raises(TooManyRedirectsError):
        _get(server)
    assert len(server.requests) <= 4


def test_credentials_stay_with_the_host_they_are_for() -> None:
    secret = {"Authorization": "Bearer secret", "X-Api-Key": "secret", "Accept": "image/*"}
    with serve(says(reply())) as there, serve(says(_moved(there.url))) as here:
        _client(here, there).send(Call("GET", here.url, secret))
    with serve(says(_moved("/on"), reply())) as same:
        _client(same).send(Call("GET", same.url, secret))
    assert "secret" in here.requests[0]
    assert "secret" not in there.requests[0]
    assert "image/*" in there.requests[0]
    assert "secret" in same.requests[1]


def test_a_post_is_not_sent_to_another_place() -> None:
    with serve(says(_moved("/on", "307 Temporary Redirect"))) as server:
        answer = _client(server).send(Call("POST", server.url, {}, b"{}"))
    assert answer.status == 307
    assert len(server.requests) == 1


def test_the_address_that_was_checked_is_the_one_that_is_asked() -> None:
    """A name server that gives another answer a moment later changes nothing: nobody asks it again."""
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    asked: list[str] = []

    def changing(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    with serve(says(reply(b'"first"'))) as first:
        name = f"platform.test:{first.port}"
        client = NetClient(Rules(allowed=frozenset({name})), resolver=changing)
        assert client.send(Call("GET", f"http://{name}/")).content == b'"first"'
        client.close()
    assert asked == ["platform.test"]
    assert f"host: {name}" in first.requests[0].lower()


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["169.254.169.254"], ["::ffff:10.0.0.1"]])
def test_every_address_of_a_name_must_be_public(answer: list[str]) -> None:
    client = NetClient(Rules(), resolver=lambda _host, _port: answer)
    with pytest.raises(RefusedAddressError):
        client.send(Call("GET", "https://platform.test/"))
    client.close()


def _tls_pair(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize(("name", "proven"), [("platform.test", True), ("other.test", False), ("localhost", False)])
def test_a_server_must_prove_the_name_that_was_asked_for(name: str, proven: bool) -> None:
    for_server, for_client = _tls_pair(name)
    with serve(says(reply(b"1")), tls=for_server) as server:
        address = f"platform.test:{server.port}"
        client = NetClient(
            Rules(allowed=frozenset({address})), resolver=lambda _host, _port: ["127.0.0.1"], tls=for_client
        )
        if proven:
            assert client.send(Call("GET", f"https://{address}/")).content == b"1"
        else:
            with pytest.raises(BadCertificateError):
                client.send(Call("GET", f"https://{address}/"))
        client.close()


def test_an_unknown_authority_proves_nothing() -> None:
    for_server, _ = _tls_pair("localhost")
    with serve(says(reply(b"1")), tls=for_server) as server:
        client = _client(server)
        with pytest.raises(BadCertificateError):
            client.send(Call("GET", f"https://localhost:{server.port}/"))
        client.close()
