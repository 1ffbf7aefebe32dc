"""Synapse as it is: the user directory, profiles and media of a Matrix server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.servers.people import Person
from tests.servers.synapse import Synapse, run_synapse

pytestmark = [pytest.mark.slow, pytest.mark.data]


@pytest.fixture(scope="module")
def synapse(portraits: list[Path]) -> Iterator[Synapse]:
    people = [Person("anna", "Anna Berg", picture=portraits[0]), Person("anna.berg", "Anna Berg")]
    with run_synapse(people) as running:
        yield running


def _search(client: httpx2.Client, synapse: Synapse, term: str, token: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    asked = {"search_term": term, "limit": 10}
    return client.post(f"{synapse.url}/_matrix/client/v3/user_directory/search", json=asked, headers=headers)


def test_the_directory_finds_people_by_display_name(client: httpx2.Client, synapse: Synapse) -> None:
    found = _search(client, synapse, "Anna Berg", synapse.token).json()
    assert {user["user_id"] for user in found["results"]} == {"@anna:matrix.localhost", "@anna.berg:matrix.localhost"}
    assert found["limited"] is False


def test_the_picture_can_be_fetched_with_a_token(
    client: httpx2.Client, synapse: Synapse, portraits: list[Path]
) -> None:
    profile = client.get(f"{synapse.url}/_matrix/client/v3/profile/@anna:matrix.localhost").json()
    place = profile["avatar_url"].removeprefix("mxc://")
    headers = {"Authorization": f"Bearer {synapse.token}"}
    picture = client.get(f"{synapse.url}/_matrix/client/v1/media/download/{place}", headers=headers)
    assert picture.content == portraits[0].read_bytes()


@pytest.mark.parametrize(("token", "code"), [("", "M_MISSING_TOKEN"), ("wrong", "M_UNKNOWN_TOKEN")])
def test_the_directory_wants_a_token(client: httpx2.Client, synapse: Synapse, token: str, code: str) -> None:
    reply = _search(client, synapse, "Anna", token)
    assert (reply.status_code, reply.json()["errcode"]) == (401, code)


def test_an_unknown_user_is_a_404(client: httpx2.Client, synapse: Synapse) -> None:
    reply = client.get(f"{synapse.url}/_matrix/client/v3/profile/@missing:matrix.localhost")
    assert (reply.status_code, reply.json()["errcode"]) == (404, "M_UNKNOWN")
