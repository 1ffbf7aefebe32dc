from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.net.budget import Budget, Ledger
from app.settings import Settings
from app.sources.contract import Answer
from app.sources.reddit import connect
from matchers.profile import Account
from tests.sources.examples import Exchange, Replay, replay_net
from tests.sources.examples.reddit import SETTINGS
from tests.sources.recordings import read_reddit_cassette


def _exchanges(interactions: list[dict[str, Any]]) -> tuple[Exchange, ...]:
    """What was recorded. Reddit is asked for /about/ there; a slash at the end makes no difference to it."""
    found = []
    for one in interactions:
        url, method = urlsplit(one["request"]["uri"]), one["request"]["method"]
        body = one["response"]["body"]["string"].replace("<ACCESS_TOKEN>", "recorded")
        status = one["response"]["status"]["code"]
        found.append(Exchange(url.path.rstrip("/"), body.encode(), status=status, method=method, host=url.hostname))
    return tuple(found)


def _ask(exchanges: tuple[Exchange, ...], what: str | tuple[str, ...]) -> Answer:
    transport = Replay(exchanges)
    net = replay_net(transport)
    source = connect(Settings(**SETTINGS)).connectors[0]  # type: ignore[arg-type]
    ask = net.asker(Ledger(Budget(50, 10.0)))
    answer = source.search(what, ask) if isinstance(what, str) else source.lookup(what, ask)
    net.close()
    assert transport.unexpected == []
    return answer


def test_a_recorded_search_is_read() -> None:
    answer = _ask(_exchanges(read_reddit_cassette("TestRedditors.test_search")), "praw")
    (sighting,) = answer.sightings
    assert sighting.account == Account(
        "reddit",
        "praw",
        "61icj",
        profile_url="https://www.reddit.com/user/praw/",
        created_at=datetime(2011, 10, 14, 12, 2, 27, tzinfo=UTC),
    )
    assert sighting.picture is None, "the drawn picture of somebody without one"
    assert (answer.status, answer.cursor, sighting.may_keep) == ("ok", None, True)


def test_a_recorded_profile_is_read() -> None:
    recorded = read_reddit_cassette("TestRedditor.test_fullname_init")
    answer = _ask(_exchanges(recorded), ("PyAPITestUser3",))
    (sighting,) = answer.sightings
    told = json.loads(recorded[-1]["response"]["body"]["string"])["data"]
    account = sighting.account
    assert (account.handle, account.account_id) == ("PyAPITestUser3", told["id"])
    assert account.created_at == datetime.fromtimestamp(told["created_utc"], UTC)
    assert (account.followers, account.posts, account.verified) == (None, None, None)


@pytest.mark.parametrize("handle", ["../../api/v1/me", "a/b", "", "x?y=1"])
def test_what_is_no_user_name_is_not_asked_for(handle: str) -> None:
    assert _ask((), (handle,)) == Answer()


def test_that_each_app_needs_approval_is_told() -> None:
    info = connect(Settings()).info
    assert info.not_ready is not None
    assert "approves" in info.not_ready
