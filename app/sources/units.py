"""A day's allowance of a platform that counts in units, such as YouTube: never overdrawn, renewed when its day ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone


class DailyUnits:
    """Counts units over a day that begins at midnight in a zone; safe to share among threads.

    Kept in memory: after a restart the platform itself has to say that the day's units are used up.
    """

    def __init__(self, limit: int, zone: timezone, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._limit = limit
        self._zone = zone
        self._clock = clock
        self._lock = threading.Lock()
        self._day = clock().astimezone(zone).date()
        self._used = 0

    def take(self, units: int, share: float = 1.0) -> bool:
        """Take units, if the day's use stays within this share (0 to 1) of the allowance; else take nothing."""
        with self._lock:
            self._turn()
            if self._used + units > self._limit * share:
                return False
            self._used += units
            return True

    def exhaust(self) -> None:
        """Note that the platform says that the day's units are used up."""
        with self._lock:
            self._turn()
            self._used = self._limit

    def renewed_at(self) -> datetime:
        """When the next day begins, in UTC."""
        tomorrow = self._clock().astimezone(self._zone) + timedelta(days=1)
        return tomorrow.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)

    def _turn(self) -> None:
        today = self._clock().astimezone(self._zone).date()
        if today != self._day:
            self._day, self._used = today, 0
