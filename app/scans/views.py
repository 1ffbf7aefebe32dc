"""From what was found to what crosses the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.platforms.identity import profile_url
from app.reports.comparison import comparison_body
from app.reports.evidence.records import learned_record, pixels_record, unshown_record, world_record
from app.reports.schemas import make_statements
from app.reports.service import Reporter, build_routes, reported_verdict, routes_to_wire
from app.scans.judging import Decision, Judged, is_decided
from app.scans.models import FindingRow, ScanRow
from app.scans.schemas import ScanOut, ScanStatus, ScanSummaryOut
from app.sources.contract import Gathered
from app.storage import utc_now
from matchers.profile import Account, Subject


def account_body(account: Account) -> dict[str, Any]:
    """An account's public text as JSON; unknown fields are left out, hashes too."""
    body: dict[str, Any] = {
        "platform": account.platform,
        "handle": account.handle,
        "account_id": account.account_id,
        "display_name": account.display_name,
        "bio": account.bio,
        "profile_url": profile_url(account.platform, account.handle, account.account_id) or account.profile_url,
        "created_at": account.created_at.isoformat() if account.created_at else None,
        "followers": account.followers,
        "following": account.following,
        "posts": account.posts,
        "verified": account.verified,
        "verified_kind": account.verified_kind,
        "protected": account.protected,
        "bot": account.bot,
        "labels": list(account.labels) or None,
    }
    return {name: value for name, value in body.items() if value is not None}


def finding_body(item: Judged) -> dict[str, Any]:
    """What is stored of a judged account: everything on the wire but rank, decision and routes."""
    return {
        "id": item.id,
        "account": account_body(item.account),
        "sources": list(item.sources),
        **comparison_body(item.comparison),
    }


def inputs_body(item: Judged) -> dict[str, Any] | None:
    """What is stored of a suspect beside what is shown, so that an evidence bundle can be judged again."""
    told = item.inputs
    if told is None:
        return None
    candidate = told.candidate
    return {
        "account": unshown_record(candidate.account),
        "learned": learned_record(told.subject),
        "world": world_record(told.world, candidate.account),
        "pixels": pixels_record(candidate.pixels),
        "observed_at": candidate.observed_at.isoformat() if candidate.observed_at else None,
        "picture_url": candidate.picture.url if candidate.picture else None,
        "decided": is_decided(item),
    }


def coverage_body(coverage: dict[str, Gathered]) -> list[dict[str, Any]]:
    """What each source did, as JSON."""
    return [
        {
            "source": name,
            "status": done.status,
            "accounts": done.told,
            "detail": done.detail,
            "calls": done.calls,
            "cost": round(done.cost, 6),
            "retry_at": done.retry_at.isoformat() if done.retry_at else None,
            "links": [asdict(link) for link in done.links],
        }
        for name, done in coverage.items()
    ]


def decision_body(decision: Decision | None) -> dict[str, Any] | None:
    """A remembered decision as JSON."""
    if decision is None:
        return None
    return {
        "verdict": decision.verdict,
        "note": decision.note,
        "decided_at": decision.decided_at,
        "reopened": decision.reopened,
    }


def suspect_body(body: dict[str, Any], rank: int, decision: Decision | None, subject: Subject) -> dict[str, Any]:
    """A stored finding as a suspect, with the routes of today's catalogue."""
    report = _report_body(body, decision, subject)
    return {**body, "rank": rank, "decision": decision_body(decision), "report": report}


def stored_account(body: dict[str, Any]) -> Account:
    """The account of a stored finding, as far as a report speaks of it."""
    account = body["account"]
    return Account(
        platform=account["platform"],
        handle=account.get("handle"),
        account_id=account.get("account_id"),
        display_name=account.get("display_name"),
        profile_url=account.get("profile_url"),
        bio=account.get("bio"),
        labels=tuple(account.get("labels") or ()),
    )


def stored_verdict(body: dict[str, Any], decision: Decision | None) -> str | None:
    """The verdict of a stored finding that reports go by: see `reported_verdict`."""
    decided = decision.verdict if decision is not None and not decision.reopened else None
    return reported_verdict(body["verdict"], decided)


def _report_body(body: dict[str, Any], decision: Decision | None, subject: Subject) -> dict[str, Any]:
    # A suspect that the caller's own min_probability let in below the threshold is not one to report.
    found = build_routes(
        subject,
        stored_account(body),
        stored_verdict(body, decision),
        make_statements(body["evidence"]),
        Reporter(),
        today=utc_now().date(),
        declares_parody=body["declares_parody"],
    )
    return routes_to_wire(found)


def set_aside_body(body: dict[str, Any], decision: Decision | None) -> dict[str, Any]:
    """A stored finding as an account set aside, with the reason."""
    names = ("id", "account", "verdict", "probability", "bits", "prior_bits", "evidence", "sources")
    reason = body["reason"] or "You decided so"
    return {**{name: body[name] for name in names}, "reason": reason, "decision": decision_body(decision)}


def scan_summary(row: ScanRow, *, live: ScanStatus | None) -> ScanSummaryOut:
    """A scan in a list; `live` is its state in this process where that is newer than the stored one."""
    return ScanSummaryOut(
        id=row.id,
        status=live or row.status,  # type: ignore[arg-type]  # written from the same literal
        created_at=row.created_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        model=row.model,
        cost=row.cost,
        suspects_found=row.suspects_found,
    )


def scan_body(
    row: ScanRow,
    subject: Subject,
    suspects: Sequence[tuple[dict[str, Any], Decision | None]],
    set_aside: Sequence[tuple[dict[str, Any], Decision | None]],
    coverage: Sequence[dict[str, Any]],
    *,
    live: ScanStatus | None = None,
) -> ScanOut:
    """A scan with everything found."""
    return ScanOut.model_validate(
        {
            **scan_summary(row, live=live).model_dump(exclude={"suspects_found"}),
            "budget": row.request.get("options", {}).get("budget", {}),
            "subject": row.summary,
            "coverage": coverage,
            "suspects": [suspect_body(body, i, decision, subject) for i, (body, decision) in enumerate(suspects, 1)],
            "set_aside": [set_aside_body(body, decision) for body, decision in set_aside],
        }
    )


def finding_pair(row: FindingRow, decision: Decision | None) -> tuple[dict[str, Any], Decision | None]:
    """A stored finding beside the decision on it, marked where the account has changed since."""
    if decision is not None and decision.fingerprint != row.fingerprint:
        decision = Decision(decision.verdict, decision.note, decision.decided_at, decision.fingerprint, reopened=True)
    return row.body, decision
