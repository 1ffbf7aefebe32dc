"""The contract every source keeps.

A new source is one file with a class that has these members, and one line in `registry.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from matchers.profile import Account, Subject

Status = Literal["ok", "partial", "unknown", "rate_limited", "skipped", "manual"]
Verified = Literal["live_server", "recorded", "documented"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one source may spend on one scan: calls to somebody else's service, seconds, and money in US dollars."""

    calls: int = 200
    seconds: float = 30.0
    money: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look for: the subject, and how many candidates are worth judging."""

    subject: Subject
    limit: int
    budget: Budget


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that a source returned, not yet judged. `row_id` is set where it stands in the index."""

    account: Account
    source: str
    observed_at: datetime | None = None
    row_id: int | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a source found and what it could not see. `accounts` counts what it looked at in detail."""

    status: Status
    candidates: tuple[Candidate, ...] = ()
    detail: str | None = None
    cost: float = 0.0
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a user is told about a source before choosing it."""

    name: str
    title: str
    sees: str
    cannot_see: str
    leaves_machine: bool
    needs_key: bool = False
    cost: str = "free"
    verified: Verified = "documented"
    ready: bool = True
    platforms: tuple[str, ...] = field(default_factory=tuple)


class Source(Protocol):
    """Something that can be asked for accounts.

    `gather` never raises for what the outside world does: it answers with a status. It may be cancelled at any time.
    """

    @property
    def info(self) -> SourceInfo:
        """Describe the source."""
        ...

    async def gather(self, plan: Plan) -> Gathered:
        """Return the accounts that may copy the subject."""
        ...
