"""What one's own ledger says of platforms: how often and how fast they act. Nothing below a minimum of cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.reports.ledger import Wanted
from app.reports.models import ReportEventRow, ReportRow

# Of fewer cases no share and no median is told: one report more could turn it round.
MINIMUM = 5
_DAY_SECONDS = 86_400
Step = tuple[str, datetime]


@dataclass(slots=True)
class Filing:
    """One filing and what came of it until the next one. Without a date of filing (`filed_at`) no time is counted."""

    filed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    removed_at: datetime | None = None
    refused: bool = False
    reappeared: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the platform has neither removed nor refused."""
        return self.removed_at is None and not self.refused


@dataclass(slots=True)
class PlatformStatistics:
    """The filings at one platform, counted. Times are in days."""

    platform: str
    filings: int = 0
    open: int = 0
    acknowledged: int = 0
    removed: int = 0
    refused: int = 0
    reappeared: int = 0
    days_to_acknowledgement: list[float] = field(default_factory=list)
    days_to_removal: list[float] = field(default_factory=list)

    def count(self, filing: Filing) -> None:
        """Count one filing."""
        self.filings += 1
        self.open += filing.is_open
        self.acknowledged += filing.acknowledged_at is not None
        self.removed += filing.removed_at is not None
        self.refused += filing.refused
        self.reappeared += filing.reappeared
        self.days_to_acknowledgement.extend(_days(filing.filed_at, filing.acknowledged_at))
        self.days_to_removal.extend(_days(filing.filed_at, filing.removed_at))

    def share(self, count: int) -> float | None:
        """A share of all filings; None where these are too few."""
        return round(count / self.filings, 3) if self.filings >= MINIMUM else None


def typical(days: Sequence[float]) -> float | None:
    """The median; None where there are too few values."""
    return round(median(days), 2) if len(days) >= MINIMUM else None


def count_outcomes(
    session: Session, tenant: str, wanted: Wanted, since: datetime | None = None
) -> list[PlatformStatistics]:
    """Count the filings in a ledger by platform, those with the most first; `since` leaves out earlier filings."""
    query = (
        select(ReportRow.platform, ReportRow.id, ReportEventRow.status, ReportEventRow.at)
        .join(ReportEventRow, ReportEventRow.report_id == ReportRow.id)
        .where(*wanted.conditions(tenant))
        .order_by(ReportRow.platform, ReportRow.id, ReportEventRow.at, ReportEventRow.number)
    )
    found: dict[str, PlatformStatistics] = {}
    rows = session.execute(query.execution_options(yield_per=1_000))
    for (platform, _), steps in groupby(rows, key=lambda row: (row[0], row[1])):
        counted = found.setdefault(platform, PlatformStatistics(platform))
        for filing in split_filings((status, at) for _, _, status, at in steps):
            if since is None or (filing.filed_at is not None and filing.filed_at >= since):
                counted.count(filing)
    told = [one for one in found.values() if one.filings]
    return sorted(told, key=lambda one: (-one.filings, one.platform))


def split_filings(steps: Iterable[Step]) -> Iterator[Filing]:
    """The filings in the steps of one report, which come in the order of their dates."""
    filing: Filing | None = None
    for status, at in steps:
        if status == "filed" or filing is None:
            if filing is not None:
                yield filing
            filing = Filing()
        if status == "filed":
            filing.filed_at = at
        elif status == "acknowledged":
            filing.acknowledged_at = filing.acknowledged_at or at
        elif status == "removed":
            filing.removed_at = filing.removed_at or at
        elif status == "refused":
            filing.refused = True
        elif status == "reappeared":
            filing.reappeared = True
    if filing is not None:
        yield filing


def _days(start: datetime | None, end: datetime | None) -> list[float]:
    if start is None or end is None:
        return []
    return [(end - start).total_seconds() / _DAY_SECONDS]
