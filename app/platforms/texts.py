"""The shape of the text files (`_texts_en.yaml`, one a language) and of the legal routes (`_legal.yaml`)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from app.platforms.schemas import Confidence, FileModel, Role, Strings, Template, WebAddress


def _alternatives(sentences: object) -> object:
    """Let a sentence stand alone where it has no alternatives."""
    if not isinstance(sentences, list):
        return sentences
    return [[s] if isinstance(s, str) else s for s in sentences]


Sentence = Annotated[tuple[Template, ...], Field(strict=False, min_length=1)]
Text = Annotated[tuple[Sentence, ...], Field(strict=False, min_length=1), BeforeValidator(_alternatives)]
Refusal = Literal["namesake", "fan_or_parody", "own_account", "unrelated", "unknown_platform", "nobody_may_file"]
Note = Literal["all_need_account", "overdue"]
Item = Literal[
    "id", "id_sometimes", "authorised_representative", "parent_or_guardian", "copyright", "account", "token", "address"
]


class Texts(FileModel):
    """Report texts in one language; each text is a list of sentences, each sentence a list of alternatives."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    suspect: Text
    subject: Text
    copyright_subject: Text
    report_text: Text
    report_text_short: Text
    dmca_text: Text
    gdpr_text: Text
    reporter_statement: dict[Role, Text]
    reporter_role: dict[Role, str]
    answers: dict[Literal["yes", "no"], str]
    none_because: dict[Refusal, Template]
    notes: dict[Note, Template]
    bring: dict[Item, Template]


class LegalRoute(FileModel):
    """A way outside the platform's own rules: information, not legal advice."""

    id: str
    name: str
    jurisdiction: str
    applies_when: str | None = None
    in_force: str | None = None
    url: WebAddress | None = None
    also: WebAddress | None = None
    phone: str | None = None
    required_elements: Strings = ()
    effects: str | None = None
    where: str | None = None
    route: str | None = None
    disputes: str | None = None
    warnings: Strings = ()
    note: str | None = None
    confidence: Confidence
    source: str | None = None


class LegalFile(FileModel):
    """All legal routes with the date they were last checked."""

    reviewed_at: date
    review_after: date
    legal_routes: Annotated[tuple[LegalRoute, ...], Field(strict=False)]
