"""What reporting is about: who reports, and the ways that are open to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.platforms.schemas import Answer, ChannelKind, Confidence, Filer, Purpose, Role


@dataclass(frozen=True, slots=True)
class Reporter:
    """The person who reports. None means not told; nothing about them goes into a link unless given here.

    `has_account` is about the suspect's platform, `country` an ISO 3166 code, `language` a BCP 47 tag.
    """

    role: Role = "self"
    has_account: bool | None = None
    name: str | None = None
    email: str | None = None
    country: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One finding of a comparison. `codes` ("photo.mirrored") let it be said in other languages; `text` is English."""

    text: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyText:
    """Text for one field of a form, in the form's own wording: to paste, or the choice to make in a menu."""

    field: str
    text: str
    action: Literal["paste", "choose"] = "paste"


@dataclass(frozen=True, slots=True)
class Route:
    """One way to report a suspect.

    `url` opens the form, the profile or a mail program; None where there is nothing to open. `prefilled` names what
    the link carries already. `bring` is what only the reporter has: papers, signatures, answers we do not know.
    `shortened` names the texts that the link carries cut, because it would be too long; `copy` has them whole.
    `needs_account` is None where it is not established. `verified` says how sure the address is, `prefill_verified`
    how sure it is that the page reads what the link carries, `source` from where it is known. `expect` is what the
    platform will do; `usual_days` is None where it publishes no time. When the review is `overdue`, `url` is the
    platform's help page, nothing is prefilled, and `form_url` is the address as it was last known.
    """

    channel: ChannelKind
    name: str
    purpose: Purpose
    url: str | None
    prefilled: tuple[str, ...]
    shortened: tuple[str, ...]
    copy: tuple[CopyText, ...]
    bring: tuple[str, ...]
    needs_account: bool | None
    id_required: Answer
    who_may_file: tuple[Filer, ...]
    verified: Confidence
    reviewed_at: date
    review_after: date
    source: str
    expect: str
    usual_days: int | None = None
    overdue: bool = False
    form_url: str | None = None
    prefill_verified: Confidence | None = None
    preselects: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class LegalOption:
    """A way outside the platform's rules: information, not advice. `bring` is what only the reporter may declare."""

    id: str
    kind: Literal["notice", "fraud", "police", "hash_block"]
    name: str
    jurisdiction: str
    notice: str
    applies_when: str | None
    in_force: str | None
    url: str | None
    also: str | None
    phone: str | None
    copy: tuple[CopyText, ...]
    bring: tuple[str, ...]
    effects: str | None
    where: str | None
    disputes: str | None
    warnings: tuple[str, ...]
    note: str | None
    verified: Confidence
    reviewed_at: date


@dataclass(frozen=True, slots=True)
class RouteList:
    """The routes, the best first; where there are none, `none_because` says why and what can be done instead.

    `legal` is None where it was not asked for.
    """

    routes: tuple[Route, ...] = ()
    none_because: str | None = None
    legal: tuple[LegalOption, ...] | None = None
