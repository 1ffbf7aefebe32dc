"""A request for report routes, and the answer, as they cross the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.platforms.identity import parse_profile_url
from app.platforms.schemas import Answer, ChannelKind, Confidence, Filer, Purpose, Role
from app.reports.route import Reporter, Statement
from app.subjects.schemas import SubjectIn
from matchers.model import Verdict
from matchers.profile import Account

# Text of an impostor: any characters, bounded; it is made harmless where it is used.
ShortText = Annotated[str, Field(max_length=1_000)]
Sentence = Annotated[str, Field(max_length=2_000)]


class EvidenceIn(BaseModel):
    """A piece of evidence as a scan returns it. The code lets it be said in other languages than English."""

    model_config = ConfigDict(extra="ignore")

    summary: Sentence
    signal: Annotated[str, Field(max_length=32)] | None = None
    code: Annotated[str, Field(max_length=64)] | None = None
    bits: float | None = Field(default=None, description="At or below zero it speaks for the account: not reported.")
    params: dict[str, Any] = Field(default_factory=dict)

    def to_statement(self) -> Statement | None:
        """The finding, or None if it speaks against a clone."""
        if self.bits is not None and self.bits <= 0:
            return None
        return make_statement(self.summary, self.code, self.params)


def make_statement(summary: str, code: str | None, params: Mapping[str, Any]) -> Statement:
    """Make a statement of a piece of evidence; what a finding joins ("signs", "marks") becomes a code each."""
    joined = params.get("signs") or params.get("marks")
    if code and isinstance(joined, str):
        signal = code.partition(".")[0]
        return Statement(summary, tuple(f"{signal}.{part}" for part in joined[:200].split(",")))
    return Statement(summary, (code,) if code else ())


def make_statements(evidence: Iterable[Mapping[str, Any]]) -> tuple[Statement, ...]:
    """What speaks for a copy in the evidence of a comparison, as it is stored and as it crosses the wire."""
    return tuple(make_statement(one["summary"], one["code"], one["params"]) for one in evidence if one["bits"] > 0)


class SuspectIn(BaseModel):
    """The account to report. Fields of a scan's suspect that play no part here are ignored."""

    model_config = ConfigDict(extra="ignore")

    platform: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$")]
    handle: ShortText | None = None
    account_id: ShortText | None = None
    display_name: ShortText | None = None
    profile_url: Annotated[str, Field(max_length=2_000)] | None = None
    verdict: Verdict | None = Field(default=None, description="None: a person has judged that it is a clone.")
    evidence: list[Sentence | EvidenceIn] = Field(default_factory=list, max_length=50)
    labels: list[Annotated[str, Field(max_length=100)]] = Field(
        default_factory=list, max_length=100, description="What the platform marks it as: parody, fan, bot."
    )
    bio: Annotated[str, Field(max_length=5_000)] | None = Field(
        default=None, description="Read for what the account says of itself: a parody, a fan page."
    )
    declares_parody: bool = Field(
        default=False, description="It says that it is a parody or fan account: the texts quote that and stay neutral."
    )

    @model_validator(mode="after")
    def _check_named(self) -> Self:
        if not any((self.handle, self.account_id, self.display_name, self.profile_url)):
            raise ValueError("give at least one of handle, account_id, display_name and profile_url")
        return self

    def to_account(self) -> Account:
        """Make the account; a profile address given as the handle, or alone, is read."""
        address = self.handle if self.handle and "/" in self.handle else None
        if not (self.handle or self.account_id):
            address = self.profile_url
        found = parse_profile_url(address) if address else None
        same = found if found and found.platform == self.platform else None
        return Account(
            platform=self.platform,
            handle=same.handle if same else self.handle,
            account_id=same.account_id or self.account_id if same else self.account_id,
            display_name=self.display_name,
            profile_url=self.profile_url,
            bio=self.bio,
            labels=tuple(self.labels),
        )

    def statements(self) -> list[Statement]:
        """The evidence that speaks for a copy."""
        found = (Statement(e) if isinstance(e, str) else e.to_statement() for e in self.evidence)
        return [statement for statement in found if statement]


class ReporterIn(BaseModel):
    """Who reports. Name and e-mail go into texts and links only because they are given here."""

    model_config = ConfigDict(extra="forbid")

    role: Role = "self"
    has_account: bool | None = Field(default=None, description="Whether they have an account on that platform.")
    name: Annotated[str, Field(max_length=300)] | None = None
    email: Annotated[str, Field(max_length=320, pattern=r"^[^\s@<>\"',;:?&]{1,64}@[A-Za-z0-9.-]{1,255}$")] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1, as in DE.")] | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None

    def to_reporter(self) -> Reporter:
        """Make the reporter."""
        return Reporter(self.role, self.has_account, self.name, self.email, self.country, self.language)


class RoutesIn(BaseModel):
    """Whose account it copies, which account, and who reports it."""

    model_config = ConfigDict(extra="forbid")

    subject: SubjectIn
    suspect: SuspectIn
    reporter: ReporterIn = Field(default_factory=ReporterIn)


class CopyTextOut(BaseModel):
    """Text for one field of the form; `choose` means a menu, not a text box."""

    field: str
    text: str
    action: Literal["paste", "choose"]


class RouteOut(BaseModel):
    """One way to report the account. Nothing has been sent."""

    # "copy" is fixed by the contract; BaseModel's own deprecated method of that name is not used.
    model_config = ConfigDict(protected_namespaces=())

    channel: ChannelKind
    name: str
    purpose: Purpose
    url: str | None
    prefilled: list[str]
    shortened: list[str] = Field(description="Texts that the link carries cut; `copy` has them whole.")
    copy_texts: list[CopyTextOut] = Field(alias="copy")
    bring: list[str]
    needs_account: bool | None
    id_required: Answer
    who_may_file: list[Filer]
    verified: Confidence
    reviewed_at: date
    review_after: date
    source: str = Field(description="From where the address and its rules are known.")
    expect: str = Field(description="What the platform will do, and how long it usually takes.")
    usual_days: int | None = Field(description="None: the platform publishes no time.")
    overdue: bool = Field(description="The review is past: `url` is the help page, `form_url` the form as last known.")
    form_url: str | None
    prefill_verified: Confidence | None
    preselects: str | None
    note: str | None


class LegalOut(BaseModel):
    """A way outside the platform's own rules: information, not legal advice."""

    model_config = ConfigDict(protected_namespaces=())

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
    copy_texts: list[CopyTextOut] = Field(alias="copy")
    bring: list[str] = Field(description="What only the reporter may declare or sign; never drafted.")
    effects: str | None
    where: str | None
    disputes: str | None
    warnings: list[str]
    note: str | None
    verified: Confidence
    reviewed_at: date


class RoutesOut(BaseModel):
    """The routes, the best first; or none, and why."""

    routes: list[RouteOut]
    none_because: str | None = None
    legal: list[LegalOut] = Field(default_factory=list)
