"""One question to a source: what works, what does not, and what costs money."""

from __future__ import annotations

from typing import Any

import pytest

from app.problems import InvalidInputError
from app.settings import Settings
from app.sources import bluesky, x
from app.sources.contract import Remote
from app.sources.gathering import Gatherer
from app.sources.links import LinksSource
from app.sources.trial import Tried, try_source
from app.sources.x import PAGE
from tests.sources.examples import Exchange, Replay, load_examples, replay_net
from tests.sources.examples.x import BY, MARIE, SEARCH

NAME = "Marie Okafor"


def _try(remote: Remote, exchanges: tuple[Exchange, ...], money: float = 0.0) -> tuple[list[Tried], Replay]:
    transport = Replay(exchanges)
    net = replay_net(transport)
    tried = try_source({"s": Gatherer(remote, net), "links": LinksSource()}, "s", NAME, "marie", money)
    net.close()
    return tried, transport


def _x() -> Remote:
    settings: Any = load_examples("x").settings
    return x.connect(Settings(**settings))


def test_a_source_that_works_says_what_it_found() -> None:
    exchanges = tuple(exchange for example in load_examples("bluesky").examples[:1] for exchange in example.exchanges)
    tried, _ = _try(bluesky.connect(Settings()), exchanges)
    assert [line.works for line in tried] == [True, False]
    assert tried[0].told == "answered with 2 accounts"


@pytest.mark.parametrize(("money", "asked"), [(0.0, []), (0.02, [BY]), (PAGE * 0.01 + 0.01, [SEARCH, BY])])
def test_a_paid_source_is_asked_as_far_as_the_money_goes(money: float, asked: list[str]) -> None:
    found = {"data": [MARIE]}
    tried, transport = _try(_x(), (Exchange(SEARCH, found), Exchange(BY, found)), money)
    assert [request.url.path for request in transport.requests] == asked
    assert {line.works for line in tried} == ({True} if asked else {None})
    assert len(tried) == max(1, len(asked))
    assert all("for $0.010" in line.told for line in tried if line.works)
    assert asked or "--max-money" in tried[0].told


def test_what_asks_nobody_is_not_tried_and_what_is_unknown_is_refused() -> None:
    (line,) = try_source({"links": LinksSource()}, "links", NAME, None)
    assert line.works is None
    with pytest.raises(InvalidInputError):
        try_source({}, "nowhere", NAME, None)
