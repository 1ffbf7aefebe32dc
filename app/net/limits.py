"""What a reply says about how much more may be asked, in the styles that platforms use.

`Retry-After` (RFC 9110) in seconds or as a date; `X-RateLimit-*`, `RateLimit-*`, `x-rate-limit-*`, `Ratelimit-*` with
the reset as ISO time (Mastodon), as seconds since 1970 (X, GitHub) or as seconds from now (Reddit, the IETF draft).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_REMAINING = ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining")
_RESET = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")
# The newer draft has both in one field: "default";r=0;t=30.
_COMBINED = re.compile(r";\s*r=(\d{1,12})\b(?:.*?;\s*t=(\d{1,12})\b)?")
# No window is longer than a day; a number beyond is a moment, in seconds or milliseconds since 1970.
_LONGEST_DELTA = 2 * 86_400
_MILLISECONDS = 10**11
# Nobody waits longer; a platform that says more has made a mistake.
LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls are left in this window, and when the next begins; `retry_at` is an order to wait."""

    remaining: int | None = None
    reset_at: datetime | None = None
    retry_at: datetime | None = None


def read_limit(headers: Mapping[str, str], now: datetime) -> Limit:
    """Read the headers (lower-case names); whatever cannot be understood counts as not told."""
    remaining = next((n for name in _REMAINING if (n := _whole(headers.get(name))) is not None), None)
    reset = next((m for name in _RESET if (m := _moment(headers.get(name), now)) is not None), None)
    combined = _COMBINED.search(headers.get("ratelimit", ""))
    if combined and remaining is None:
        remaining = int(combined[1])
        reset = reset or _moment(combined[2], now)
    return Limit(remaining, reset, _wait(headers.get("retry-after"), now))


def _whole(text: str | None) -> int | None:
    """A count; Reddit writes it as 98.0, some list several windows."""
    first = (text or "").split(",")[0].strip()
    try:
        value = float(first)
    except ValueError:
        return None
    return int(value) if math.isfinite(value) and value >= 0 else None


def _wait(text: str | None, now: datetime) -> datetime | None:
    """`Retry-After`: a number is always one of seconds from now."""
    number = _whole(text)
    if number is not None:
        return now + min(timedelta(seconds=min(number, _LONGEST_DELTA)), LONGEST_WAIT)
    return _moment(text, now)


def _moment(text: str | None, now: datetime) -> datetime | None:
    first = (text or "").strip()
    number = _whole(first.split(";")[0]) if first[:1].isdigit() and "-" not in first and ":" not in first else None
    try:
        if number is None:
            moment = _date(first)
        elif number <= _LONGEST_DELTA:
            moment = now + timedelta(seconds=number)
        else:
            moment = datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None if moment is None else min(moment, now + LONGEST_WAIT)


def _date(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
