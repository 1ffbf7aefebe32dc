"""How each host is treated: not too fast, not while it asks to wait, not while it is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.net.errors import BudgetSpentError, CircuitOpenError, RateLimitedError, StoppedError
from app.net.limits import Limit

# After this many failures in a row a host is left alone for a while.
MAX_FAILURES = 5
OPEN_SECONDS = 30.0
MAX_HOSTS = 2_000
SLICE_SECONDS = 0.1


@dataclass
class _Host:
    """`ready` is when the bucket holds its next token, `held` until when the host asked to wait."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    ready: float = 0.0
    held: float = 0.0
    failures: int = 0
    closed_until: float = 0.0


class Hosts:
    """Remembers hosts; safe to share among threads. All moments are seconds on the clock."""

    def __init__(
        self,
        per_second: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1.0 / per_second
        self._burst = burst
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    def enter(self, name: str, seconds_left: Callable[[], float], is_stopped: Callable[[], bool]) -> None:
        """Wait for the turn of one call to a host.

        Raises `CircuitOpenError`, `RateLimitedError` when the host asked to wait longer than there is time,
        `BudgetSpentError` when the turn comes too late, `StoppedError`.
        """
        host = self._host(name)
        turn = self._take_turn(host, seconds_left())
        while (wait := turn - self._clock()) > 0:
            if is_stopped():
                raise StoppedError
            self._sleep(min(wait, SLICE_SECONDS))

    def _take_turn(self, host: _Host, left: float) -> float:
        with host.lock:
            now = self._clock()
            if host.closed_until > now:
                raise CircuitOpenError
            if host.failures >= MAX_FAILURES:
                # One call may try; the others wait for what it says.
                host.closed_until = now + OPEN_SECONDS
            if host.held - now > left:
                raise RateLimitedError(_to_date(host.held - now))
            # A bucket of `burst` tokens, kept as the moment at which it would be full.
            host.ready = max(host.ready, now - self._gap * (self._burst - 1))
            turn = max(host.ready, host.held, now)
            if turn - now > left:
                raise BudgetSpentError("seconds")
            host.ready += self._gap
            return turn

    def report(self, name: str, *, well: bool) -> None:
        """Say whether a host answered, or was not there or in trouble."""
        host = self._host(name)
        with host.lock:
            host.failures = 0 if well else host.failures + 1
            if well:
                host.closed_until = 0.0
            elif host.failures >= MAX_FAILURES:
                host.closed_until = self._clock() + OPEN_SECONDS

    def heed(self, name: str, limit: Limit, now: datetime) -> None:
        """Do as the host asks: wait until it says, or until its next window once this one is used up."""
        until = limit.retry_at or (limit.reset_at if limit.remaining == 0 else None)
        if until is None:
            return
        host = self._host(name)
        with host.lock:
            host.held = max(host.held, self._clock() + max(0.0, (until - now).total_seconds()))

    def _host(self, name: str) -> _Host:
        with self._lock:
            host = self._hosts.get(name)
            if host is None:
                while len(self._hosts) >= MAX_HOSTS:
                    del self._hosts[next(iter(self._hosts))]
                host = self._hosts[name] = _Host()
            return host


def _to_date(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
