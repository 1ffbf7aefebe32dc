"""What a card shows of an account: marked letters, a bar for each signal, what a human said, whether it is new."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from app.plain_text import Piece, mark_text, plain
from app.scans.schemas import EvidenceOut, ScanOut, SetAsideOut, SpanOut, SuspectOut
from app.sources.index import INDEX
from app.web.pages import safe_link
from matchers.model import SET_ASIDE_VERDICTS
from matchers.profile import Subject

Strength = Literal["strong", "clear", "slight"]
Finding = SuspectOut | SetAsideOut

# A bar is full at so many bits: one in a million by chance.
FULL_BITS = 20.0
_STRONG, _CLEAR = 10.0, 4.0
# Longer text than this is cut on a card; the rest is on the platform.
MAX_BIO = 280
NO_PICTURES: Mapping[str, str] = MappingProxyType({})
# What a human says of an account that is no clone.
_ASIDE = SET_ASIDE_VERDICTS | {"unrelated"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One signal: its sentences, and how much it says, as a share of 100. `against`: it speaks for somebody else."""

    signal: str
    sentences: tuple[str, ...]
    share: int
    strength: Strength
    against: bool


@dataclass(frozen=True, slots=True)
class Card:
    """An account as it is shown. `picture`: "now" when it is fetched at once, "asked" only on a click, "none"."""

    finding: Finding
    name: tuple[Piece, ...]
    handle: tuple[Piece, ...]
    own_handle: str | None
    bio: str | None
    bars: tuple[Bar, ...]
    profile: str | None
    picture: Literal["now", "asked", "none"]
    is_new: bool
    decided: str | None


@dataclass(frozen=True, slots=True)
class Cards:
    """A scan as cards: suspects, and those set aside by the judgement or by a human."""

    suspects: tuple[Card, ...]
    aside: tuple[Card, ...]


def make_bars(evidence: Sequence[EvidenceOut]) -> tuple[Bar, ...]:
    """One bar a signal, the strongest first; what speaks against comes last."""
    signals: dict[str, list[EvidenceOut]] = {}
    for item in evidence:
        signals.setdefault(item.signal, []).append(item)
    bars = [_bar(signal, items) for signal, items in signals.items()]
    return tuple(sorted(bars, key=lambda bar: (bar.against, -bar.share)))


def _bar(signal: str, items: Sequence[EvidenceOut]) -> Bar:
    bits = sum(item.bits for item in items)
    size = abs(bits)
    strength: Strength = "strong" if size >= _STRONG else "clear" if size >= _CLEAR else "slight"
    share = max(4, min(100, round(size / FULL_BITS * 100)))
    return Bar(signal, tuple(plain(item.summary, 600) for item in items), share, strength, bits < 0)


def make_cards(
    scan: ScanOut, subject: Subject, new: Collection[str] = (), pictures: Mapping[str, str] = NO_PICTURES
) -> Cards:
    """Sort what a scan found into cards; a human's word counts for more than the model's.

    `pictures` are the addresses of the accounts' pictures, by the id of the finding.
    """
    suspects: list[Card] = []
    aside: list[Card] = []
    for suspect in scan.suspects:
        card = make_card(suspect, subject, suspect.id in pictures, is_new=suspect.id in new)
        (aside if card.decided in _ASIDE else suspects).append(card)
    aside += [make_card(item, subject, item.id in pictures, is_new=item.id in new) for item in scan.set_aside]
    return Cards(tuple(suspects), tuple(aside))


def make_card(finding: Finding, subject: Subject, pictured: bool, *, is_new: bool = False) -> Card:
    """Make the card of one account; `pictured`: it is known where its picture can be fetched."""
    account = finding.account
    extra: Mapping[str, Any] = account.model_extra or {}
    own = [h for h in subject.handles if h.platform in {None, account.platform}] or list(subject.handles)
    decision = finding.decision
    bio = extra.get("bio")
    return Card(
        finding=finding,
        name=mark_text(account.display_name or "", _spans(finding.evidence, "name")),
        handle=mark_text(account.handle or account.account_id or "", _spans(finding.evidence, "handle")),
        own_handle=plain(own[0].text, 80) if own else None,
        bio=plain(bio, MAX_BIO) if isinstance(bio, str) and bio.strip() else None,
        bars=make_bars(finding.evidence),
        profile=safe_link(account.profile_url),
        picture=_picture(pictured, finding.sources),
        is_new=is_new,
        decided=decision.verdict if decision is not None and not decision.reopened else None,
    )


def _spans(evidence: Sequence[EvidenceOut], field: str) -> list[tuple[int, int]]:
    told: list[SpanOut] = [span for item in evidence for span in item.spans]
    return [(span.start, span.end) for span in told if span.side == "candidate" and span.field == field]


def _picture(known: bool, sources: Sequence[str]) -> Literal["now", "asked", "none"]:
    """A platform that was asked for accounts may be asked for a picture too; for one of the index only on a click."""
    if not known:
        return "none"
    return "now" if set(sources) - {INDEX} else "asked"


def all_findings(scan: ScanOut) -> list[Finding]:
    """Suspects, then accounts set aside."""
    return [*scan.suspects, *scan.set_aside]


def find_finding(scan: ScanOut, finding_id: str) -> Finding | None:
    """The account with an id, among suspects and those set aside."""
    return next((item for item in all_findings(scan) if item.id == finding_id), None)
