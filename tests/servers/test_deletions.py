"""What scans keep of real servers is dropped once it is deleted there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.servers.atproto import AtNetwork, deactivate, run_at_network
from tests.servers.people import Person
from tests.servers.snac import Snac, delete, run_snac

pytestmark = [pytest.mark.slow]

NAME = "Annelore Bergström"
AT_CLONES = ("annelore-bergstrom.test", "annelorebergstrom.test")
CLONE = "annelorebergstrom_"


@dataclass(frozen=True, slots=True)
class World:
    """The servers, and the service that asks them."""

    network: AtNetwork
    server: Snac
    client: TestClient


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    people = [Person(handle, NAME, "Message me about your prize.") for handle in AT_CLONES]
    clones = [Person(CLONE, NAME, "Hello."), Person("annelorebergstrom2", NAME, "Hello.")]
    with run_at_network(people) as network, run_snac(clones) as server:
        settings = Settings(
            data_dir=tmp_path,
            keep_found=True,
            net_allow_private=(urlsplit(network.url).netloc, server.host),
            bluesky_url=network.url,
            mastodon_servers=(server.url,),
            mastodon_tokens=(SecretStr(f"{server.host}={server.token}"),),
        )
        with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
            yield World(network, server, client)


def _found(client: TestClient, *sources: str) -> dict[str, dict[str, Any]]:
    body = {
        "name": NAME,
        "handle": "annelorebergstrom",
        "platform": "x",
        "sources": sources,
        "min_probability": 0,
        "budget": {"seconds": 60},
    }
    scan = client.post("/v1/scans", json=body, headers={"Prefer": "wait=90"}).raise_for_status().json()
    assert scan["status"] == "completed", scan
    return {one["account"]["handle"]: one for one in scan["suspects"] + scan["set_aside"]}


def test_what_is_deleted_on_a_real_server_leaves_the_index(world: World) -> None:
    on_server = {f"{CLONE}@{world.server.host}", f"annelorebergstrom2@{world.server.host}"}
    everyone = on_server | set(AT_CLONES)
    assert set(_found(world.client, "bluesky", "mastodon")) == everyone
    assert set(_found(world.client, "index")) == everyone
    deactivate(world.network, AT_CLONES[0])
    delete(world.server, CLONE)
    left = {AT_CLONES[1], f"annelorebergstrom2@{world.server.host}"}
    assert set(_found(world.client, "index", "bluesky", "mastodon")) == left
    assert set(_found(world.client, "index")) == left
