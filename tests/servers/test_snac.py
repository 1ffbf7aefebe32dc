"""Two snac servers as they are: a real Mastodon API, and one server that meets accounts of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.servers.people import Person
from tests.servers.snac import Snac, meet, run_snac

pytestmark = [pytest.mark.slow, pytest.mark.data]


@pytest.fixture(scope="module")
def home(portraits: list[Path]) -> Iterator[Snac]:
    with run_snac([Person("anna", "Anna Berg", "Writes about bridges.", portraits[0])]) as running:
        yield running


@pytest.fixture(scope="module")
def other(portraits: list[Path]) -> Iterator[Snac]:
    with run_snac([Person("anna_berg", "Anna Berg", "Not her.", portraits[0])]) as running:
        yield running


def _headers(server: Snac) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.token}"}


def test_a_token_finds_accounts_by_the_start_of_their_handle(client: httpx2.Client, home: Snac) -> None:
    [found] = client.get(f"{home.url}/api/v1/accounts/search", params={"q": "ann"}, headers=_headers(home)).json()
    assert (found["acct"], found["display_name"]) == (f"anna@{home.host}", "Anna Berg")
    assert "bridges" in found["note"]


def test_the_picture_can_be_fetched_as_it_was(client: httpx2.Client, home: Snac, portraits: list[Path]) -> None:
    found = client.get(f"{home.url}/api/v1/accounts/lookup", params={"acct": "anna"}).json()
    assert client.get(found["avatar"]).content == portraits[0].read_bytes()


def test_an_account_of_another_server_is_resolved_there(client: httpx2.Client, home: Snac, other: Snac) -> None:
    asked = {"q": f"@anna_berg@{other.host}", "resolve": "true", "type": "accounts"}
    [found] = client.get(f"{home.url}/api/v2/search", params=asked, headers=_headers(home)).json()["accounts"]
    assert (found["acct"], found["display_name"]) == (f"anna_berg@{other.host}", "Anna Berg")


def test_an_account_of_another_server_is_listed_once_somebody_follows_it(
    client: httpx2.Client, home: Snac, other: Snac
) -> None:
    meet(home, f"anna_berg@{other.host}")
    found = client.get(f"{home.url}/api/v1/accounts/search", params={"q": "anna"}, headers=_headers(home)).json()
    assert {one["acct"] for one in found} == {f"anna@{home.host}", f"anna_berg@{other.host}"}


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/api/v1/accounts/lookup", {"acct": "missing"}, 404),
        ("/api/v1/accounts/search", {"q": "ann"}, 404),
        ("/.well-known/webfinger", {"resource": "acct:missing@localhost"}, 404),
    ],
)
def test_what_is_not_there_or_not_allowed_is_refused(
    client: httpx2.Client, home: Snac, path: str, params: dict[str, str], status: int
) -> None:
    assert client.get(f"{home.url}{path}", params=params).status_code == status
