"""The outcome ledger over HTTP: parse, call, return."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, Response

from app.accounts.schemas import Moment
from app.reports.ledger import Status, Wanted
from app.reports.ledger_schemas import LedgerReportOut, OutcomeIn, ReportIn, ReportPage, StatisticsOut
from app.scans.reporting import ReportService
from app.scans.routes import IdempotencyKey

router = APIRouter(prefix="/v1", tags=["reports"])


def _service(request: Request) -> ReportService:
    return cast("ReportService", request.app.state.reports)


Service = Annotated[ReportService, Depends(_service)]
Platform = Annotated[str | None, Query(pattern=r"^[a-z0-9_.-]{1,64}$")]
Channel = Annotated[str | None, Query(max_length=64)]


@router.post(
    "/reports",
    operation_id="recordReport",
    responses={201: {"model": LedgerReportOut, "description": "A new report; `Location` says where."}},
)
def record_report(body: ReportIn, response: Response, service: Service, key: IdempotencyKey = None) -> LedgerReportOut:
    """Write down that a suspect was reported through a channel, or what became of it. Nothing is sent anywhere.

    Answers 201 for a new report, 200 where this suspect was reported through this channel before: the same status twice
    in a row is one step, another one is added.
    """
    written = service.record(body, key)
    response.status_code = 201 if written.is_new else 200
    response.headers["Location"] = f"/v1/reports/{written.report.id}"
    return written.report


@router.get("/reports", operation_id="listReports")
def list_reports(
    service: Service,
    platform: Platform = None,
    channel: Channel = None,
    status: Status | None = None,
    scan_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> ReportPage:
    """List the reports, the newest first."""
    return service.list(Wanted(platform, channel, status, scan_id), limit, cursor)


@router.get("/reports/statistics", operation_id="countReports")
def count_reports(
    service: Service,
    platform: Platform = None,
    channel: Channel = None,
    since: Annotated[Moment | None, Query(description="Only what was filed since then.")] = None,
) -> StatisticsOut:
    """Count what platforms did with the reports of this ledger: how often they acted, and how fast."""
    return service.count(Wanted(platform, channel), since)


@router.get("/reports/{report_id}", operation_id="readReport")
def read_report(report_id: str, service: Service) -> LedgerReportOut:
    """Read a report with all its steps."""
    return service.read(report_id)


@router.patch("/reports/{report_id}", operation_id="addOutcome")
def add_outcome(report_id: str, body: OutcomeIn, service: Service) -> LedgerReportOut:
    """Add an outcome: acknowledged, removed, refused, reappeared; filed where it was filed again.

    It takes its place by its date; the same status twice in a row is one step.
    """
    return service.append(report_id, body)


@router.delete("/reports/{report_id}", operation_id="eraseReport", status_code=204)
def erase_report(report_id: str, service: Service) -> None:
    """Erase a report, as one that was written down by mistake."""
    service.erase(report_id)
