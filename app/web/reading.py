"""What the pages of one scan are made from, read in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from fastapi import Request
from pydantic import ValidationError

from app.accounts.scope import Scope
from app.plain_text import plain
from app.scans import store
from app.scans.avatars import find_avatar_urls, shown_avatar_urls
from app.scans.history import Earlier, compare_with_earlier
from app.scans.intake import stored_subject
from app.scans.past import name_subject
from app.scans.runner import ScanRunner
from app.scans.schemas import CoverageOut, ScanOut
from app.scans.service import ScanService
from app.settings import Settings
from app.sources.contract import Source, Status
from app.storage import Database, utc_now
from app.subjects.schemas import SubjectIn
from app.web.cards import Cards, make_cards
from matchers.profile import Subject

_SUMMARY: Mapping[Status, str] = {
    "ok": "whole",
    "partial": "part",
    "unknown": "none",
    "rate_limited": "part",
    "skipped": "none",
    "manual": "by_hand",
}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """What one source has done so far; without `entry` it is still being asked."""

    title: str
    accounts: int
    calls: int
    cannot_see: str
    outside: bool
    entry: CoverageOut | None


@dataclass(frozen=True, slots=True)
class ScanPage:
    """A scan as its page shows it. `seconds_left` is the most that it may still take."""

    scan: ScanOut
    subject: Subject
    given: SubjectIn
    cards: Cards
    sources: list[SourceLine]
    earlier: Earlier | None
    seconds_left: int
    pictures: Mapping[str, str]

    @property
    def running(self) -> bool:
        """Whether more may come."""
        return self.scan.status in {"queued", "running"}

    @property
    def coverage(self) -> dict[str, int]:
        """How many places were looked through, in part, not at all, and how many only the person can search."""
        entries = [line.entry for line in self.sources if line.entry]
        counts = Counter(_SUMMARY[entry.status] for entry in entries)
        by_hand = sum(len(entry.links) for entry in entries)
        return {**{name: counts[name] for name in ("whole", "part", "none")}, "by_hand": by_hand}

    @property
    def who(self) -> str:
        """Whom the scan looks for, safe to show; empty where only a photo was given."""
        return plain(name_subject(self.subject), 120)


def read_page(request: Request, scan_id: str) -> ScanPage:
    """Read a scan with all that its page shows; raises `NotFoundError`."""
    state = request.app.state
    scan = cast("ScanService", state.scans).read(scan_id)
    scope = Scope.of(cast("Settings", state.settings))
    with cast("Database", state.db).read() as session:
        row = store.find_scan(session, scope, scan_id)
        asked = list(row.request.get("options", {}).get("sources", []))
        subject = stored_subject(row.request)
        given = _read_given(row.request["subject"], subject)
        earlier = compare_with_earlier(session, scope, row)
    pictures = read_pictures(request, scan_id)
    new = earlier.new if earlier else frozenset()
    left = scan.budget.seconds - (utc_now() - scan.created_at).total_seconds()
    return ScanPage(
        scan=scan,
        subject=subject,
        given=given,
        cards=make_cards(scan, subject, new, pictures),
        sources=_list_sources(request, scan, asked),
        earlier=earlier,
        seconds_left=max(0, round(left)),
        pictures=pictures,
    )


def read_pictures(request: Request, scan_id: str) -> dict[str, str]:
    """The addresses of the accounts' pictures, by the id of the finding; raises `NotFoundError`."""
    state = request.app.state
    scope = Scope.of(cast("Settings", state.settings))
    with cast("Database", state.db).read() as session:
        store.find_scan(session, scope, scan_id)
        pictures = find_avatar_urls(session, scope, scan_id)
    progress = cast("ScanRunner", state.runner).live(scan_id)
    return pictures if progress is None else pictures | shown_avatar_urls(progress.judged)


def _read_given(stored: Mapping[str, Any], subject: Subject) -> SubjectIn:
    """The subject as it was given; where today's rules refuse it, as after a change of the catalogue, its names."""
    try:
        return SubjectIn.model_validate(stored)
    except ValidationError:
        return SubjectIn.model_construct(names=list(subject.names))


def _list_sources(request: Request, scan: ScanOut, asked: list[str]) -> list[SourceLine]:
    known = cast("Mapping[str, Source]", request.app.state.sources)
    progress = cast("ScanRunner", request.app.state.runner).live(scan.id)
    seen = Counter(source for item in (progress.judged if progress else ()) for source in item.sources)
    entries = {entry.source: entry for entry in scan.coverage}
    lines = []
    for name in dict.fromkeys((*asked, *entries)):
        entry = entries.get(name)
        ledger = progress.ledgers.get(name) if progress else None
        info = known[name].info if name in known else None
        lines.append(
            SourceLine(
                title=info.title if info else plain(name, 64),
                accounts=entry.accounts if entry else seen[name],
                calls=entry.calls if entry else ledger.calls if ledger else 0,
                cannot_see=info.cannot_see if info else "",
                outside=info.leaves_machine if info else False,
                entry=entry,
            )
        )
    return lines
