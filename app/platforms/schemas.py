"""The shape of the catalogue files: strict, so that a slip in a file stops the start and not a user's report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Confidence = Literal["documented", "seen", "memory", "unknown"]
Answer = Literal["yes", "no", "sometimes", "unknown"]
ChannelKind = Literal["web_form", "in_app", "email", "api"]
Purpose = Literal["impersonation", "privacy", "search", "illegal_content", "copyright"]
Filer = Literal["self", "authorised_representative", "parent_or_guardian", "rights_holder", "bystander", "anyone"]
Role = Literal["self", "authorised_representative", "parent_or_guardian", "bystander"]
Canonical = Literal["lowercase", "strip_dots", "digits_only", "percent_decode", "underscore_to_space", "first_upper"]
Group = Literal[
    "social", "messaging", "federated", "developer", "publishing", "identity", "creator", "gaming", "music", "dating",
    "search", "app_store", "reference", "marketplace", "web",
]  # fmt: skip

# Everything that a `fill`, a prefill parameter or a text may stand in for; a name outside this list is a slip.
PLACEHOLDERS = frozenset({
    "suspect", "suspect_url", "suspect_handle", "suspect_id", "suspect_did", "suspect_name", "suspect_post_urls",
    "channel_id", "handle", "id", "instance", "platform", "real_name", "real_handle", "real_url", "real_urls",
    "other_real_urls", "original_photo_url", "reporter_name", "reporter_email", "reporter_role", "reporter_phone",
    "reporter_statement", "has_account", "country", "organisation", "evidence_summary", "evidence_urls",
    "legal_reason", "subject", "copyright_subject", "report_text", "report_text_short", "dmca_text", "gdpr_text",
    "dsa_text", "evidence_list", "disclosure", "reviewed_at", "days",
})  # fmt: skip
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def _known_placeholders(template: str) -> str:
    unknown = set(_PLACEHOLDER.findall(template)) - PLACEHOLDERS
    if unknown:
        raise ValueError(f"unknown placeholder {', '.join(sorted(unknown))}")
    return template


def _anchored(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if not (pattern.startswith("^") and pattern.endswith("$")):
        raise ValueError("a pattern starts with ^ and ends with $")
    return pattern


def _web_address(url: str) -> str:
    if not re.fullmatch(r"https://[^\s\"'<>\\]{1,300}", url):
        raise ValueError("an address starts with https:// and holds no spaces or quotes")
    return url


def _holds_query(url: str) -> str:
    if _PLACEHOLDER.findall(url) != ["query"]:
        raise ValueError("a search address holds {query} once and nothing else in braces")
    return url


Template = Annotated[str, AfterValidator(_known_placeholders)]
Pattern = Annotated[str, AfterValidator(_anchored)]
WebAddress = Annotated[str, AfterValidator(_web_address), AfterValidator(_known_placeholders)]
Host = Annotated[str, Field(pattern=r"^[a-z0-9.-]+\.(?:[a-z]{2,}|\*)$")]
# A country, or a group of them (EU, EEA).
Area = Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")]
# YAML has lists where frozen models have tuples; strict mode would refuse them, so the container alone is relaxed.
_LIST = Field(strict=False)
Strings = Annotated[tuple[str, ...], _LIST]
Fill = Template | dict[Role, Template]


class FileModel(BaseModel):
    """A part of a catalogue file: no unknown keys, no conversions, no changes after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Example(FileModel):
    """A profile address and the identity it must be read as; every one is a test."""

    url: str
    handle: str | None = None
    account_id: str | None = None


class ProfileUrls(FileModel):
    """Templates for the address of a profile. `spaces` are kinds of names apart from persons (company/acme);
    `non_ascii` is for handles outside ASCII where the platform addresses those in another way.
    """

    canonical: str | None
    non_ascii: str | None = None
    by_id: str | None = None
    spaces: dict[str, str] = Field(default_factory=dict)
    aliases: Strings = ()


class FormField(FileModel):
    """A field of a form in its own wording; without `fill` the person brings the answer, and nothing is suggested.

    `roles` are those that the form shows the field to; empty means all.
    """

    label: Annotated[str, Field(pattern=r"^[^{}]+$")]
    fill: Fill | None = None
    roles: Annotated[tuple[Role, ...], _LIST] = ()
    html_name: str | None = None
    required: bool = False
    one_line: bool = False
    max_length: Annotated[int, Field(ge=1)] | None = None


class Prefill(FileModel):
    """How a link carries answers. A parameter is a template, a constant, or a mapping sent as base64 of its JSON."""

    kind: Literal["query", "zendesk", "mailto"]
    base: WebAddress | None = None
    params: Mapping[str, Template | dict[str, Template | None]]
    confidence: Confidence

    @model_validator(mode="after")
    def _check_base(self) -> Self:
        if (self.base is None) != (self.kind == "mailto"):
            raise ValueError("query and zendesk need a base, mailto has none")
        return self


class Preselects(FileModel):
    """An address that walks the first menus, for the roles whose answers it gives."""

    url: WebAddress
    effect: str
    roles: Annotated[tuple[Role, ...], _LIST]
    confidence: Confidence


class Api(FileModel):
    """A reporting call, described here; `filing` names the channel (app/reports/filing) that can make it."""

    method: str
    endpoint: str
    auth: str
    url: str | None = None
    documented_at: WebAddress | None = None
    filing: Annotated[str, Field(pattern=r"^[a-z0-9_]+-api$")] | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any]
    confidence: Confidence


class UsualTime(FileModel):
    """How long the platform itself says that an answer takes."""

    days: Annotated[int, Field(ge=1, le=365)]
    confidence: Confidence
    source: str


class HelpPage(FileModel):
    """The platform's own page about reporting, or its help centre: shown in place of a form that may have moved."""

    url: WebAddress
    confidence: Confidence


class Channel(FileModel):
    """One way to report on one platform. `note` is for the person who reports, `remarks` for who keeps this file.

    Review dates of its own go before those of the platform.
    """

    channel: ChannelKind
    name: str
    purpose: Purpose
    url: WebAddress | None = None
    address: Annotated[str, Field(pattern=r"^[a-z0-9._+-]+@[a-z0-9.-]+$")] | None = None
    needs_account: Answer
    id_required: Answer
    who_may_file: Annotated[tuple[Filer, ...], Field(strict=False, min_length=1)]
    countries: Annotated[tuple[Area, ...], _LIST] = ()
    prefill: Prefill | None = None
    api: Api | None = None
    preselects: Preselects | None = None
    fields: Annotated[tuple[FormField, ...], _LIST]
    note: Template | None = None
    usual_time: UsualTime | None = None
    confidence: Confidence
    source: str
    seen_on: str
    reviewed_at: date | None = None
    review_after: date | None = None
    remarks: str | None = None

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if (self.reviewed_at is None) != (self.review_after is None):
            raise ValueError("reviewed_at and review_after belong together")
        if self.reviewed_at and self.review_after and self.review_after <= self.reviewed_at:
            raise ValueError("review_after must lie after reviewed_at")
        return self

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        if (self.api is not None) != (self.channel == "api"):
            raise ValueError("channel api and the key api belong together")
        if self.channel == "web_form" and self.url is None:
            raise ValueError("a web form needs a url")
        return self


class SearchPage(FileModel):
    """The platform's own page that searches for people, for who wants to look himself; `{query}` is the name."""

    url: Annotated[str, AfterValidator(_web_address), AfterValidator(_holds_query)]
    needs_account: Answer
    confidence: Confidence


class PlatformFile(FileModel):
    """One platform: how its profiles are addressed, and how impersonation is reported there."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$")]
    name: str
    group: Group
    reviewed_at: date
    review_after: date
    help: HelpPage
    hosts: Annotated[tuple[Host, ...], _LIST]
    federated: bool = False
    host_hints: Strings = ()
    profile: ProfileUrls
    search: SearchPage | None = None
    default_instance: Host | None = None
    url_patterns: Annotated[tuple[Pattern, ...], _LIST]
    uri_prefixes: dict[str, str] = Field(default_factory=dict)
    reserved_handles: Strings = ()
    handle_regex: Pattern
    id_regex: Pattern | None = None
    case_sensitive: bool
    # Readers see capital letters as they were typed; False where every handle is shown in lower case.
    shows_case: bool = True
    canonicalise: Annotated[tuple[Canonical, ...], _LIST]
    handle_rules: str | None = None
    handle_confidence: Confidence
    examples: Annotated[tuple[Example, ...], _LIST]
    channels: Annotated[tuple[Channel, ...], Field(strict=False, min_length=1)]

    @model_validator(mode="after")
    def _check_review(self) -> Self:
        if self.review_after <= self.reviewed_at:
            raise ValueError("review_after must lie after reviewed_at")
        return self


class Refused(FileModel):
    """An address that must never be offered; `parameter` and `value` narrow it to one use of the page."""

    url: str
    parameter: str | None = None
    value: str | None = None
    why: str

    def matches(self, url: str) -> bool:
        """Say whether `url` is this address: same host and path, and the parameter where one is named."""
        ours, theirs = urlsplit(self.url), urlsplit(url)
        same = (ours.netloc, ours.path.rstrip("/")) == (theirs.netloc.lower(), theirs.path.rstrip("/"))
        if not same or self.parameter is None:
            return same
        values = parse_qs(theirs.query, keep_blank_values=True).get(self.parameter, [])
        return bool(values) if self.value is None else self.value in values


class Limits(FileModel):
    """Longest links in characters."""

    zendesk: int
    query: int
    mailto: int


class Rules(FileModel):
    """What holds for every platform (`_catalogue.yaml`)."""

    schema_version: Literal[1]
    confidence: dict[Confidence, str]
    prefill_needs: Annotated[tuple[Confidence, ...], _LIST]
    limits: Limits
    never_prefill: Strings
    do_not_use: Annotated[tuple[Refused, ...], _LIST]
