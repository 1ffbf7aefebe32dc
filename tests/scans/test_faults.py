"""Whole scans while a platform misbehaves: it costs its own part, coverage says so, and the others are ranked."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.main import create_app
from app.net.asking import Net
from app.net.budget import Budget
from app.net.client import NetClient, Rules
from app.net.errors import BadCertificateError, BadReplyError, RateLimitedError, RefusedAddressError, UnreachableError
from app.settings import Settings
from app.sources import bluesky
from app.sources.contract import Gathered, Plan
from app.sources.gathering import Gatherer
from matchers.profile import Handle, Subject
from tests.net.servers import Behaviour, reply, says, serve
from tests.scans.platforms import Platform, run

Json = dict[str, Any]
NAME, HANDLE = "Adaeze Brandvold", "adaezebrandvold"
PHOTO = encode_jpeg(draw_portrait("outside subject"))
ACTOR = {"did": "did:plc:abcdefghijklmnopqrstuvwx", "handle": f"{HANDLE}1.test", "displayName": NAME}
FOUND = reply(json.dumps({"actors": [ACTOR], "profiles": [ACTOR]}).encode())
TEN_MEGABYTES = 10 * 1024 * 1024


def _settings(folder: Path, faulty: str, healthy: Platform, **more: Any) -> Settings:
    return Settings(
        data_dir=folder,
        net_allow_private=(faulty.partition("//")[2].strip("/"), healthy.name),
        net_calls_per_second=500,
        bluesky_url=faulty,
        mastodon_servers=(healthy.url,),
        **more,
    )


@pytest.fixture
def healthy() -> Iterator[Platform]:
    with run(Platform([], {"/me.jpg": PHOTO})) as platform:
        avatar = f"{platform.url}/me.jpg"
        platform.accounts.append({"acct": f"{HANDLE}_", "display_name": NAME, "avatar_static": avatar, "note": ""})
        yield platform


def _scan(settings: Settings, **budget: float) -> Json:
    body = {"name": NAME, "handle": HANDLE, "platform": "x", "sources": ["bluesky", "mastodon"], "budget": budget}
    photo = {"base64": base64.b64encode(PHOTO).decode()}
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        answer = client.post("/v1/scans", json={**body, "photo": photo}, headers={"Prefer": "wait=60"})
    assert answer.status_code == 200, answer.text
    scan: Json = answer.json()
    assert scan["status"] == "completed"
    # What the healthy platform has is found, with its picture, whatever the other one does.
    copies = {suspect["account"]["handle"]: suspect for suspect in scan["suspects"]}
    clone = next(suspect for handle, suspect in copies.items() if handle.startswith(f"{HANDLE}_@"))
    assert clone["verdict"] == "clone"
    assert _told(scan, "mastodon")["status"] == "ok"
    return scan


def _told(scan: Json, source: str) -> Json:
    return next(entry for entry in scan["coverage"] if entry["source"] == source)


def _stall(line: socket.socket, _head: str, _count: int) -> None:
    line.settimeout(30)
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
    line.recv(1)


def _hang_up(line: socket.socket, _head: str, _count: int) -> None:
    line.sendall(FOUND[:-10])


STORM = reply(status="429 Too Many Requests", extra="RateLimit-Remaining: 0\r\nRateLimit-Reset: 600\r\n")
MOVED = reply(status="302 Found", extra="Location: https://127.0.0.1/xrpc/secret\r\n")


@pytest.mark.parametrize(
    ("behave", "status", "detail"),
    [
        pytest.param(_hang_up, "unknown", "The reply broke off", id="mid-reply"),
        pytest.param(says(STORM), "rate_limited", RateLimitedError.detail, id="429"),
        pytest.param(says(reply(b'{"actors": [')), "unknown", BadReplyError.detail, id="malformed"),
        pytest.param(says(reply(b"<!DOCTYPE html><p>Log in", kind="text/html")), "unknown", "web page", id="html"),
        pytest.param(says(MOVED), "unknown", RefusedAddressError.detail, id="redirect"),
    ],
)
def test_a_platform_that_misbehaves_costs_its_own_part(
    tmp_path: Path, healthy: Platform, behave: Behaviour, status: str, detail: str
) -> None:
    with serve(behave) as faulty:
        scan = _scan(_settings(tmp_path, faulty.url, healthy), seconds=20)
    told = _told(scan, "bluesky")
    assert (told["status"], told["accounts"]) == (status, 0)
    assert detail in told["detail"]
    assert not any(word in told["detail"] for word in (NAME, HANDLE, str(faulty.port)))


def test_a_storm_of_429_is_not_answered_by_a_storm_of_calls(tmp_path: Path, healthy: Platform) -> None:
    with serve(says(STORM)) as faulty:
        told = _told(_scan(_settings(tmp_path, faulty.url, healthy), seconds=20), "bluesky")
    assert len(faulty.requests) == told["calls"] == 1
    assert told["retry_at"] is not None


def test_a_stall_of_30_seconds_ends_with_the_budget(tmp_path: Path, healthy: Platform) -> None:
    start = time.monotonic()
    with serve(_stall) as faulty:
        told = _told(_scan(_settings(tmp_path, faulty.url, healthy), seconds=3), "bluesky")
    assert time.monotonic() - start < 10
    assert (told["status"], told["accounts"]) == ("unknown", 0)
    assert told["detail"]


_DIES = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        body = sys.argv[1].encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if Handler.asked == 1 else body[:20])
        self.wfile.flush()
        if Handler.asked > 1:
            os._exit(9)
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


@contextmanager
def _dying_server() -> Iterator[str]:
    """A server of its own process, which answers once and is gone in the middle of the second reply."""
    command = [sys.executable, "-c", _DIES, json.dumps({"actors": [ACTOR], "profiles": [ACTOR]})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://localhost:{process.stdout.readline().strip()}"
        process.kill()
    assert process.returncode == 9, "it died by itself"


def test_what_a_server_said_before_it_died_is_kept(tmp_path: Path, healthy: Platform) -> None:
    with _dying_server() as url:
        scan = _scan(_settings(tmp_path, url, healthy), seconds=20)
    told = _told(scan, "bluesky")
    assert (told["status"], told["accounts"]) == ("partial", 1)
    assert UnreachableError.detail in told["detail"]
    assert ACTOR["handle"] in {suspect["account"]["handle"] for suspect in scan["suspects"]}


def test_a_picture_of_ten_megabytes_or_behind_a_redirect_is_not_fetched(tmp_path: Path, healthy: Platform) -> None:
    inside = says(reply(PHOTO, kind="image/jpeg"))

    def picture(line: socket.socket, head: str, _count: int) -> None:
        if "/big" in head:
            line.sendall(reply(PHOTO + b"\0" * TEN_MEGABYTES, kind="image/jpeg"))
        elif "/moved" in head:
            line.sendall(reply(status="302 Found", extra=f"Location: {secret.url}\r\n"))
        elif "/far" in head:
            line.sendall(reply(status="302 Found", extra="Location: https://169.254.169.254/\r\n"))
        else:
            actors = [
                {**ACTOR, "did": f"did:plc:{at:024d}", "handle": f"{name}.test", "avatar": f"{pictures.url}{name}"}
                for at, name in enumerate(("big", "moved", "far"))
            ]
            line.sendall(reply(json.dumps({"actors": actors, "profiles": []}).encode()))

    with serve(inside) as secret, serve(picture) as pictures:
        told = _told(_scan(_settings(tmp_path, pictures.url, healthy), seconds=20), "bluesky")
        assert secret.requests == []
    assert "3 profile pictures could not be fetched" in told["detail"]


@pytest.mark.parametrize(("cursors", "detail"), [(("a", "a"), "same page"), (("a", "b"), "further results")])
def test_a_cursor_that_loops_is_not_followed(
    tmp_path: Path, healthy: Platform, cursors: tuple[str, str], detail: str
) -> None:
    def turn(line: socket.socket, head: str, _count: int) -> None:
        cursor = cursors[1] if "cursor=a" in head else cursors[0]
        line.sendall(reply(json.dumps({"actors": [ACTOR], "profiles": [], "cursor": cursor}).encode()))

    with serve(turn) as faulty:
        told = _told(_scan(_settings(tmp_path, faulty.url, healthy), seconds=20), "bluesky")
    searches = [head for head in faulty.requests if "searchActors?" in head.partition("\r\n")[0]]
    assert len(searches) == 4, "two names, two pages of each"
    assert (told["status"], told["accounts"]) == ("partial", 1)
    assert detail in told["detail"]


def _gather(address: str, client: NetClient) -> Gathered:
    """What Bluesky's source says of a platform at this address."""
    net = Net(client)
    plan = Plan(Subject((NAME,), (Handle(HANDLE, "x"),)), 20, Budget(20, 10.0))
    try:
        return asyncio.run(Gatherer(bluesky.connect(Settings(bluesky_url=address)), net).gather(plan))
    finally:
        net.close()


def test_a_name_that_changes_its_address_between_check_and_use_changes_nothing() -> None:
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    with run(Platform([ACTOR])) as platform:
        name = f"platform.test:{platform.port}"
        client = NetClient(Rules(frozenset({name})), resolver=lambda _host, _port: answers.pop(0))
        found = _gather(f"http://{name}", client)
    assert found.status == "ok"
    assert found.told > 0
    assert answers == [["127.0.0.2"]], "the name is resolved once for a connection"


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::1"]])
def test_a_platform_in_a_private_network_is_not_asked(answer: list[str]) -> None:
    with serve(says(FOUND)) as server:
        rules = Rules(ports=frozenset({server.port}))
        found = _gather(
            f"https://platform.test:{server.port}", NetClient(rules, resolver=lambda _host, _port: answer)
        )  # fmt: skip
        assert server.requests == []
    assert (found.status, found.detail) == ("unknown", RefusedAddressError.detail)


@pytest.mark.parametrize(("name", "status"), [("platform.test", "ok"), ("other.test", "unknown")])
def test_a_certificate_for_another_name_is_no_proof(name: str, status: str) -> None:
    authority, for_server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(for_server)
    for_client = ssl.create_default_context()
    authority.configure_trust(for_client)
    with serve(says(FOUND), tls=for_server) as server:
        place = f"platform.test:{server.port}"
        client = NetClient(
            Rules(frozenset({place})), resolver=lambda _host, _port: ["127.0.0.1"], tls=for_client
        )  # fmt: skip
        found = _gather(f"https://{place}", client)
    assert found.status == status
    assert found.detail == (None if status == "ok" else BadCertificateError.detail)
