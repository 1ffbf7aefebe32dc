"""Keeping what scans find outside: in the index for some days, dropped once the platform does not show it any more."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.main import create_app
from app.settings import Settings
from app.storage import utc_now
from tests.scans.platforms import Platform, run

Json = dict[str, Any]
PHOTO = encode_jpeg(draw_portrait("kept subject"))
OTHER = encode_jpeg(draw_portrait("kept stranger"))
BASE = {
    "name": "Adaeze Brandvold",
    "handle": "adaezebrandvold",
    "platform": "x",
    "photo": {"base64": base64.b64encode(PHOTO).decode()},
}
CLONE = "adaezebrandvo1d"
Start = Callable[..., TestClient]


@pytest.fixture
def server() -> Iterator[Platform]:
    with run(Platform([], {"/me.jpg": PHOTO, "/other.jpg": OTHER})) as platform:
        platform.accounts += [
            _toot(platform, CLONE, "/me.jpg"),
            _toot(platform, "adaeze.shy", "/me.jpg", noindex=True),
            _toot(platform, "quiet", None) | {"display_name": "Somebody Else"},
        ]
        yield platform


def _toot(platform: Platform, acct: str, picture: str | None, **more: Any) -> Json:
    shown = f"{platform.url}{picture}" if picture else None
    return {"acct": acct, "display_name": "Adaeze Brandvold", "avatar_static": shown, "note": "<p>Hi</p>", **more}


@pytest.fixture
def start(tmp_path: Path, server: Platform) -> Iterator[Start]:
    """Starts the service on one data folder, the one before being stopped."""
    running: list[TestClient] = []

    def launch(*, keep: bool = True) -> TestClient:
        settings = Settings(
            data_dir=tmp_path,
            keep_found=keep,
            net_allow_private=(server.name,),
            net_calls_per_second=500,
            mastodon_servers=(server.url,),
        )
        while running:
            running.pop().__exit__(None, None, None)
        client = TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000))
        running.append(client.__enter__())
        return client

    yield launch
    while running:
        running.pop().__exit__(None, None, None)


def _scan(client: TestClient, *sources: str) -> dict[str, Json]:
    """The suspects by handle, without the server's name."""
    body = {**BASE, "sources": sources}
    answer = client.post("/v1/scans", json=body, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "completed"
    return {s["account"]["handle"].partition("@")[0]: s for s in answer.json()["suspects"]}


def _stored(client: TestClient, server: Platform, name: str) -> Json | None:
    answer = client.post("/v1/accounts/lookup", json={"platform": "mastodon", "handle": f"{name}@{server.name}"})
    assert answer.status_code in {200, 404}
    stored: Json = answer.json()
    return stored if answer.status_code == 200 else None


def test_nothing_is_kept_unless_it_is_set(start: Start, server: Platform) -> None:
    client = start(keep=False)
    assert CLONE in _scan(client, "mastodon")
    assert _stored(client, server, CLONE) is None


def test_what_was_found_is_kept_for_a_week_with_its_source_and_hashes(start: Start, server: Platform) -> None:
    client = start()
    _scan(client, "mastodon")
    stored = _stored(client, server, CLONE)
    assert stored is not None
    assert (stored["source"], stored["display_name"]) == ("mastodon", "Adaeze Brandvold")
    expires, now = datetime.fromisoformat(stored["expires_at"]), utc_now()
    assert now + timedelta(days=6.9) < expires < now + timedelta(days=7)
    assert stored["avatar"]["hashes"]["views"]
    found = _scan(client, "index")
    assert found[CLONE]["verdict"] == "clone"
    assert "photo" in {piece["signal"] for piece in found[CLONE]["evidence"]}


def test_who_asks_not_to_be_indexed_is_compared_and_not_kept(start: Start, server: Platform) -> None:
    client = start()
    assert "adaeze.shy" in _scan(client, "mastodon")
    assert _stored(client, server, "adaeze.shy") is None
    assert "adaeze.shy" not in _scan(client, "index")


def test_who_asks_so_later_is_dropped(start: Start, server: Platform) -> None:
    client = start()
    _scan(client, "mastodon")
    server.accounts[0]["noindex"] = True
    assert CLONE in _scan(client, "mastodon")
    assert _stored(client, server, CLONE) is None


def test_what_is_deleted_at_its_platform_is_dropped_on_the_next_look(start: Start, server: Platform) -> None:
    client = start()
    _scan(client, "mastodon")
    del server.accounts[0]
    assert CLONE in _scan(client, "index"), "nobody has looked yet"
    assert CLONE not in _scan(client, "index", "mastodon")
    assert _stored(client, server, CLONE) is None
    assert CLONE not in _scan(client, "index")


def test_deletions_are_honoured_though_nothing_is_kept_any_more(start: Start, server: Platform) -> None:
    _scan(start(), "mastodon")
    del server.accounts[0]
    client = start(keep=False)
    _scan(client, "mastodon")
    assert _stored(client, server, CLONE) is None


def test_a_platform_that_does_not_answer_drops_nothing(start: Start, server: Platform) -> None:
    client = start()
    _scan(client, "mastodon")
    server.accounts.clear()
    server.broken = True
    assert CLONE in _scan(client, "index", "mastodon")
    assert _stored(client, server, CLONE) is not None


def test_an_imported_account_stays_though_its_platform_shows_it_no_more(start: Start, server: Platform) -> None:
    client = start()
    line = {"platform": "mastodon", "handle": f"{CLONE}@{server.name}", "display_name": "Adaeze Brandvold"}
    assert client.post("/v1/accounts", json=[line]).json()["inserted"] == 1
    _scan(client, "mastodon")
    stored = _stored(client, server, CLONE)
    assert stored is not None
    assert stored["expires_at"] is None
    assert stored["avatar"]["hashes"]["views"]
    del server.accounts[0]
    _scan(client, "mastodon")
    assert _stored(client, server, CLONE) is not None


def test_a_changed_picture_is_looked_at_again(start: Start, server: Platform) -> None:
    client = start()
    _scan(client, "mastodon")
    before = _stored(client, server, CLONE)
    server.accounts[0]["avatar_static"] = f"{server.url}/other.jpg"
    found = _scan(client, "index", "mastodon")
    assert CLONE not in found or found[CLONE]["verdict"] != "clone"
    after = _stored(client, server, CLONE)
    assert before is not None
    assert after is not None
    assert before["avatar"] != after["avatar"]


def test_an_erased_account_does_not_come_back(start: Start, server: Platform) -> None:
    client = start()
    _scan(client, "mastodon")
    identity = {"platform": "mastodon", "handle": f"{CLONE}@{server.name}"}
    assert client.post("/v1/accounts/erase", json=identity).json()["accounts"] == 1
    _scan(client, "mastodon")
    assert _stored(client, server, CLONE) is None
