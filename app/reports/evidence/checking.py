"""Checking a bundle that somebody sent: its signature, its members, and the comparison, judged again here.

Needs no database and no network.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from pydantic import ValidationError

from app.reports.evidence.container import COMPARISON, FORMAT, BundleError, unseal
from app.reports.evidence.content import ComparisonRecord, Content, Rejudged, judge_again
from matchers.errors import InvalidProfileError


class Outcome(IntEnum):
    """What a check found; the numbers are exit codes of `clonecheck verify`."""

    INTACT = 0
    NOT_INTACT = 3
    OTHER_KEY = 4
    OTHER_RESULT = 5
    OTHER_MODEL = 6


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle whose signature fits, and what the installed model says of it."""

    outcome: Outcome
    fingerprint: str
    content: Content
    again: Rejudged

    def to_wire(self) -> dict[str, Any]:
        """The result as JSON."""
        recorded = self.content.comparison
        account = self.content.inputs.account
        return {
            "outcome": self.outcome.name.lower(),
            "key": self.fingerprint,
            "created_at": self.content.created_at.isoformat(),
            "generator": self.content.generator,
            "account": {"platform": account.platform, "handle": account.handle, "display_name": account.display_name},
            "recorded": _score(recorded),
            "again": _score(self.again),
            "same_result": self.again.same_result,
            "decided": self.content.decided,
            "pictures": [
                picture.model_dump(mode="json", include={"side", "sha256", "compared"})
                for picture in self.content.pictures
            ],
        }


def _score(told: ComparisonRecord | Rejudged) -> dict[str, Any]:
    return {name: getattr(told, name) for name in ("model", "verdict", "probability", "bits")}


def check_bundle(data: bytes, fingerprint: str | None = None) -> Checked:
    """Check a bundle; `fingerprint` is the key that it must be signed with.

    Raises `BundleError` where the file is no bundle, or not as it was signed.
    """
    bundle = unseal(data)
    content = _read_content(bundle.members[COMPARISON])
    if {picture.member for picture in content.pictures} != {name for name in bundle.members if "/" in name}:
        raise BundleError("The bundle has other pictures than its comparison tells of.")
    try:
        again = judge_again(content.inputs, content.comparison, decided=content.decided)
    except InvalidProfileError as fault:
        raise BundleError(f"{COMPARISON} holds a value that no profile can have.") from fault
    return Checked(_decide(again, bundle.fingerprint, fingerprint), bundle.fingerprint, content, again)


def _decide(again: Rejudged, found: str, wanted: str | None) -> Outcome:
    if wanted is not None and not hmac.compare_digest(found, wanted):
        return Outcome.OTHER_KEY
    if not again.same_model:
        return Outcome.OTHER_MODEL
    return Outcome.INTACT if again.same_result else Outcome.OTHER_RESULT


def _read_content(data: bytes) -> Content:
    try:
        content = Content.model_validate_json(data)
    except ValidationError:
        raise BundleError(f"{COMPARISON} is signed, but cannot be read by this version of clonecheck.") from None
    if content.format != FORMAT:
        raise BundleError("The bundle is of a format that this version of clonecheck does not know.")
    return content
