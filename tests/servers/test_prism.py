"""GitHub's API as GitHub describes it: its examples, its errors, its checks of what is asked."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.servers.prism import run_github

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def github() -> Iterator[str]:
    with run_github() as url:
        yield url


def test_a_search_for_users_and_a_profile_are_answered_as_described(client: httpx2.Client, github: str) -> None:
    found = client.get(f"{github}/search/users", params={"q": "anna", "per_page": 5}).json()
    assert found["items"][0]["login"]
    assert found["items"][0]["avatar_url"].startswith("https://")
    profile = client.get(f"{github}/users/octocat").json()
    assert profile["login"] == "octocat"
    assert isinstance(profile["followers"], int)


@pytest.mark.parametrize(
    ("path", "prefer", "status"),
    [
        ("/search/users", "", 422),
        ("/users/octocat", "code=404", 404),
        ("/search/users?q=anna", "code=503", 503),
        ("/nothing/here", "", 404),
    ],
)
def test_refusals_have_the_status_that_is_described(
    client: httpx2.Client, github: str, path: str, prefer: str, status: int
) -> None:
    headers = {"Prefer": prefer} if prefer else {}
    assert client.get(f"{github}{path}", headers=headers).status_code == status
