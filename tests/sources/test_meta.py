from __future__ import annotations

from typing import Any

import pytest

from app.net.budget import Budget, Ledger
from app.net.errors import BadReplyError, RateLimitedError, StatusError
from app.settings import Settings
from app.sources import instagram, threads
from app.sources.contract import Answer
from tests.sources.examples import Exchange, Replay, load_examples, replay_net
from tests.sources.examples.instagram import MARIE as ON_INSTAGRAM
from tests.sources.examples.instagram import PATH as INSTAGRAM
from tests.sources.examples.threads import MARIE as ON_THREADS
from tests.sources.examples.threads import PATH as THREADS

BOTH = (("instagram", instagram.connect, INSTAGRAM), ("threads", threads.connect, THREADS))


def _look(name: str, body: Any, status: int, *handles: str) -> tuple[Answer, Replay]:
    connect, path = next((connect, path) for one, connect, path in BOTH if one == name)
    transport = Replay((Exchange(path, body, status=status),))
    net = replay_net(transport)
    source = connect(Settings(**load_examples(name).settings)).connectors[0]
    try:
        return source.lookup(handles, net.asker(Ledger(Budget(50, 10.0)))), transport
    finally:
        net.close()


@pytest.mark.parametrize("name", ["instagram", "threads"])
@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 4, RateLimitedError),
        (403, 613, RateLimitedError),
        (400, 190, StatusError),
        (403, 10, StatusError),
        (400, 200, StatusError),
        (500, 110, StatusError),
        (400, 12345, StatusError),
        (400, None, StatusError),
        (400, [], StatusError),
    ],
)
def test_a_refusal_is_never_taken_for_an_absence(name: str, status: int, code: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        _look(name, {"error": {"code": code, "message": "no"}}, status, "marie")


@pytest.mark.parametrize("name", ["instagram", "threads"])
def test_who_is_not_shown_may_be_there(name: str) -> None:
    answer, _ = _look(name, {"error": {"code": 110}}, 400, "marie")
    assert (answer.sightings, answer.status) == ((), "partial")
    assert answer.detail


@pytest.mark.parametrize("name", ["instagram", "threads"])
def test_an_empty_answer_is_no_answer(name: str) -> None:
    with pytest.raises(BadReplyError):
        _look(name, {"id": "1"}, 200, "marie")


@pytest.mark.parametrize("name", ["instagram", "threads"])
@pytest.mark.parametrize("handle", ["marie){id},x(", "a/b", "a b", "", "a,b"])
def test_what_is_no_user_name_is_not_asked_for(name: str, handle: str) -> None:
    answer, transport = _look(name, {}, 200, handle)
    assert transport.requests == []
    assert answer.status == "partial"


@pytest.mark.parametrize(
    ("name", "body"), [("instagram", {"business_discovery": ON_INSTAGRAM}), ("threads", ON_THREADS)]
)
def test_the_token_is_in_no_address_and_no_repr(name: str, body: Any) -> None:
    _, transport = _look(name, body, 200, "marieokafor")
    (request,) = transport.requests
    assert "token" not in str(request.url)
    assert request.headers["Authorization"] == "Bearer token-of-the-operator"
    assert "token-of" not in repr(Settings(**load_examples(name).settings))


def test_what_cannot_be_seen_is_told_before() -> None:
    assert "Private people" in instagram.connect(Settings()).info.cannot_see
    assert "fewer than 100 followers" in threads.connect(Settings()).info.cannot_see
