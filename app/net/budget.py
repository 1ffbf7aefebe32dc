"""What a scan may spend outside, counted in one place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.net.errors import BudgetSpentError, StoppedError

# Prices are fractions of a cent; sums of them in binary fractions are off by less than this.
_EPSILON = 1e-9
# How long a wait lasts before it looks whether the scan was cancelled.
_SLICE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Budget:
    """What a scan may spend: calls to somebody else's service, seconds, and money in US dollars."""

    calls: int = 200
    seconds: float = 30.0
    money: float = 0.0


class Ledger:
    """Counts calls, seconds and money against a budget; safe to share among threads.

    What a share spends is spent of the whole too: a source may use its own part of the calls, and no source can spend
    money that another has spent already.
    """

    def __init__(
        self, budget: Budget, clock: Callable[[], float] = time.monotonic, parent: Ledger | None = None
    ) -> None:
        self.budget = budget
        self._clock = clock
        self._parent = parent
        self._lock = threading.Lock()
        self._started = clock()
        self._stop = threading.Event()
        self._calls = 0
        self._money = 0.0

    @property
    def calls(self) -> int:
        """Calls made so far, repeated ones too."""
        return self._calls

    @property
    def money(self) -> float:
        """US dollars spent so far."""
        return self._money

    @property
    def stopped(self) -> bool:
        """Whether the scan was cancelled."""
        return self._stop.is_set() or (self._parent is not None and self._parent.stopped)

    def share(self, calls: int) -> Ledger:
        """A ledger for one source: its own number of calls, the time and money of the whole."""
        left = self.seconds_left()
        return Ledger(Budget(calls, left, self.budget.money), self._clock, self)

    def stop(self) -> None:
        """Let nothing more be spent: the scan was cancelled or has ended."""
        self._stop.set()

    def seconds_left(self) -> float:
        """Seconds until the budget's time is over; 0 when it is, or when the scan was cancelled."""
        if self.stopped:
            return 0.0
        left = self.budget.seconds - (self._clock() - self._started)
        return max(0.0, left if self._parent is None else min(left, self._parent.seconds_left()))

    def calls_left(self) -> int:
        """Calls that may still be made."""
        left = self.budget.calls - self._calls
        return max(0, left if self._parent is None else min(left, self._parent.calls_left()))

    def money_left(self) -> float:
        """US dollars that may still be spent."""
        left = self.budget.money - self._money
        return max(0.0, left if self._parent is None else min(left, self._parent.money_left()))

    def take_call(self) -> None:
        """Count one call; raises `BudgetSpentError` or `StoppedError` where none may be made any more."""
        self.check()
        with self._lock:
            if self._calls >= self.budget.calls:
                raise BudgetSpentError("calls")
            if self._parent is not None:
                self._parent.take_call()
            self._calls += 1

    def check(self) -> None:
        """Raise `StoppedError` or `BudgetSpentError` where the scan is over."""
        if self.stopped:
            raise StoppedError
        if self.seconds_left() <= 0:
            raise BudgetSpentError("seconds")

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than the scan lasts."""
        end = self._clock() + seconds
        while not self.stopped and (left := end - self._clock()) > 0:
            time.sleep(min(left, _SLICE_SECONDS))

    def reserve(self, money: float) -> None:
        """Set aside what a call may cost at most, before it is made; raises `BudgetSpentError`."""
        with self._lock:
            if self._money + money > self.budget.money + _EPSILON:
                raise BudgetSpentError("money")
            if self._parent is not None:
                self._parent.reserve(money)
            self._money += money

    def refund(self, money: float) -> None:
        """Give back what was set aside and not spent."""
        with self._lock:
            self._money = max(0.0, self._money - money)
            if self._parent is not None:
                self._parent.refund(money)


def allot_calls(calls: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """Share calls out: everybody an even part, and what one does not want goes evenly to those who want more."""
    shares: dict[str, int] = {}
    left = max(0, calls)
    for at, name in enumerate(sorted(wanted, key=lambda name: wanted[name])):
        shares[name] = min(wanted[name], left // (len(wanted) - at))
        left -= shares[name]
    return shares
