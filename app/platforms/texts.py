"""The shape of the text files (`_texts_en.yaml`, one a language) and of the legal routes (`_legal.yaml`)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from app.platforms.schemas import Area, Confidence, FileModel, FormField, Role, Strings, Template, WebAddress


def _alternatives(sentences: object) -> object:
    """Let a sentence stand alone where it has no alternatives."""
    if not isinstance(sentences, list):
        return sentences
    return [[s] if isinstance(s, str) else s for s in sentences]


Sentence = Annotated[tuple[Template, ...], Field(strict=False, min_length=1)]
Text = Annotated[tuple[Sentence, ...], Field(strict=False, min_length=1), BeforeValidator(_alternatives)]
Refusal = Literal["namesake", "fan_or_parody", "own_account", "unrelated", "unknown_platform", "nobody_may_file"]
Note = Literal["all_need_account", "overdue", "legal"]
Expect = Literal[
    "web_form", "in_app", "email", "api", "server", "privacy", "search", "illegal_content", "copyright", "time_known",
    "time_unknown",
]  # fmt: skip
Item = Literal[
    "id", "id_sometimes", "authorised_representative", "parent_or_guardian", "copyright", "account", "token", "address"
]

# What a language must say; a word that is missing would be noticed by a user.
_WORDS = {
    "none_because": get_args(Refusal),
    "notes": get_args(Note),
    "bring": get_args(Item),
    "expect": get_args(Expect),
    "reporter_role": get_args(Role),
    "reporter_statement": get_args(Role),
}


def _alone(template: object) -> object:
    return [template] if isinstance(template, str) else template


class Texts(FileModel):
    """Report texts in one language; each text is a list of sentences, each sentence a list of alternatives."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    suspect: Text
    subject: Text
    subject_parody: Text
    copyright_subject: Text
    report_text: Text
    report_text_short: Text
    photo_reuse: Text
    photo_reuse_short: Text
    report_text_parody: Text
    report_text_short_parody: Text
    dmca_text: Text
    gdpr_text: Text
    legal_reason: Text
    dsa_text: Text
    reporter_statement: dict[Role, Text]
    reporter_role: dict[Role, str]
    answers: dict[Literal["yes", "no"], str]
    none_because: dict[Refusal, Template]
    notes: dict[Note, Template]
    bring: dict[Item, Template]
    expect: dict[Expect, Template]
    evidence_labels: dict[str, str]
    evidence: dict[str, Annotated[Sentence, BeforeValidator(_alone)]]

    @model_validator(mode="after")
    def _check_complete(self) -> Self:
        for name, words in _WORDS.items():
            missing = set(words) - set(getattr(self, name))
            if missing:
                raise ValueError(f"{name}: {', '.join(sorted(missing))} missing")
        return self


class LegalRoute(FileModel):
    """A way outside the platform's own rules: information, not legal advice.

    `countries` empty: everywhere. `roles` empty: anyone. `copied_photo`: only where the photo was copied.
    """

    id: str
    kind: Literal["notice", "fraud", "police", "hash_block"]
    name: str
    jurisdiction: str
    countries: Annotated[tuple[Area, ...], Field(strict=False)] = ()
    roles: Annotated[tuple[Role, ...], Field(strict=False)] = ()
    copied_photo: bool = False
    applies_when: str | None = None
    in_force: str | None = None
    url: WebAddress | None = None
    also: WebAddress | None = None
    phone: str | None = None
    fields: Annotated[tuple[FormField, ...], Field(strict=False)] = ()
    effects: str | None = None
    where: str | None = None
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
