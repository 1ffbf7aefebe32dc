from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.net.budget import Budget, Ledger
from app.settings import Settings
from app.sources.contract import Answer, Gathered, Plan
from app.sources.gathering import Gatherer
from app.sources.x import BATCH, FIELDS, PAGE, connect
from matchers.marks import read_mark
from matchers.profile import Handle, Subject
from tests.sources.examples import Exchange, Replay, replay_net
from tests.sources.examples.x import BY, MARIE, NOBODY, PARODY, SEARCH, SETTINGS
from tests.sources.recordings import load_x_models

SUBJECT = Subject(names=("Marie Okafor",), handles=(Handle("marieokafor", "x"),))
NONE = Exchange(BY, {"errors": [NOBODY]})


def _ask(exchange: Exchange, what: str | tuple[str, ...]) -> Answer:
    net = replay_net(Replay((exchange,)))
    source = connect(Settings(**SETTINGS)).connectors[0]  # type: ignore[arg-type]
    ask = net.asker(Ledger(Budget(50, 10.0)))
    answer = source.search(what, ask) if isinstance(what, str) else source.lookup(what, ask)
    net.close()
    return answer


def _gather(money: float, exchanges: tuple[Exchange, ...]) -> tuple[Gathered, Replay]:
    transport = Replay(exchanges)
    net = replay_net(transport)
    source = Gatherer(connect(Settings(**SETTINGS)), net)  # type: ignore[arg-type]
    found = asyncio.run(source.gather(Plan(SUBJECT, 20, Budget(200, 20.0, money))))
    net.close()
    return found, transport


@pytest.mark.parametrize("user", [MARIE, PARODY], ids=["marie", "parody"])
def test_the_examples_have_the_fields_of_x_s_own_models(user: dict[str, Any]) -> None:
    models = load_x_models()
    read = models.User.model_validate(user)
    assert not read.model_extra
    for name in ("public_metrics", "entities"):
        assert name not in user or not getattr(read, name).model_extra


def test_all_that_is_asked_for_is_a_field_there() -> None:
    assert set(FIELDS.split(",")) <= load_x_models().User.model_fields.keys()


@pytest.mark.parametrize(
    ("marks", "verified", "kind", "meaning"),
    [
        ({"verified": True, "verified_type": "government"}, True, "government", "vouched"),
        ({"verified": True, "verified_type": "business", "is_identity_verified": True}, True, "business", "vouched"),
        (
            {"verified": True, "verified_type": "blue", "is_identity_verified": True},
            True,
            "identity_verified",
            "vouched",
        ),
        ({"verified": True, "verified_type": "blue"}, True, "blue", "paid"),
        ({"verified": True}, True, None, "paid"),
        ({"verified": False, "verified_type": "none"}, False, None, None),
        ({}, None, None, None),
    ],
)
def test_a_mark_is_told_by_its_kind(
    marks: dict[str, Any], verified: bool | None, kind: str | None, meaning: str | None
) -> None:
    answer = _ask(Exchange(SEARCH, {"data": [{"id": "1", **marks}]}), "Marie")
    account = answer.sightings[0].account
    assert (account.verified, account.verified_kind) == (verified, kind)
    assert meaning is None or read_mark("x", account.verified_kind) == meaning


@pytest.mark.parametrize(
    ("url", "picture"),
    [
        ("https://pbs.twimg.com/profile_images/1/a_normal.png", "https://pbs.twimg.com/profile_images/1/a_400x400.png"),
        ("https://pbs.twimg.com/profile_images/1/a.png", "https://pbs.twimg.com/profile_images/1/a.png"),
        ("https://pbs.twimg.com/x_normal.d/a.png", "https://pbs.twimg.com/x_normal.d/a.png"),
    ],
)
def test_the_larger_picture_is_asked_for(url: str, picture: str) -> None:
    answer = _ask(Exchange(SEARCH, {"data": [{"id": "1", "profile_image_url": url}]}), "Marie")
    assert answer.sightings[0].picture is not None
    assert answer.sightings[0].picture.url == picture


def test_whatever_comes_back_is_paid_for() -> None:
    answer = _ask(Exchange(SEARCH, {"data": [MARIE, {"name": "unreadable"}, 7]}), "Marie")
    assert len(answer.sightings) == 1
    assert answer.cost == pytest.approx(0.03)


@pytest.mark.parametrize("status", [402, 403])
def test_a_key_that_may_not_ask_is_unknown_and_never_clean(status: int) -> None:
    answer = _ask(Exchange(SEARCH, {}, status=status), "Marie")
    assert (answer.status, answer.cost) == ("unknown", 0.0)
    assert answer.detail


def test_an_account_that_x_keeps_to_itself_is_told() -> None:
    error = {"title": "Authorization Error", "type": "https://api.x.com/2/problems/not-authorized-for-resource"}
    assert _ask(Exchange(BY, {"errors": [error, NOBODY]}), ("a", "b")).status == "partial"


def test_without_money_nothing_is_asked() -> None:
    found, transport = _gather(0.0, ())
    assert (found.status, found.cost) == ("skipped", 0.0)
    assert transport.requests == []


@pytest.mark.parametrize("money", [0.05, 0.2, 0.31, 0.5, 1.0, 10.0])
def test_a_scan_never_costs_more_than_its_budget(money: float) -> None:
    many = {"data": [{**MARIE, "id": str(n)} for n in range(PAGE)], "meta": {"next_token": "more"}}
    batch = {"data": [{**MARIE, "id": str(n)} for n in range(BATCH)]}
    found, transport = _gather(money, (Exchange(SEARCH, many), Exchange(BY, batch)))
    spent = sum((PAGE if request.url.path == SEARCH else BATCH) * 0.01 for request in transport.requests)
    assert found.cost == pytest.approx(spent)
    assert spent <= money + 1e-9


def test_what_was_not_spent_is_told_as_such() -> None:
    found, _ = _gather(1.0, (Exchange(SEARCH, {"data": [MARIE], "meta": {}}), NONE))
    assert found.cost == pytest.approx(0.01 * found.told)
    assert 0 < found.cost < 1


def test_the_token_is_in_no_repr() -> None:
    settings = Settings(**SETTINGS)  # type: ignore[arg-type]
    assert "token-of-the-operator" not in repr(settings) + repr(connect(settings))


def test_the_price_of_each_call_is_told_before() -> None:
    info = connect(Settings(x_price_per_user=0.02)).info
    assert (info.money_per_search, info.money_per_handle) == (PAGE * 0.02, 0.02)
    assert "$0.020" in info.cost
