"""Pacing, waiting when asked to, and leaving alone what is down; on a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.net.errors import BudgetSpentError, CircuitOpenError, RateLimitedError, StoppedError
from app.net.hosts import MAX_FAILURES, OPEN_SECONDS, Hosts
from app.net.limits import Limit

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _hosts(clock: Clock, per_second: float = 2.0, burst: int = 3) -> Hosts:
    return Hosts(per_second, burst, clock, clock.sleep)


def _enter(hosts: Hosts, clock: Clock, host: str = "a", left: float = 60.0) -> float:
    hosts.enter(host, lambda: left, lambda: False)
    return clock.now


def test_a_burst_goes_at_once_and_then_at_the_pace() -> None:
    clock = Clock()
    hosts = _hosts(clock)
    moments = [_enter(hosts, clock) for _ in range(6)]
    assert moments == pytest.approx([100, 100, 100, 100.5, 101, 101.5], abs=0.01)
    assert _enter(hosts, clock, "b") == clock.now


def test_a_turn_that_comes_too_late_is_not_waited_for() -> None:
    clock = Clock()
    hosts = _hosts(clock, per_second=0.1, burst=1)
    _enter(hosts, clock)
    with pytest.raises(BudgetSpentError):
        _enter(hosts, clock, left=5)
    assert clock.now == 100.0


def test_an_order_to_wait_holds_for_everybody() -> None:
    clock = Clock()
    hosts = _hosts(clock)
    hosts.heed("a", Limit(retry_at=NOW + timedelta(seconds=20)), NOW)
    with pytest.raises(RateLimitedError) as caught:
        _enter(hosts, clock, left=10)
    assert caught.value.retry_at is not None
    assert _enter(hosts, clock, left=60) == pytest.approx(120, abs=0.2)


def test_a_window_that_is_used_up_is_waited_out() -> None:
    clock = Clock()
    hosts = _hosts(clock)
    hosts.heed("a", Limit(remaining=3, reset_at=NOW + timedelta(seconds=20)), NOW)
    assert _enter(hosts, clock) == 100.0
    hosts.heed("a", Limit(remaining=0, reset_at=NOW + timedelta(seconds=20)), NOW)
    assert _enter(hosts, clock) == pytest.approx(120, abs=0.2)


def test_a_host_that_is_down_is_left_alone_and_then_tried_once() -> None:
    clock = Clock()
    hosts = _hosts(clock)
    for _ in range(MAX_FAILURES):
        hosts.report("a", well=False)
    with pytest.raises(CircuitOpenError):
        _enter(hosts, clock)
    clock.now += OPEN_SECONDS
    _enter(hosts, clock)
    with pytest.raises(CircuitOpenError):
        _enter(hosts, clock)
    hosts.report("a", well=True)
    _enter(hosts, clock)
    _enter(hosts, clock, "b")


def test_a_cancelled_scan_does_not_wait() -> None:
    clock = Clock()
    hosts = _hosts(clock, per_second=0.1, burst=1)
    _enter(hosts, clock)
    with pytest.raises(StoppedError):
        hosts.enter("a", lambda: 60.0, lambda: True)
