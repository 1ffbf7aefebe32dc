"""The AT Protocol network as it is: what its AppView answers is what app/sources/bluesky.py must read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.servers.atproto import AtNetwork, run_at_network
from tests.servers.people import Person

pytestmark = [pytest.mark.slow, pytest.mark.data]


@pytest.fixture(scope="module")
def network(portraits: list[Path]) -> Iterator[AtNetwork]:
    people = [
        Person("anna.test", "Anna Berg", "Writes about bridges.", portraits[0]),
        Person("anna-berg.test", "Anna Bérg", "Not her.", portraits[0], parody=True),
        Person("otto.test", "Otto Lind"),
    ]
    with run_at_network(people) as running:
        yield running


def _ask(client: httpx2.Client, network: AtNetwork, method: str, **params: Any) -> httpx2.Response:
    return client.get(f"{network.url}/xrpc/app.bsky.actor.{method}", params=params)


def test_search_finds_accounts_by_name_whatever_the_accents_and_pages(
    client: httpx2.Client, network: AtNetwork
) -> None:
    first = _ask(client, network, "searchActors", q="anna berg", limit=1).json()
    second = _ask(client, network, "searchActors", q="anna berg", limit=1, cursor=first["cursor"]).json()
    assert [actor["handle"] for actor in first["actors"] + second["actors"]] == ["anna-berg.test", "anna.test"]
    assert "cursor" not in second
    assert _ask(client, network, "searchActors", q="nobody at all").json()["actors"] == []


def test_profiles_come_in_batches_with_what_was_seeded(client: httpx2.Client, network: AtNetwork) -> None:
    asked = ["anna.test", "anna-berg.test", "missing.test"]
    profiles = _ask(client, network, "getProfiles", actors=asked).json()["profiles"]
    found = {profile["handle"]: profile for profile in profiles}
    assert set(found) == {"anna.test", "anna-berg.test"}
    assert found["anna.test"]["did"] == network.dids["anna.test"]
    assert found["anna.test"]["description"] == "Writes about bridges."
    assert [label["val"] for label in found["anna-berg.test"]["labels"]] == ["parody"]


def test_the_picture_can_be_fetched(client: httpx2.Client, network: AtNetwork) -> None:
    profile = _ask(client, network, "getProfile", actor="anna.test").json()
    picture = client.get(profile["avatar"])
    assert picture.status_code == 200
    assert picture.headers["content-type"].startswith("image/")
    assert len(picture.content) > 1_000


@pytest.mark.parametrize(
    ("method", "params", "message"),
    [
        ("searchActors", {"q": "x", "limit": 500}, "too big"),
        ("getProfile", {"actor": "missing.test"}, "not found"),
        ("getProfile", {"actor": "no handle"}, ""),
    ],
)
def test_a_bad_question_is_a_400_with_a_message(
    client: httpx2.Client, network: AtNetwork, method: str, params: dict[str, Any], message: str
) -> None:
    reply = _ask(client, network, method, **params)
    assert reply.status_code == 400
    assert reply.json()["error"] == "InvalidRequest"
    assert message in reply.json()["message"]
