"""GitHub's own ways: limits told as a refusal, and a search that goes on without the details."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx2
import pytest

from app.net.asking import Asker
from app.net.budget import Budget, Ledger
from app.net.errors import RateLimitedError, StatusError
from app.net.limits import read_limit
from app.sources.contract import Answer
from app.sources.github import DETAILS_WITHOUT_TOKEN, GitHub
from matchers.profile import Account, Link
from tests.sources.examples import Exchange, Replay, replay_net
from tests.sources.examples.github import FULL, ITEM
from tests.sources.recordings import read_github_replays


def _ask(*exchanges: Exchange, calls: int = 50) -> tuple[Asker, Replay]:
    replay = Replay(exchanges)
    return replay_net(replay).asker(Ledger(Budget(calls, 10.0))), replay


def _search(count: int) -> Exchange:
    return Exchange("/search/users", {"items": [{**ITEM, "login": f"marie{n}"} for n in range(count)]})


def _user(number: int, status: int = 200, **headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(f"/users/marie{number}", {**FULL, "login": f"marie{number}"}, status=status, headers=named)


@pytest.mark.parametrize("headers", [{"X-RateLimit-Remaining": "0"}, {"Retry-After": "60"}])
def test_a_used_up_limit_is_told_as_such(headers: dict[str, str]) -> None:
    ask, _ = _ask(Exchange("/users/marie", {"message": "API rate limit exceeded"}, status=403, headers=headers))
    with pytest.raises(RateLimitedError):
        GitHub("https://api.github.com").lookup(("marie",), ask)


def test_any_other_refusal_is_one() -> None:
    ask, _ = _ask(Exchange("/users/marie", {"message": "Forbidden"}, status=403))
    with pytest.raises(StatusError):
        GitHub("https://api.github.com").lookup(("marie",), ask)


def test_without_a_token_few_are_looked_up_and_the_rest_keep_their_user_name() -> None:
    ask, replay = _ask(_search(8), *map(_user, range(8)))
    answer = GitHub("https://api.github.com").search("Marie", ask)
    assert len(answer.sightings) == 8
    assert len(replay.requests) == 1 + DETAILS_WITHOUT_TOKEN
    assert [one.account.display_name for one in answer.sightings].count("Marie Okafor") == DETAILS_WITHOUT_TOKEN
    assert (answer.status, answer.detail) == ("partial", "Of 5 accounts only the user name is known")


@pytest.mark.parametrize("calls", [2, 50])
def test_what_was_found_outlives_a_limit_met_on_the_way(calls: int) -> None:
    ask, _ = _ask(_search(3), _user(0), _user(1, 403, X_RateLimit_Remaining="0"), calls=calls)
    answer = GitHub("https://api.github.com", "token").search("Marie", ask)
    assert [one.account.display_name for one in answer.sightings] == ["Marie Okafor", None, None]
    assert answer.status == "partial"


def test_the_token_is_sent_and_shown_to_nobody_else() -> None:
    seen: list[str | None] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers.get("authorization"))
        moved = {"Location": "https://elsewhere.example/users/marie"}
        body = json.dumps(FULL).encode()
        return httpx2.Response(301, headers=moved) if len(seen) == 1 else httpx2.Response(200, content=body)

    ask = replay_net(httpx2.MockTransport(answer)).asker(Ledger(Budget(50, 10.0)))
    assert GitHub("https://api.github.com", "token").lookup(("marie",), ask).sightings
    assert seen == ["Bearer token", None]


def _lookup(exchanges: Sequence[Exchange], handle: str) -> Answer:
    ask, replay = _ask(*exchanges)
    answer = GitHub("https://api.github.com").lookup((handle,), ask)
    assert replay.unexpected == []
    return answer


def test_a_recorded_profile_is_read_and_an_absent_one_is_absent() -> None:
    (sighting,) = _lookup(read_github_replays("NamedUser.setUp"), "jacquev6").sightings
    assert sighting.account == Account(
        "github",
        "jacquev6",
        "327146",
        "Vincent Jacques",
        profile_url="https://github.com/jacquev6",
        created_at=datetime(2010, 7, 9, 6, 10, 6, tzinfo=UTC),
        followers=98,
        following=62,
        bot=False,
        links=(Link("http://vincent-jacques.net"),),
    )
    assert sighting.picture is not None
    assert sighting.picture.url == "https://avatars.githubusercontent.com/u/327146?v=4&s=400"
    assert _lookup(read_github_replays("Exceptions.testUnknownUser"), "ThisUserShouldReallyNotExist") == Answer()


def test_a_recorded_search_is_read() -> None:
    (search,) = read_github_replays("Search.testSearchUsers")
    shown = json.loads(search.body)["items"]
    profile = {**json.loads(read_github_replays("NamedUser.setUp")[0].body), "login": shown[0]["login"]}
    ask, _ = _ask(search, Exchange(f"/users/{shown[0]['login']}", profile), calls=2)
    answer = GitHub("https://api.github.com").search("vincent", ask)
    accounts = [sighting.account for sighting in answer.sightings]
    assert [account.handle for account in accounts] == [item["login"] for item in shown]
    assert [account.account_id for account in accounts[1:]] == [str(item["id"]) for item in shown[1:]]
    assert [account.profile_url for account in accounts[1:]] == [item["html_url"] for item in shown[1:]]
    assert (answer.status, answer.cursor) == ("partial", "2")


def test_what_github_said_about_its_limits_is_understood() -> None:
    (octocat,) = read_github_replays("Github.testGetUserById")
    limit = read_limit(octocat.headers, datetime(2020, 9, 12, 12, 26, 9, tzinfo=UTC))
    assert (limit.remaining, limit.reset_at) == (59, datetime(2020, 9, 12, 13, 26, 9, tzinfo=UTC))
