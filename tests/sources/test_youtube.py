from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from app.net.budget import Budget, Ledger
from app.net.errors import RateLimitedError
from app.settings import Settings
from app.sources.contract import Answer
from app.sources.units import DailyUnits
from app.sources.youtube import SEARCH_SHARE, YouTube, connect
from tests.sources.examples import Exchange, Replay, replay_net
from tests.sources.examples.youtube import CHANNELS, FOUND, LISTED, NONE, SEARCH, USED_UP
from tests.sources.recordings import read_youtube_schemas

PACIFIC = timezone(timedelta(hours=-8))
NOON = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


def _units(limit: int) -> DailyUnits:
    return DailyUnits(limit, PACIFIC, lambda: NOON)


def _ask(exchanges: tuple[Exchange, ...], units: DailyUnits, what: str | tuple[str, ...]) -> tuple[Answer, Replay]:
    transport = Replay(exchanges)
    net = replay_net(transport)
    ask = net.asker(Ledger(Budget(50, 10.0)))
    source = YouTube("a-key", units)
    answer = source.search(what, ask) if isinstance(what, str) else source.lookup(what, ask)
    net.close()
    return answer, transport


def _check(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str) -> None:
    """The value has only what the platform's own schema names, in its types."""
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    kinds = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
    assert isinstance(value, kinds[schema["type"]]), at
    if isinstance(value, dict):
        for key, one in value.items():
            assert key in schema["properties"], f"{at}.{key}"
            _check(one, schema["properties"][key], schemas, f"{at}.{key}")
    elif isinstance(value, list):
        for one in value:
            _check(one, schema["items"], schemas, f"{at}[]")


@pytest.mark.parametrize(
    ("body", "name"),
    [(FOUND, "SearchListResponse"), (LISTED, "ChannelListResponse"), (NONE, "ChannelListResponse")],
)
def test_the_examples_have_the_shape_of_the_discovery_document(body: dict[str, Any], name: str) -> None:
    schemas = read_youtube_schemas()["schemas"]
    _check(body, {"$ref": name}, schemas, name)


def test_the_calls_are_those_of_the_discovery_document() -> None:
    document = read_youtube_schemas()
    _, transport = _ask((Exchange(SEARCH, FOUND), Exchange(CHANNELS, LISTED)), _units(1_000), "Marie Okafor")
    for request, resource in zip(transport.requests, ("search", "channels"), strict=True):
        method = document["resources"][resource]["methods"]["list"]
        assert str(request.url.copy_with(query=None)) == document["rootUrl"] + method["path"]
        assert set(request.url.params) <= method["parameters"].keys()


def test_the_key_is_in_no_address_and_no_repr() -> None:
    _, transport = _ask((Exchange(CHANNELS, NONE),), _units(10), ("marie",))
    assert all("a-key" not in str(request.url) for request in transport.requests)
    assert transport.requests[0].headers["X-Goog-Api-Key"] == "a-key"
    settings = Settings(youtube_key="a-key")  # type: ignore[arg-type]
    assert "a-key" not in repr(settings) + repr(connect(settings))


def test_searches_leave_a_part_of_the_day_to_handles() -> None:
    units = _units(505)
    searched = (Exchange(SEARCH, FOUND), Exchange(CHANNELS, LISTED))
    statuses = [_ask(searched, units, "Marie")[0].status for _ in range(5)]
    assert statuses == ["ok"] * 4 + ["partial"]
    assert 505 * SEARCH_SHARE >= 4 * 101
    assert _ask((Exchange(CHANNELS, NONE),), units, ("marie",))[0].status == "ok"


def test_the_day_is_never_overdrawn() -> None:
    answer, transport = _ask((Exchange(CHANNELS, LISTED),), _units(2), ("a", "b", "c"))
    assert len(transport.requests) == 2
    assert (answer.status, len(answer.sightings)) == ("rate_limited", 4)
    assert answer.retry_at == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def test_once_the_platform_says_used_up_nothing_more_is_asked() -> None:
    units = _units(100)
    answer, _ = _ask((Exchange(CHANNELS, USED_UP, status=403),), units, ("marie",))
    assert answer.status == "rate_limited"
    _, transport = _ask((Exchange(CHANNELS, NONE),), units, ("marie",))
    assert transport.requests == []


def test_too_many_calls_in_a_minute_do_not_end_the_day() -> None:
    units = _units(100)
    hasty = {"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}
    with pytest.raises(RateLimitedError):
        _ask((Exchange(CHANNELS, hasty, status=403),), units, ("marie",))
    assert units.take(1)


def test_a_new_day_brings_new_units() -> None:
    now = [NOON]
    units = DailyUnits(1, PACIFIC, lambda: now[0])
    assert units.take(1)
    assert not units.take(1)
    now[0] += timedelta(hours=12)
    assert units.take(1)


@pytest.mark.parametrize(
    "settings", [{}, {"youtube_key": "k", "scan_days": 31}, {"youtube_key": "k", "account_days": 90}]
)
def test_without_a_key_or_with_rows_kept_too_long_it_is_not_ready(settings: dict[str, Any]) -> None:
    remote = connect(Settings(**settings))
    assert not remote.info.ready
    assert remote.info.not_ready
    assert remote.connectors == ()
