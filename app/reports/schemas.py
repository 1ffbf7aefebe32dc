"""A request for report routes, and the answer, as they cross the wire."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.platforms.identity import parse_profile_url
from app.platforms.schemas import Answer, ChannelKind, Confidence, Filer, Purpose, Role
from app.reports.route import Reporter
from app.subjects.schemas import SubjectIn
from matchers.model import Verdict
from matchers.profile import Account

# Text of an impostor: any characters, bounded; it is made harmless where it is used.
ShortText = Annotated[str, Field(max_length=1_000)]
Sentence = Annotated[str, Field(max_length=2_000)]


class EvidenceIn(BaseModel):
    """A piece of evidence as a scan returns it; the sentence alone is used."""

    model_config = ConfigDict(extra="ignore")

    summary: Sentence


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
        )

    def sentences(self) -> list[str]:
        """The evidence as sentences."""
        return [e if isinstance(e, str) else e.summary for e in self.evidence]


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
    copy_texts: list[CopyTextOut] = Field(alias="copy")
    bring: list[str]
    needs_account: bool | None
    id_required: Answer
    who_may_file: list[Filer]
    verified: Confidence
    reviewed_at: date
    preselects: str | None
    note: str | None


class RoutesOut(BaseModel):
    """The routes, the best first; or none, and why."""

    routes: list[RouteOut]
    none_because: str | None = None
