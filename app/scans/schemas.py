"""Scans and comparisons as they cross the wire (DESIGN: the HTTP contract)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from app.accounts.schemas import AccountIn
from app.sources.contract import Status
from app.subjects.schemas import PhotoStateOut, SubjectFields, SubjectIn, SubjectSummaryOut
from matchers.evidence import Param
from matchers.model import Verdict

MAX_LIMIT = 1_000
ScanStatus = Literal["queued", "running", "completed", "cancelled", "failed"]
DecidedVerdict = Verdict


class BudgetIn(BaseModel):
    """What a scan may spend: calls to others' services, seconds, US dollars."""

    model_config = ConfigDict(extra="forbid")

    calls: int = Field(default=200, ge=0, le=100_000)
    seconds: float = Field(default=30.0, gt=0, le=600)
    money: float = Field(default=0.0, ge=0, le=10_000)


class ScanOptions(BaseModel):
    """Where to look and how much to answer. No `sources` means the index alone: nothing leaves the machine."""

    sources: list[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")]] = Field(
        default_factory=lambda: ["index"], min_length=1, max_length=50
    )
    limit: int = Field(default=20, ge=1, le=MAX_LIMIT, description="Most suspects, and most accounts set aside.")
    min_probability: float = Field(default=0.5, ge=0, le=1)
    budget: BudgetIn = Field(default_factory=BudgetIn)


class ScanIn(SubjectFields, ScanOptions):
    """A scan request: the subject inline, or under `subject`, or by `subject_id`."""

    subject: SubjectIn | None = None
    subject_id: str | None = Field(default=None, max_length=64)
    _names_subject: bool = PrivateAttr(default=False)

    @property
    def names_subject(self) -> bool:
        """Whether the subject was given under `subject` and not inline."""
        return self._names_subject

    @model_validator(mode="after")
    def _check_one_subject(self) -> Self:
        inline = bool(self.model_fields_set & SubjectFields.model_fields.keys())
        if sum((inline, self.subject is not None, self.subject_id is not None)) != 1:
            raise ValueError("give the subject once: inline, as subject, or as subject_id")
        self._names_subject = not inline
        if inline:
            # Built here so that its own checks answer with the request's other errors.
            self.subject = SubjectIn.model_validate(
                {name: getattr(self, name) for name in self.model_fields_set & SubjectFields.model_fields.keys()}
            )
        return self


class CompareIn(BaseModel):
    """A subject and one account, to be compared without any search."""

    model_config = ConfigDict(extra="forbid")

    subject: SubjectIn
    account: AccountIn


class DecisionIn(BaseModel):
    """A human's word on a suspect."""

    model_config = ConfigDict(extra="forbid")

    verdict: DecidedVerdict
    note: str | None = Field(default=None, max_length=2000)


class SpanOut(BaseModel):
    """Characters that matter, in Unicode code points."""

    side: Literal["subject", "candidate"]
    field: Literal["name", "handle", "bio"]
    start: int
    end: int


class EvidenceOut(BaseModel):
    """One signal's contribution: log2 odds = prior_bits + the sum of all `bits`."""

    signal: str
    code: str
    bits: float
    summary: str
    spans: list[SpanOut]
    params: dict[str, Param]


class HingeOut(BaseModel):
    """The single piece of evidence that the verdict hangs on."""

    signal: str
    verdict_without: Verdict


class DecisionOut(BaseModel):
    """What a human said; `reopened` when the account has changed its name or photo since."""

    verdict: DecidedVerdict
    note: str | None
    decided_at: datetime
    reopened: bool


class AccountOut(BaseModel):
    """The account's public text; unknown fields are left out."""

    model_config = ConfigDict(extra="allow")

    platform: str
    handle: str | None = None
    account_id: str | None = None
    display_name: str | None = None
    profile_url: str | None = None


class ComparisonOut(BaseModel):
    """A subject and an account, side by side."""

    probability: float
    bits: float
    prior_bits: float
    verdict: Verdict
    evidence: list[EvidenceOut]
    hinges_on: HingeOut | None
    reason: str | None
    declares_parody: bool
    model: str


class ReportOut(BaseModel):
    """The ways to report the suspect, the best first; or why there is none."""

    routes: list[dict[str, Any]]
    none_because: str | None = None


class SuspectOut(ComparisonOut):
    """An account that may pass itself off as the subject."""

    id: str
    rank: int
    account: AccountOut
    sources: list[str]
    decision: DecisionOut | None
    report: ReportOut


class SetAsideOut(BaseModel):
    """An account that resembles the subject and is no suspect, with the reason."""

    id: str
    account: AccountOut
    verdict: Verdict
    reason: str
    probability: float
    bits: float
    prior_bits: float
    evidence: list[EvidenceOut]
    sources: list[str]
    decision: DecisionOut | None


class SearchLinkOut(BaseModel):
    """A page on which a person can search for himself, filled in."""

    platform: str
    title: str
    url: str


class CoverageOut(BaseModel):
    """What a source really did. "Not looked at" is never "clean"."""

    source: str
    status: Status
    accounts: int
    detail: str | None
    calls: int = Field(default=0, description="Calls made to somebody else's service.")
    cost: float = Field(default=0.0, description="US dollars spent.")
    retry_at: datetime | None = Field(
        default=None, description="When a platform that asked to wait may be asked again."
    )
    links: list[SearchLinkOut] = Field(default_factory=list, description="Pages to search by hand, for status manual.")


class ScanHead(BaseModel):
    """What every view of a scan begins with."""

    id: str
    status: ScanStatus
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    model: str
    cost: float


class ScanSummaryOut(ScanHead):
    """A scan in a list."""

    suspects_found: int


class ScanOut(ScanHead):
    """A scan with everything found so far. `budget` is what it may spend, `cost` the US dollars that it has spent."""

    budget: BudgetIn
    subject: SubjectSummaryOut
    coverage: list[CoverageOut]
    suspects: list[SuspectOut]
    set_aside: list[SetAsideOut]


AttackKind = Literal["handle", "name", "copy", "photo"]


class AttackOut(BaseModel):
    """What an impostor might make: an account, and what would become of it.

    `kind`: a lookalike handle; the name alone; name and changed photo; the changed photo under another name. `found`:
    an index would bring it up; `needs_picture`: only with the picture itself at hand is it a suspect; `caught`: both.
    `change` names what was done to the photo; null where the account has none.
    """

    kind: AttackKind
    change: str | None
    told: str
    platform: str
    handle: str | None
    name: str | None
    imitates: str | None
    found: bool
    needs_picture: bool
    caught: bool
    probability: float
    bits: float
    verdict: Verdict
    reason: str | None
    evidence: list[EvidenceOut]


class AttacksOut(BaseModel):
    """All that was tried, the likeliest lookalikes first; `photo` says whether the photo can be compared."""

    tried: int
    caught: int
    photo: PhotoStateOut | None
    attacks: list[AttackOut]


class ScanPage(BaseModel):
    """A page of scans, the newest first."""

    items: list[ScanSummaryOut]
    next: str | None
