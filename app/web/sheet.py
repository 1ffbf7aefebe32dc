"""The report sheet of one account: what to do, in order, with every text ready to copy."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from app.platforms.catalogue import load_catalogue
from app.platforms.schemas import Role
from app.problems import NotFoundError, ProblemError
from app.reports.ledger import Wanted
from app.reports.ledger_schemas import ChannelName, LedgerReportOut, ReportIn
from app.reports.schemas import ReporterIn, RoutesIn, SuspectIn
from app.reports.service import answer_routes, reported_verdict
from app.scans.reporting import ReportService
from app.scans.schemas import SuspectOut
from app.settings import Settings
from app.subjects.schemas import SubjectIn
from app.web.cards import Card, Finding, find_finding, make_card
from app.web.languages import NAMES, language_of
from app.web.pages import render
from app.web.reading import read_page
from app.web.scan_pages import show_missing

router = APIRouter(prefix="/scan/{scan_id}/accounts/{finding_id}")

Answer = Literal["yes", "no", "unsaid"]
_HAS_ACCOUNT = {"yes": True, "no": False, "unsaid": None}
MOST_REPORTS = 100
# What routes are told of an account, and how much of it: an impostor may call himself anything, at any length.
_LIMITS = {
    "platform": 64,
    "handle": 1_000,
    "account_id": 1_000,
    "display_name": 1_000,
    "profile_url": 2_000,
    "bio": 5_000,
}
# Where the signed record of a suspect can be had.
EVIDENCE_PATH = "/v1/scans/{scan_id}/suspects/{suspect_id}/evidence"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who reports: chosen from lists, so that it may stand in an address."""

    role: Role
    account: Answer
    country: str | None
    language: str


@router.get("")
async def show_sheet(
    scan_id: str,
    finding_id: str,
    request: Request,
    role: Annotated[Role, Query()] = "self",
    account: Annotated[Answer, Query()] = "unsaid",
    country: Annotated[str, Query(pattern=r"^([A-Z]{2})?$")] = "",
    language: Annotated[str, Query(pattern=r"^([a-z]{2,3})?$")] = "",
) -> Response:
    """The report sheet."""
    spoken = language or language_of(request, load_catalogue().texts)
    try:
        page = await asyncio.to_thread(read_page, request, scan_id)
    except NotFoundError:
        return show_missing(request)
    finding = find_finding(page.scan, finding_id)
    if finding is None:
        return show_missing(request)
    asked = Asked(role, account, country or None, spoken)
    card = make_card(finding, page.subject, finding.id in page.pictures)
    settings = cast("Settings", request.app.state.settings)
    try:
        routes = await asyncio.to_thread(list_told_routes, page.given, card, asked, settings, language_of(request))
    except ValidationError:
        # What the platform or an importer told of the account has no shape that could be reported.
        routes = {"routes": []}
    except ProblemError as problem:
        routes = {"routes": [], "none_because": problem.detail}
    return render(
        request,
        "sheet.html",
        page=page,
        card=card,
        asked=asked,
        written=[(code, NAMES.get(code, code)) for code in load_catalogue().texts],
        routes=routes["routes"],
        none_because=routes.get("none_because"),
        legal=routes.get("legal") or [],
        reported=await asyncio.to_thread(_list_reports, request, page.scan.id, finding),
        evidence=_evidence_address(page.scan.id, finding),
    )


def list_told_routes(subject: SubjectIn, card: Card, asked: Asked, settings: Settings, shown: str) -> dict[str, Any]:
    """The ways to report, their texts in the language asked for, and what the reader is told in that of the page."""
    written = list_routes(subject, card, asked, settings)
    if shown == asked.language or shown not in load_catalogue().texts:
        return written
    told = list_routes(subject, card, replace(asked, language=shown), settings)
    for name in ("routes", "legal"):
        for mine, theirs in zip(written.get(name) or [], told.get(name) or [], strict=True):
            mine |= {key: theirs[key] for key in ("expect", "bring", "note") if key in theirs}
    return {**written, **{key: told[key] for key in ("none_because",) if key in told}}


def list_routes(subject: SubjectIn, card: Card, asked: Asked, settings: Settings) -> dict[str, Any]:
    """The ways to report an account that are open to this reporter, as the API tells them."""
    finding = card.finding
    verdict = reported_verdict(finding.verdict, card.decided)
    told = finding.account.model_dump()
    short = {name: value[: _LIMITS[name]] for name, value in told.items() if name in _LIMITS and isinstance(value, str)}
    evidence = [item.model_dump() for item in finding.evidence if item.bits > 0]
    parody = isinstance(finding, SuspectOut) and finding.declares_parody
    seen = {"labels": told.get("labels") or [], "evidence": evidence, "declares_parody": parody}
    suspect = SuspectIn.model_validate({**short, **seen, "verdict": verdict})
    reporter = ReporterIn(
        role=asked.role, has_account=_HAS_ACCOUNT[asked.account], country=asked.country, language=asked.language
    )
    return answer_routes(RoutesIn(subject=subject, suspect=suspect, reporter=reporter), settings)


def _evidence_address(scan_id: str, finding: Finding) -> str | None:
    if not isinstance(finding, SuspectOut):
        return None
    return EVIDENCE_PATH.format(scan_id=scan_id, suspect_id=finding.id)


@router.post("/reported")
def note_report(scan_id: str, finding_id: str, request: Request, channel: Annotated[ChannelName, Form()]) -> Response:
    """Write down that the person has reported the account. Nothing is sent anywhere."""
    reports = cast("ReportService", request.app.state.reports)
    try:
        reports.record(ReportIn(scan_id=scan_id, suspect_id=finding_id, channel=channel))
    except NotFoundError:
        return show_missing(request)
    return RedirectResponse(f"/scan/{scan_id}/accounts/{finding_id}#reported", status_code=303)


def _list_reports(request: Request, scan_id: str, finding: Finding) -> list[LedgerReportOut]:
    """What was reported of this account from this scan, the newest first."""
    account = finding.account
    wanted = Wanted(platform=account.platform, scan_id=scan_id)
    listed = cast("ReportService", request.app.state.reports).list(wanted, MOST_REPORTS, None)
    mine = {(account.handle, account.account_id)}
    return [item for item in listed.items if (item.account.handle, item.account.account_id) in mine]
