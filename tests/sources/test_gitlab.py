"""GitLab.com: what it may be asked with and without a token, and whose details are fetched."""

from __future__ import annotations

import pytest

from app.net.budget import Budget, Ledger
from app.settings import Settings
from app.sources import gitlab
from app.sources.gitlab import GitLab
from tests.sources.examples import Exchange, Replay, replay_net
from tests.sources.examples.gitlab import FULL, ITEM, PATH


def test_without_a_token_nobody_may_search() -> None:
    assert not gitlab.connect(Settings()).info.searches
    assert gitlab.connect(Settings.model_validate({"gitlab_token": "t"})).info.searches


@pytest.mark.parametrize("token", [None, "t"])
def test_the_token_travels_in_a_header(token: str | None) -> None:
    replay = Replay((Exchange(PATH, []),))
    net = replay_net(replay)
    GitLab(token).lookup(("marie",), net.asker(Ledger(Budget(5, 10.0))))
    net.close()
    assert [request.headers.get("authorization") for request in replay.requests] == [token and f"Bearer {token}"]


def test_another_user_name_than_asked_for_is_left_out() -> None:
    replay = Replay((Exchange(PATH, [{**ITEM, "username": "somebody"}]),))
    net = replay_net(replay)
    assert GitLab().lookup(("marieokafor",), net.asker(Ledger(Budget(5, 10.0)))).sightings == ()
    net.close()


def test_details_of_another_user_are_not_taken() -> None:
    replay = Replay((Exchange(PATH, [ITEM]), Exchange(f"{PATH}/7", {**FULL, "id": 9})))
    net = replay_net(replay)
    [sighting] = GitLab().lookup(("marieokafor",), net.asker(Ledger(Budget(5, 10.0)))).sightings
    net.close()
    assert (sighting.account.account_id, sighting.account.bio) == ("7", None)


def test_what_was_found_stays_when_the_budget_ends() -> None:
    many = [{**ITEM, "id": at, "username": f"marie{at}"} for at in range(20)]
    details = tuple(Exchange(f"{PATH}/{user['id']}", {**user, "bio": "b"}) for user in many)
    replay = Replay((Exchange(PATH, many), *details))
    net = replay_net(replay)
    answer = GitLab("t").search("marie", net.asker(Ledger(Budget(4, 10.0))))
    net.close()
    assert [one.account.bio for one in answer.sightings] == ["b"] * 3 + [None] * 17
    assert answer.status == "partial"
    assert "17 accounts" in (answer.detail or "")


@pytest.mark.parametrize("header", ["", "x", "-1", "1e9", "12345678"])
def test_a_next_page_that_is_none_ends(header: str) -> None:
    replay = Replay((Exchange(PATH, [], headers={"X-Next-Page": header}),))
    net = replay_net(replay)
    assert GitLab("t").search("marie", net.asker(Ledger(Budget(5, 10.0)))).cursor is None
    net.close()
