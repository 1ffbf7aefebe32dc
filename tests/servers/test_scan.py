"""Whole scans over real servers: an AT Protocol network, and two Fediverse servers that know an account in common.

The copies carry edited pictures; once from the command line, once over HTTP.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from PIL import Image

from app.photos.alterations import crop, mirror
from tests.conftest import ROOT
from tests.servers.atproto import run_at_network
from tests.servers.people import Person
from tests.servers.process import answers, free_ports, run_server
from tests.servers.snac import Snac, meet, run_snac

pytestmark = [pytest.mark.slow, pytest.mark.data]

NAME = "Annelore Bergström"
HANDLE = "annelorebergstrom"
OWN = f"{HANDLE}.test"
PRIZE = "Message me about your prize."


@dataclass(frozen=True, slots=True)
class World:
    """The servers, the photo of the subject, and the settings with which ours finds them."""

    home: Snac
    other: Snac
    photo: Path
    settings: dict[str, str]


@pytest.fixture(scope="module")
def edited(portraits: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The subject's portrait as copies carry it: mirrored, cut, and saved again small and coarse."""
    folder = tmp_path_factory.mktemp("edited")
    with Image.open(portraits[0]) as photo:
        small = photo.resize((photo.width // 2, photo.height // 2))
        changed = {"mirrored": mirror(photo), "cut": crop(photo, 0.1), "coarse": small}
        for name, picture in changed.items():
            picture.convert("RGB").save(folder / f"{name}.jpg", quality=40)
    return {name: folder / f"{name}.jpg" for name in changed}


@pytest.fixture(scope="module")
def world(portraits: list[Path], edited: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    people = [
        Person(OWN, NAME, "Writes about bridges.", portraits[0]),
        Person("annelore-bergstrom.test", NAME, PRIZE, edited["mirrored"]),
        Person("annelorebergstr0m.test", NAME, PRIZE, edited["coarse"]),
        Person("fake-annelore.test", NAME, "Parody. Not her.", portraits[0], parody=True),
        Person("otto.test", "Otto Lind", "Gardener.", portraits[1]),
    ]
    clone = Person(f"{HANDLE}_", NAME, PRIZE, edited["cut"])
    with run_at_network(people) as network, run_snac([clone]) as home, run_snac([]) as other:
        meet(other, f"{clone.handle}@{home.host}")
        servers = (home, other)
        hosts = [urlsplit(network.url).netloc, *(server.host for server in servers)]
        settings = {
            "CLONECHECK_DATA_DIR": str(tmp_path_factory.mktemp("scan")),
            "CLONECHECK_NET_ALLOW_PRIVATE": ",".join(hosts),
            "CLONECHECK_BLUESKY_URL": network.url,
            "CLONECHECK_MASTODON_SERVERS": ",".join(server.url for server in servers),
            "CLONECHECK_MASTODON_TOKENS": ",".join(f"{server.host}={server.token}" for server in servers),
        }
        yield World(home, other, portraits[0], settings)


def _scan_by_command(world: World) -> dict[str, Any]:
    command = [sys.executable, "-m", "app.cli", "scan", "--name", NAME, "--handle", HANDLE, "--platform", "x"]
    command += ["--photo", str(world.photo), "--own-account", f"https://bsky.app/profile/{OWN}"]
    command += ["--source", "bluesky", "--source", "mastodon", "--max-seconds", "90", "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | world.settings, capture_output=True, text=True, timeout=180, check=False
    )  # fmt: skip
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _scan_over_http(world: World, client: httpx2.Client, folder: Path) -> dict[str, Any]:
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    environment = os.environ | world.settings | {"PYTHONPATH": str(ROOT), "CLONECHECK_DATA_DIR": str(folder)}
    with run_server(command, folder / "log", answers(f"{url}/livez"), environment=environment):
        asked = {
            "name": NAME,
            "handle": HANDLE,
            "platform": "x",
            "own_account": [f"https://bsky.app/profile/{OWN}"],
            "source": ["bluesky", "mastodon"],
            "budget_seconds": "90",
        }
        photo = {"photo": ("me.jpg", world.photo.read_bytes(), "image/jpeg")}
        reply = client.post(f"{url}/v1/scans", data=asked, files=photo).raise_for_status()
        answer: dict[str, Any] = reply.json()
        end = time.monotonic() + 120
        while answer["status"] in {"queued", "running"}:
            assert time.monotonic() < end, answer
            time.sleep(0.5)
            answer = client.get(f"{url}/v1/scans/{answer['id']}").raise_for_status().json()
    assert answer["status"] == "completed", answer
    return answer


@pytest.fixture(scope="module", params=["command", "http"])
def found(
    request: pytest.FixtureRequest, world: World, client: httpx2.Client, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    if request.param == "command":
        return _scan_by_command(world)
    return _scan_over_http(world, client, tmp_path_factory.mktemp("served"))


def _handles(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(entry["account"]["handle"], entry["verdict"]) for entry in entries]


def test_copies_with_edited_pictures_are_found_and_ranked(found: dict[str, Any], world: World) -> None:
    copies = {"annelore-bergstrom.test", "annelorebergstr0m.test", f"{HANDLE}_@{world.home.host}"}
    assert dict(_handles(found["suspects"])) == dict.fromkeys(copies, "clone")
    assert all("photo" in {piece["signal"] for piece in one["evidence"]} for one in found["suspects"])
    chances = [suspect["probability"] for suspect in found["suspects"]]
    assert chances == sorted(chances, reverse=True)


def test_an_account_that_two_servers_show_is_one_suspect(
    found: dict[str, Any], world: World, client: httpx2.Client
) -> None:
    address = f"{HANDLE}_@{world.home.host}"
    for server in (world.home, world.other):
        headers = {"Authorization": f"Bearer {server.token}"}
        shown = client.get(f"{server.url}/api/v1/accounts/search", params={"q": HANDLE}, headers=headers).json()
        assert [one["acct"] for one in shown] == [address]
    everyone = _handles(found["suspects"]) + _handles(found["set_aside"])
    assert [handle for handle, _ in everyone].count(address) == 1


def test_parody_and_own_account_are_set_aside(found: dict[str, Any]) -> None:
    assert dict(_handles(found["set_aside"])) == {"fake-annelore.test": "fan_or_parody", OWN: "own_account"}


def test_both_sources_say_what_they_did(found: dict[str, Any]) -> None:
    states = {entry["source"]: entry["status"] for entry in found["coverage"]}
    assert {"bluesky", "mastodon"} <= set(states)
    assert {states["bluesky"], states["mastodon"]} <= {"ok", "partial"}, found["coverage"]
