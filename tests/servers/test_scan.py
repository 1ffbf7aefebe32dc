"""A whole scan over real servers: clones of a subject on an AT Protocol network and on two Fediverse servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.conftest import ROOT
from tests.servers.atproto import AtNetwork, run_at_network
from tests.servers.people import Person
from tests.servers.snac import Snac, run_snac

pytestmark = [pytest.mark.slow, pytest.mark.data]

NAME = "Annelore Bergström"
HANDLE = "annelorebergstrom"


@pytest.fixture(scope="module")
def network(portraits: list[Path]) -> Iterator[AtNetwork]:
    people = [
        Person("annelore-bergstrom.test", NAME, "Message me about your prize.", portraits[0]),
        Person("fake-annelore.test", NAME, "Parody. Not her.", portraits[0], parody=True),
        Person("otto.test", "Otto Lind", "Gardener.", portraits[1]),
    ]
    with run_at_network(people) as running:
        yield running


@pytest.fixture(scope="module")
def servers(portraits: list[Path], client: httpx2.Client) -> Iterator[tuple[Snac, Snac]]:
    clone = Person(f"{HANDLE}_", NAME, "Message me about your prize.", portraits[0])
    with run_snac([clone]) as home, run_snac([Person("otto", "Otto Lind")]) as other:
        # The other server meets the clone. It does not list it in a search by handle, so this does not prove merging.
        asked = {"q": f"@{clone.handle}@{home.host}", "resolve": "true"}
        headers = {"Authorization": f"Bearer {other.token}"}
        client.get(f"{other.url}/api/v2/search", params=asked, headers=headers).raise_for_status()
        yield home, other


@pytest.fixture(scope="module")
def found(
    network: AtNetwork, servers: tuple[Snac, Snac], portraits: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    hosts = [urlsplit(network.url).netloc, *(server.host for server in servers)]
    settings = {
        "CLONECHECK_DATA_DIR": str(tmp_path_factory.mktemp("scan")),
        "CLONECHECK_NET_ALLOW_PRIVATE": ",".join(hosts),
        "CLONECHECK_BLUESKY_URL": network.url,
        "CLONECHECK_MASTODON_SERVERS": ",".join(server.url for server in servers),
        "CLONECHECK_MASTODON_TOKENS": ",".join(f"{server.host}={server.token}" for server in servers),
    }
    command = [sys.executable, "-m", "app.cli", "scan", "--name", NAME, "--handle", HANDLE, "--platform", "x"]
    command += [
        "--photo",
        str(portraits[0]),
        "--source",
        "bluesky",
        "--source",
        "mastodon",
        "--max-seconds",
        "90",
        "--json",
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=180, check=False
    )  # fmt: skip
    assert done.stdout, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_clones_are_found_and_ranked(found: dict[str, Any], servers: tuple[Snac, Snac]) -> None:
    suspects = {suspect["account"]["handle"]: suspect["verdict"] for suspect in found["suspects"]}
    assert suspects == {"annelore-bergstrom.test": "clone", f"{HANDLE}_@{servers[0].host}": "clone"}
    chances = [suspect["probability"] for suspect in found["suspects"]]
    assert chances == sorted(chances, reverse=True)


def test_the_parody_is_set_aside(found: dict[str, Any]) -> None:
    aside = {entry["account"]["handle"]: entry["verdict"] for entry in found["set_aside"]}
    assert aside["fake-annelore.test"] == "fan_or_parody"


def test_both_sources_say_what_they_did(found: dict[str, Any]) -> None:
    states = {entry["source"]: entry["status"] for entry in found["coverage"]}
    assert {"bluesky", "mastodon"} <= set(states)
    assert {states["bluesky"], states["mastodon"]} <= {"ok", "partial"}
