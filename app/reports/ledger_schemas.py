"""The outcome ledger as it crosses the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.accounts.schemas import Moment
from app.reports.ledger import Status
from app.reports.statistics import MINIMUM

ChannelName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", max_length=64),
    Field(description="How it was reported: `web_form`, `in_app`, `email`, `api`; more exactly `web_form.copyright`."),
]
Note = Annotated[str, StringConstraints(max_length=2_000)]
Reference = Annotated[str, StringConstraints(max_length=200)]


class OutcomeIn(BaseModel):
    """A step to add to a report. Without a date it happened now."""

    model_config = ConfigDict(extra="forbid")

    status: Status
    at: Moment | None = Field(default=None, description="When it happened; absent means now.")
    note: Note | None = None


class ReportIn(OutcomeIn):
    """A report that was made, or an outcome of it, of a suspect that a scan has found."""

    scan_id: Annotated[str, StringConstraints(max_length=64)]
    suspect_id: Annotated[str, StringConstraints(max_length=64)]
    channel: ChannelName
    status: Status = "filed"
    reference: Reference | None = Field(default=None, description="What the platform calls the report.")


class EventOut(BaseModel):
    """One step in the life of a report."""

    status: Status
    at: datetime
    note: str | None


class ReportedOut(BaseModel):
    """The account that was reported; its handle as it was when it was reported."""

    platform: str
    handle: str | None
    account_id: str | None


class LedgerReportOut(BaseModel):
    """A suspect reported through one channel: its status is that of the latest step."""

    id: str
    scan_id: str | None = Field(description="The scan that it was last reported from; it may have expired.")
    account: ReportedOut
    channel: str
    reference: str | None
    status: Status
    created_at: datetime
    expires_at: datetime
    events: list[EventOut]


class ReportPage(BaseModel):
    """A page of reports, the newest first."""

    items: list[LedgerReportOut]
    next: str | None


class PlatformStatisticsOut(BaseModel):
    """What became of the filings at one platform; a report that was filed again counts again.

    Shares are of all filings, open ones too; medians are of those filings alone that came so far, in days from filing.
    Null where the ledger has fewer than the minimum of cases.
    """

    platform: str
    filings: int
    open: int = Field(description="Neither removed nor refused so far.")
    acknowledged: int
    removed: int
    refused: int
    reappeared: int
    removed_share: float | None
    refused_share: float | None
    median_days_to_acknowledgement: float | None
    median_days_to_removal: float | None


class StatisticsOut(BaseModel):
    """What one's own ledger says of platforms. It speaks for these reports only."""

    minimum: int = Field(default=MINIMUM, description="Cases below which no share and no median is told.")
    platforms: list[PlatformStatisticsOut]
