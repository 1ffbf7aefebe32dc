"""Checks as they cross the wire (DESIGN: the HTTP contract)."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.accounts.schemas import AccountIn
from app.scans.schemas import ComparisonOut
from app.subjects.schemas import PhotoStateOut
from matchers.model import THRESHOLD

MAX_ACCOUNTS = 500


class CheckOptions(BaseModel):
    """How much to answer."""

    min_probability: float = Field(default=THRESHOLD, ge=0, le=1, description="As in a scan; filters `matches` alone.")
    limit: int = Field(default=20, ge=1, le=100, description="Most matches, and most set aside, an account.")


class CheckIn(CheckOptions):
    """One account to check, or several."""

    model_config = ConfigDict(extra="forbid")

    account: AccountIn | None = None
    accounts: list[AccountIn] | None = Field(default=None, min_length=1, max_length=MAX_ACCOUNTS)

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.account is None) == (self.accounts is None):
            raise ValueError("give exactly one of account and accounts")
        return self


class MatchOut(ComparisonOut):
    """A protected subject beside the account: the comparison as `POST /v1/compare` answers it."""

    subject_id: str


class CheckOut(BaseModel):
    """Which protected subjects an account copies; nothing found is said only of what was looked at."""

    matches: list[MatchOut] = Field(description="Subjects that the account is suspected to copy, the likeliest first.")
    set_aside: list[MatchOut] = Field(
        description="Subjects whose own account it is, or of whom it says openly to be a fan page or parody of. Not "
        "suspects. Namesakes are left out: of a common name there may be hundreds."
    )
    photo: PhotoStateOut | None = Field(
        description="Whether the account's picture could be compared; null where none was given."
    )
    compared: int = Field(description="Subjects that share something telling and were compared.")
    left_out: int = Field(
        description="About how many more share only what very many share, and were not compared; 0: all were."
    )


class ChecksOut(BaseModel):
    """The results of several accounts, in their order."""

    results: list[CheckOut]
