"""Matrix: whose token goes where."""

from __future__ import annotations

import pytest

from app.net.budget import Budget, Ledger
from app.settings import Settings
from app.sources import matrix
from app.sources.matrix import Matrix
from tests.sources.examples import Exchange, Replay, replay_net


@pytest.mark.parametrize("place", ["x/../y", "mxc://a/b/c", "mxc://a?b/c", "https://a.example/b", "mxc://a@b/c", 7])
def test_a_picture_elsewhere_gets_no_token(place: object) -> None:
    user = {"user_id": "@marie:a.example", "avatar_url": place}
    replay = Replay((Exchange("/_matrix/client/v3/user_directory/search", {"results": [user]}, method="POST"),))
    ask = replay_net(replay).asker(Ledger(Budget(5, 10.0)))
    [sighting] = Matrix("a.example", "https://a.example", "token").search("Marie", ask).sightings
    assert sighting.picture is None
    assert replay.requests[0].headers["authorization"] == "Bearer token"


def test_a_picture_of_the_server_comes_with_the_token() -> None:
    user = {"user_id": "@marie:a.example", "avatar_url": "mxc://b.example:8448/Ab_-9"}
    replay = Replay((Exchange("/_matrix/client/v3/user_directory/search", {"results": [user]}, method="POST"),))
    ask = replay_net(replay).asker(Ledger(Budget(5, 10.0)))
    [sighting] = Matrix("a.example", "https://a.example", "token").search("Marie", ask).sightings
    assert sighting.picture is not None
    assert sighting.picture.url.startswith("https://a.example/_matrix/client/v1/media/thumbnail/b.example:8448/Ab_-9?")
    assert sighting.picture.headers == {"Authorization": "Bearer token"}


def test_the_server_is_asked_once_what_it_calls_itself() -> None:
    replay = Replay(
        (
            Exchange("/_matrix/client/v3/account/whoami", {"user_id": "@watcher:home.example"}),
            Exchange("/_matrix/client/v3/profile/@marie:home.example", {"displayname": "Marie"}),
            Exchange("/_matrix/client/v3/profile/@mar1e:home.example", {"displayname": "Marie"}),
        )
    )
    ask = replay_net(replay).asker(Ledger(Budget(5, 10.0)))
    server = Matrix("a.example", "https://a.example", "token")
    found = [server.lookup([handle], ask).sightings[0].account.handle for handle in ("marie", "mar1e")]
    assert found == ["marie@home.example", "mar1e@home.example"]
    assert ask.ledger.calls == 3


def test_a_server_that_does_not_tell_what_it_calls_itself_is_asked_again() -> None:
    whoami = "/_matrix/client/v3/account/whoami"
    profile = Exchange("/_matrix/client/v3/profile/@marie:a.example", {"displayname": "Marie"})
    ask = replay_net(Replay((Exchange(whoami, {}), profile))).asker(Ledger(Budget(5, 10.0)))
    server = Matrix("a.example", "https://a.example", "token")
    for _ in range(2):
        assert server.lookup(["marie"], ask).sightings[0].account.handle == "marie@a.example"
    assert ask.ledger.calls == 4


@pytest.mark.parametrize("told", [{}, {"matrix_url": "https://a.example"}, {"matrix_token": "token"}])
def test_without_an_account_it_is_not_ready(told: dict[str, str]) -> None:
    remote = matrix.connect(Settings.model_validate(told))
    assert not remote.info.ready
    assert remote.connectors == ()
