from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.net.budget import Budget, Ledger
from app.net.errors import NetError, StatusError
from app.net.reply import Reply
from app.sources.tokens import AppToken, Credentials
from tests.sources.examples import Exchange, Replay, replay_net

URL = "https://id.example/token"
DATA = "https://api.example/users"
TOKEN = {"access_token": "t0", "expires_in": 3600}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("access_token", "expires_in")), inner),
    max_leaves=6,
)


def _token_exchange(body: Any = TOKEN, status: int = 200) -> Exchange:
    return Exchange("/token", body, method="POST", status=status)


def _get(token: AppToken, *exchanges: Exchange) -> tuple[Reply, Replay]:
    transport = Replay(exchanges)
    net = replay_net(transport)
    try:
        return token.get(net.asker(Ledger(Budget(20, 10.0))), DATA, {"q": "x"}), transport
    finally:
        net.close()


def test_a_token_is_asked_for_once_and_renewed_before_it_ends() -> None:
    now = [0.0]
    token = AppToken(Credentials(URL, "id", "secret"), lambda: now[0])
    exchanges = (_token_exchange(), Exchange("/users", {}))
    assert len(_get(token, *exchanges)[1].requests) == 2
    assert len(_get(token, *exchanges)[1].requests) == 1
    now[0] = 3_599.0
    assert len(_get(token, *exchanges)[1].requests) == 2


def test_a_token_that_is_refused_is_renewed_once() -> None:
    token = AppToken(Credentials(URL, "id", "secret"))
    reply, transport = _get(token, _token_exchange(), Exchange("/users", {}, status=401))
    assert reply.status == 401
    assert [request.url.path for request in transport.requests] == ["/token", "/users", "/token", "/users"]
    assert transport.requests[-1].headers["Authorization"] == "Bearer t0"


@pytest.mark.parametrize("basic", [True, False])
def test_the_secret_goes_to_the_token_s_address_alone(basic: bool) -> None:
    token = AppToken(Credentials(URL, "id", "s:cret", basic))
    _, transport = _get(token, _token_exchange(), Exchange("/users", {}))
    first, second = transport.requests
    form = parse_qs(first.content.decode())
    assert form["grant_type"] == ["client_credentials"]
    if basic:
        pair = base64.b64decode(first.headers["Authorization"].removeprefix("Basic "))
        assert pair == b"id:s%3Acret"
        assert "client_secret" not in form
    else:
        assert (form["client_id"], form["client_secret"]) == (["id"], ["s:cret"])
    assert "cret" not in str(second.headers) + str(second.url)
    assert "cret" not in repr(token) + repr(Credentials(URL, "id", "s:cret"))


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_wrong_secret_is_told(status: int) -> None:
    with pytest.raises(StatusError, match="key and secret"):
        _get(AppToken(Credentials(URL, "id", "secret")), _token_exchange({}, status))


@given(JSON)
def test_no_token_reply_breaks_it(body: Any) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return (_token_exchange(body) if request.method == "POST" else Exchange("/users", {})).answer()

    net = replay_net(httpx2.MockTransport(answer))
    try:
        AppToken(Credentials(URL, "id", "secret")).get(net.asker(Ledger(Budget(20, 10.0))), DATA, {})
    except NetError:
        assert not isinstance(body, dict) or body.get("access_token") != "t0"
    finally:
        net.close()
