"""What bounds the call that a thread is making: its time, and whether anybody still wants it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.net.errors import TimedOutError


def _never() -> bool:
    return False


def _ignore() -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one call: seconds for each request once it is its turn, and for everything with the waiting.

    `count` is called before each request that really goes out; `paced` says whether to wait for the host's turn.
    """

    call_seconds: float
    total_seconds: float
    is_stopped: Callable[[], bool] = _never
    count: Callable[[], None] = _ignore
    paced: bool = True


class Watch(threading.local):
    """The bounds in force in this thread. Moments are on the monotonic clock."""

    def __init__(self) -> None:
        super().__init__()
        self.bounds = Bounds(float("inf"), float("inf"))
        self._end = float("inf")
        self._deadline = float("inf")

    @contextmanager
    def over(self, bounds: Bounds) -> Iterator[None]:
        """Bound the calls made inside."""
        before = self.bounds, self._end, self._deadline
        self.bounds = bounds
        self._end = time.monotonic() + bounds.total_seconds
        self.begin()
        try:
            yield
        finally:
            self.bounds, self._end, self._deadline = before

    def begin(self) -> None:
        """Start the time of one request: the wait for its turn is over."""
        self._deadline = min(self._end, time.monotonic() + self.bounds.call_seconds)

    def total_left(self) -> float:
        """Seconds left for everything, with waiting."""
        return max(0.0, self._end - time.monotonic())

    def seconds_left(self) -> float:
        """Seconds left for this request; raises `TimedOutError` when there are none, or nobody wants it any more."""
        left = self._deadline - time.monotonic()
        if left <= 0 or self.bounds.is_stopped():
            raise TimedOutError
        return left
