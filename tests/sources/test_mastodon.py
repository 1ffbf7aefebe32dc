"""What Mastodon itself said to others, on a server of its own and on mastodon.social, read by our source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from app.net.budget import Budget, Ledger
from app.net.limits import read_limit
from app.settings import Settings
from app.sources.contract import Answer
from app.sources.mastodon import connect
from matchers.profile import Account
from tests.sources.examples import Exchange, Replay, replay_net
from tests.sources.recordings import read_mastodon_cassette

HERE = "localhost:3000"
BIG = "mastodon.social"
# Servers among those recorded that are another platform of the catalogue.
KIN = {"pleroma.site": "pleroma", "lemmy.radio": "lemmy"}


def _ask(
    exchanges: Sequence[Exchange], what: str | tuple[str, ...], host: str = HERE, token: str | None = None
) -> Answer:
    settings = Settings(
        mastodon_servers=(f"http://{HERE}" if host == HERE else host,),
        mastodon_tokens=(SecretStr(f"{host}={token}"),) if token else (),
        net_allow_private=(HERE,),
    )
    transport = Replay(tuple(exchanges))
    net = replay_net(transport, settings)
    [server] = connect(settings).connectors
    ask = net.asker(Ledger(Budget(50, 10.0)))
    answer = server.search(what, ask) if isinstance(what, str) else server.lookup(what, ask)
    net.close()
    assert transport.unexpected == []
    return answer


def test_a_recorded_profile_is_read_and_an_absent_one_is_absent() -> None:
    recorded = read_mastodon_cassette("test_account_lookup")
    absent, present, _ = [one for one in recorded if one.path.endswith("/lookup")]
    assert (absent.status, present.status) == (404, 200)
    assert _ask([absent], ("nobody",)) == Answer()
    (sighting,) = _ask([present], ("mastodonpy_test",)).sightings
    assert sighting.account == Account(
        "mastodon",
        f"mastodonpy_test@{HERE}",
        display_name="John Lennon",
        bio="I walk funny",
        profile_url=f"http://{HERE}/@mastodonpy_test",
        created_at=datetime(2026, 10, 14, tzinfo=UTC),
        followers=0,
        following=0,
        posts=0,
        bot=False,
    )
    assert sighting.picture is not None
    assert sighting.may_keep


def test_a_recorded_search_with_a_token_is_read() -> None:
    searched = [one for one in read_mastodon_cassette("test_account_search") if one.path.endswith("/search")]
    answer = _ask(searched[:1], "admin", token="recorded")
    assert [one.account.handle for one in answer.sightings] == [f"admin@{HERE}", f"admin2@{HERE}"]
    assert [one.picture for one in answer.sightings] == [None, None], "the picture of who has none"
    assert (answer.status, answer.cursor) == ("ok", None)


def _found_on_mastodon_social() -> tuple[Exchange, list[dict[str, Any]]]:
    recorded = read_mastodon_cassette("test_entity_searchv2", "cassettes_entity_tests")
    search = next(one for one in recorded if one.path == "/api/v2/search")
    return search, json.loads(search.body)["accounts"]


def test_a_search_recorded_from_mastodon_social_loses_nothing() -> None:
    search, shown = _found_on_mastodon_social()
    sightings = _ask([search], "halcy", BIG).sightings
    assert len(sightings) == len(shown) > 10
    for sighting, told in zip(sightings, shown, strict=True):
        account = sighting.account
        at_home = "@" not in told["acct"]
        assert account.handle == (f"{told['acct']}@{BIG}" if at_home else told["acct"])
        assert account.platform == KIN.get(told["acct"].partition("@")[2], "mastodon")
        assert (account.display_name or "") == told["display_name"].strip()
        assert (account.followers, account.following) == (told["followers_count"], told["following_count"])
        assert (account.posts, account.profile_url) == (told["statuses_count"], told["url"])
        assert account.created_at == datetime.fromisoformat(told["created_at"])
        assert (account.bio is None) == (not told["note"].replace("<p></p>", ""))
        assert not any(tag in (account.bio or "") for tag in ("<p", "<a", "<br", "<span", "</"))
        assert sighting.may_keep == (told["discoverable"] is not False and not told.get("noindex"))
        assert (sighting.picture is None) == told["avatar_static"].endswith("missing.png")
        assert [link.verified for link in account.links] == [
            field["verified_at"] is not None for field in told["fields"] if "href=" in field["value"]
        ]


def test_what_the_server_said_about_its_limits_is_understood() -> None:
    search, _ = _found_on_mastodon_social()
    limit = read_limit(search.headers, datetime(2026, 10, 15, 16, 58, tzinfo=UTC))
    assert limit.remaining == 259
    assert limit.reset_at == datetime(2026, 10, 15, 17, 0, 0, 741751, tzinfo=UTC)


@pytest.mark.parametrize("label", ["limited", "suspended"])
def test_what_moderators_did_is_recorded_and_read(label: str) -> None:
    recorded = read_mastodon_cassette("test_admin_moderation")
    accounts = [account for one in recorded for account in _accounts_in(one) if account.get(label) is True]
    assert accounts
    answer = _ask([Exchange("/api/v2/search", {"accounts": accounts})], "anybody")
    if label == "suspended":
        assert (answer.sightings, answer.withheld) == ((), len(accounts))
    else:
        assert all("limited" in sighting.account.labels for sighting in answer.sightings)


def _accounts_in(exchange: Exchange) -> list[dict[str, Any]]:
    """The accounts in a reply for moderators: each is one, and holds one."""
    try:
        body = json.loads(exchange.body)
    except ValueError:
        return []
    found = body if isinstance(body, list) else [body]
    inner = [one.get("account") for one in found if isinstance(one, dict)]
    return [one for one in (*found, *inner) if isinstance(one, dict) and "acct" in one]
