"""The styles in which platforms say how much more may be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.net.limits import LONGEST_WAIT, read_limit

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("headers", "remaining", "reset"),
    [
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "2026-11-24T12:01:30.000Z"}, 7, SOON),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(SOON.timestamp()))}, 0, SOON),
        ({"ratelimit-remaining": "12", "ratelimit-reset": "90"}, 12, SOON),
        ({"ratelimit-remaining": "0", "ratelimit-reset": str(int(SOON.timestamp()))}, 0, SOON),
        ({"x-ratelimit-remaining": "98.0", "x-ratelimit-reset": "90"}, 98, SOON),
        ({"x-ratelimit-reset": str(int(SOON.timestamp() * 1000))}, None, SOON),
        ({"ratelimit": '"default";r=0;t=90'}, 0, SOON),
        ({"ratelimit-remaining": "many", "ratelimit-reset": "later"}, None, None),
        ({}, None, None),
    ],
)
def test_remaining_calls_and_the_next_window(
    headers: dict[str, str], remaining: int | None, reset: datetime | None
) -> None:
    limit = read_limit(headers, NOW)
    assert (limit.remaining, limit.reset_at) == (remaining, reset)


@pytest.mark.parametrize("text", ["90", "Tue, 24 Nov 2026 12:01:30 GMT"])
def test_an_order_to_wait(text: str) -> None:
    assert read_limit({"retry-after": text}, NOW).retry_at == SOON


def test_nobody_waits_for_ever() -> None:
    assert read_limit({"retry-after": "9" * 12}, NOW).retry_at == NOW + LONGEST_WAIT


@given(st.dictionaries(st.sampled_from(["retry-after", "x-ratelimit-reset", "ratelimit"]), st.text(max_size=40)))
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    limit = read_limit(headers, NOW)
    assert limit.retry_at is None or limit.retry_at <= NOW + LONGEST_WAIT
