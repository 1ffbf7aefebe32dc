"""Scans that leave the machine, from the request to the ranking, against platforms that run here."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.main import create_app
from app.settings import Settings
from tests.conftest import ROOT
from tests.scans.platforms import Platform, run

Json = dict[str, Any]
PORTRAIT = draw_portrait("outside subject")
PHOTO = encode_jpeg(PORTRAIT)
BASE = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "platform": "x"}


def _bsky(number: int, handle: str, name: str, picture: str | None = None, **more: Any) -> Json:
    shown = {"did": f"did:plc:{number:024d}".replace("0", "a").replace("1", "b"), "handle": handle, "displayName": name}
    return {**shown, "createdAt": "2026-09-01T00:00:00Z", "avatar": picture, **more}


def _toot(acct: str, name: str, picture: str | None = None, **more: Any) -> Json:
    return {"acct": acct, "display_name": name, "avatar_static": picture, "note": "<p>Hi</p>", **more}


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    stranger = encode_jpeg(draw_portrait("outside stranger"))
    cropped = PORTRAIT.crop((20, 20, PORTRAIT.width - 20, PORTRAIT.height - 20))
    return {
        "/me.jpg": PHOTO,
        "/mirrored.jpg": encode_jpeg(ImageOps.mirror(cropped), 70),
        "/stranger.jpg": stranger,
        "/big.jpg": b"\xff\xd8\xff" + b"x" * 3_000_000,
        "/page.jpg": b"<html>not a picture",
    }


@pytest.fixture
def bluesky(pictures: dict[str, bytes]) -> Iterator[Platform]:
    with run(Platform([], pictures)) as platform:
        at = platform.url
        platform.accounts += [
            _bsky(1, "adaezebrandvo1d.bsky.social", "Adaeze Brandvold", f"{at}/me.jpg"),
            _bsky(2, "abrandvold.test", "Adaeze Brandvold", f"{at}/stranger.jpg"),
            _bsky(3, "parody.test", "Adaeze Brandvold", f"{at}/me.jpg", labels=[{"val": "parody"}]),
            _bsky(4, "shy.test", "Adaeze Brandvold", labels=[{"val": "!no-unauthenticated"}]),
            _bsky(5, "big.test", "Adaeze Brandvold", f"{at}/big.jpg"),
            _bsky(6, "page.test", "Adaeze Brandvold", f"{at}/page.jpg"),
            _bsky(7, "inner.test", "Adaeze Brandvold", "https://127.0.0.1/secret.jpg"),
        ]
        yield platform


@pytest.fixture
def mastodon(pictures: dict[str, bytes]) -> Iterator[tuple[Platform, Platform]]:
    with run(Platform([], pictures)) as one, run(Platform([], pictures)) as two:
        clone = f"{one.url}/mirrored.jpg"
        one.accounts += [_toot("adaeze_brandvold", "Adaeze Brandvold", clone), _toot("other", "Somebody Else")]
        two.accounts += [_toot(f"Adaeze_Brandvold@{one.name}", "Adaeze Brandvold", clone)]
        yield one, two


def _settings(folder: Path, bluesky: Platform, *servers: Platform) -> Settings:
    return Settings(
        data_dir=folder,
        net_allow_private=tuple(platform.name for platform in (bluesky, *servers)),
        net_calls_per_second=500,
        net_max_bytes=2_000_000,
        bluesky_url=bluesky.url,
        mastodon_servers=tuple(server.url for server in servers),
    )


@pytest.fixture
def client(tmp_path: Path, bluesky: Platform, mastodon: tuple[Platform, Platform]) -> Iterator[TestClient]:
    settings = _settings(tmp_path, bluesky, *mastodon)
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        yield client


def _scan(client: TestClient, *sources: str, **more: Any) -> Json:
    photo = {"photo": {"base64": base64.b64encode(PHOTO).decode()}}
    body = {**BASE, **photo, "sources": sources, **more}
    answer = client.post("/v1/scans", json=body, headers={"Prefer": "wait=30"})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def _coverage(scan: Json) -> dict[str, Json]:
    return {entry["source"]: entry for entry in scan["coverage"]}


def test_clones_on_two_platforms_are_found_and_ranked(
    client: TestClient, bluesky: Platform, mastodon: tuple[Platform, Platform]
) -> None:
    scan = _scan(client, "index", "bluesky", "mastodon")
    assert scan["status"] == "completed"
    suspects = {s["account"]["handle"].casefold(): s for s in scan["suspects"]}
    copied = suspects["adaezebrandvo1d.bsky.social"]
    assert (copied["verdict"], copied["sources"]) == ("clone", ["bluesky"])
    mirrored = suspects[f"adaeze_brandvold@{mastodon[0].name}"]
    assert mirrored["verdict"] == "clone"
    photo = next(e for e in mirrored["evidence"] if e["signal"] == "photo")
    assert photo["params"]["details"] >= 20
    assert sum("adaeze_brandvold@" in handle for handle in suspects) == 1, "one account from two servers"
    aside = {s["account"]["handle"]: s["verdict"] for s in scan["set_aside"]}
    assert aside["parody.test"] == "fan_or_parody"
    assert "shy.test" not in aside | suspects
    coverage = _coverage(scan)
    assert coverage["index"]["status"] == "ok"
    assert coverage["mastodon"]["status"] == "ok"
    assert coverage["bluesky"]["status"] == "partial"
    assert "left out" in coverage["bluesky"]["detail"]
    assert "3 profile pictures could not be fetched" in coverage["bluesky"]["detail"]
    assert coverage["bluesky"]["calls"] == sum("/xrpc/" in path for path in bluesky.asked)


def test_platforms_that_nobody_can_ask_are_listed_with_their_search_pages(client: TestClient) -> None:
    by_hand = _coverage(_scan(client, "bluesky"))["links"]
    assert by_hand["status"] == "manual"
    links = {link["platform"]: link["url"] for link in by_hand["links"]}
    assert "bluesky" not in links
    assert links["linkedin"].endswith("Adaeze%20Brandvold")
    assert "links" not in _coverage(_scan(client, "index"))


def test_a_small_budget_is_kept_and_told(client: TestClient, bluesky: Platform) -> None:
    scan = _scan(client, "bluesky", budget={"calls": 2, "seconds": 20, "money": 0})
    entry = _coverage(scan)["bluesky"]
    assert entry["calls"] == 2
    assert entry["status"] == "partial"
    assert "budget" in entry["detail"]
    assert sum("/xrpc/" in path for path in bluesky.asked) == 2
    assert scan["cost"] == 0


def test_hashes_survive_and_pictures_do_not(client: TestClient, tmp_path: Path) -> None:
    _scan(client, "bluesky")
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PHOTO[200:400] not in stored


def test_without_a_photo_no_picture_is_fetched(client: TestClient, bluesky: Platform) -> None:
    answer = client.post("/v1/scans", json={**BASE, "sources": ["bluesky"]})
    assert answer.status_code == 200
    assert not [path for path in bluesky.asked if path.endswith(".jpg")]


def test_a_slow_platform_holds_nobody_back_and_a_cancelled_scan_ends(
    client: TestClient, mastodon: tuple[Platform, Platform]
) -> None:
    for server in mastodon:
        server.delay = 0.5
    body = {**BASE, "sources": ["bluesky", "mastodon"]}
    started = client.post("/v1/scans", json=body, headers={"Prefer": "wait=0"}).json()
    deadline = time.monotonic() + 5
    while "bluesky" not in _coverage(scan := client.get(f"/v1/scans/{started['id']}").json()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert scan["status"] == "running"
    assert scan["suspects"]
    start = time.monotonic()
    ended = client.post(f"/v1/scans/{started['id']}/cancel").json()
    assert time.monotonic() - start < 2
    assert ended["status"] == "cancelled"
    assert _coverage(ended)["mastodon"]["status"] == "skipped"
    time.sleep(0.7)
    asked = sum(len(server.asked) for server in mastodon)
    time.sleep(0.7)
    assert sum(len(server.asked) for server in mastodon) == asked


def test_a_platform_that_dies_costs_its_own_part(tmp_path: Path, bluesky: Platform) -> None:
    with run(Platform([])) as gone:
        settings = _settings(tmp_path, bluesky, gone)
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        coverage = _coverage(_scan(client, "bluesky", "mastodon"))
    assert coverage["mastodon"]["status"] == "unknown"
    assert coverage["mastodon"]["accounts"] == 0
    assert coverage["bluesky"]["accounts"] > 0


def test_the_number_of_pictures_is_bounded(tmp_path: Path, bluesky: Platform) -> None:
    settings = _settings(tmp_path, bluesky).model_copy(update={"avatars_per_scan": 1})
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        coverage = _coverage(_scan(client, "bluesky"))
    assert len([path for path in bluesky.asked if path.endswith(".jpg")]) <= 1
    assert "too many" in coverage["bluesky"]["detail"]


def test_sources_are_switched_and_unknown_ones_refused(tmp_path: Path, bluesky: Platform) -> None:
    settings = _settings(tmp_path, bluesky).model_copy(update={"sources_off": ("bluesky",)})
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        coverage = _coverage(_scan(client, "bluesky", "mastodon"))
        listed = {source["name"]: source for source in client.get("/v1/sources").json()["sources"]}
        refused = client.post("/v1/scans", json={**BASE, "sources": ["nowhere"]})
    assert coverage["bluesky"]["status"] == "skipped"
    assert "Switched off" in coverage["bluesky"]["detail"]
    assert coverage["mastodon"]["detail"] == "Name servers to ask in CLONECHECK_MASTODON_SERVERS"
    assert (listed["bluesky"]["ready"], listed["index"]["ready"]) == (False, True)
    assert refused.status_code == 422
    assert bluesky.asked == []


def _command(folder: Path, settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "CLONECHECK_DATA_DIR": str(folder),
        "CLONECHECK_NET_ALLOW_PRIVATE": ",".join(settings.net_allow_private),
        "CLONECHECK_BLUESKY_URL": settings.bluesky_url,
        "CLONECHECK_MASTODON_SERVERS": ",".join(settings.mastodon_servers),
        "CLONECHECK_NET_CALLS_PER_SECOND": "500",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_command_line_asks_the_same_sources(
    tmp_path: Path, bluesky: Platform, mastodon: tuple[Platform, Platform]
) -> None:
    settings = _settings(tmp_path, bluesky, *mastodon)
    (tmp_path / "me.jpg").write_bytes(PHOTO)
    who = ("--name", BASE["name"], "--handle", BASE["handle"], "--photo", str(tmp_path / "me.jpg"))
    done = _command(tmp_path, settings, "scan", *who, "--source", "bluesky", "--source", "mastodon", "--json")
    assert done.returncode == 0, done.stderr
    handles = {s["account"]["handle"] for s in json.loads(done.stdout)["suspects"]}
    assert "adaezebrandvo1d.bsky.social" in handles
    tried = _command(tmp_path, settings, "sources", "test", "mastodon", "--name", "Adaeze Brandvold")
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert f"{mastodon[0].name}: answered with 1 accounts" in tried.stdout
    assert _command(tmp_path, settings, "sources", "test", "nowhere").returncode == 2


def test_pictures_are_fetched_in_several_threads(tmp_path: Path, bluesky: Platform) -> None:
    bluesky.delay = 0.2
    bluesky.accounts[:] = [
        _bsky(i, f"a{i}.test", "Adaeze Brandvold", f"{bluesky.url}/me.jpg?{i}") for i in range(10, 26)
    ]
    settings = _settings(tmp_path, bluesky)
    start = time.monotonic()
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        scan = _scan(client, "bluesky", limit=100)
    assert len([path for path in bluesky.asked if ".jpg" in path]) == 16
    assert time.monotonic() - start < 16 * 0.2 + 2
    assert all("photo" in {e["signal"] for e in suspect["evidence"]} for suspect in scan["suspects"])
    assert threading.active_count() < 60


def test_no_picture_is_forgotten_that_comes_while_others_are_judged(tmp_path: Path, bluesky: Platform) -> None:
    bluesky.accounts[:] = [
        _bsky(number, f"clone{number}.test", "Adaeze Brandvold", f"{bluesky.url}/me.jpg") for number in range(10, 20)
    ]
    with TestClient(
        create_app(_settings(tmp_path, bluesky)), base_url="http://localhost", client=("127.0.0.1", 50000)
    ) as client:
        for _ in range(12):
            suspects = _scan(client, "bluesky")["suspects"]
            seen = [s for s in suspects if "photo" in {piece["signal"] for piece in s["evidence"]}]
            assert len(seen) == len(bluesky.accounts)
