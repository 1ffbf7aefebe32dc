"""Stored subjects as they cross the wire: changed, shown, listed, imported."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.schemas import RejectionOut
from app.photos.schemas import HashesModel, PhotoIn
from app.subjects.schemas import BioText, HandleIn, HandleText, Language, NameText, PlatformId, Url

_SHORTHAND = {"name": "names", "handle": "handles", "photo": "photos"}


class SubjectPatch(BaseModel):
    """A change of a subject. A field that is absent stays as it was; one that is null is cleared.

    A list takes the place of the whole list; `name`, `handle` and `photo` stand for lists of one.
    """

    model_config = ConfigDict(extra="forbid")

    name: NameText | None = None
    handle: HandleText | None = None
    platform: PlatformId | None = Field(default=None, description="Platform of the shorthand `handle`.")
    photo: PhotoIn | None = None
    names: list[NameText] | None = Field(default=None, max_length=10)
    handles: list[HandleIn] | None = Field(default=None, max_length=20)
    photos: list[PhotoIn] | None = Field(default=None, max_length=5)
    bio: BioText | None = None
    links: list[Url] | None = Field(default=None, max_length=20)
    languages: list[Language] | None = Field(default=None, max_length=10)
    own_accounts: list[Url] | None = Field(default=None, max_length=100)
    absent_from: list[PlatformId] | None = Field(default=None, max_length=100)

    def apply(self, stored: dict[str, Any]) -> dict[str, Any]:
        """The subject as `SubjectIn` shall read it, from what is stored; its checks are left to that."""
        told = self.model_dump(mode="json", exclude_unset=True)
        changed = {name: value for name, value in stored.items() if value}
        for name, value in told.items():
            replaced = _SHORTHAND.get(name, name)
            if name != "platform" and (replaced == name or replaced not in told):
                changed.pop(replaced, None)
            if value is not None:
                changed[name] = value
        return changed


class SubjectHandleOut(BaseModel):
    """A handle, and the platform it is used on where that is known."""

    handle: str
    platform: str | None


class SubjectPhotoOut(BaseModel):
    """A photo as it is kept: its hashes."""

    hashes: HashesModel


class StoredSubjectOut(BaseModel):
    """A protected person, as stored. The photos are hashes: no picture is kept."""

    id: str
    names: list[str]
    handles: list[SubjectHandleOut]
    photos: list[SubjectPhotoOut]
    bio: str | None
    links: list[str]
    languages: list[str]
    own_accounts: list[str]
    absent_from: list[str]
    created_at: datetime
    updated_at: datetime


class SubjectEntryOut(BaseModel):
    """A stored subject in a list."""

    id: str
    names: list[str]
    handles: list[SubjectHandleOut]
    photos: int = Field(description="How many photos are kept, as hashes.")
    own_accounts: list[str]
    created_at: datetime
    updated_at: datetime


class SubjectPage(BaseModel):
    """A page of subjects, the newest first."""

    items: list[SubjectEntryOut]
    next: str | None


class TakenOut(BaseModel):
    """A line, or an element of an array, counted from 1, and the subject that it is stored as."""

    line: int
    id: str


class SubjectImportOut(BaseModel):
    """What an import of subjects did. Everything counted here is stored durably."""

    inserted: int
    unchanged: int = Field(description="Lines whose subject is stored already, exactly so.")
    rejected: int = Field(description="How many lines were not taken in.")
    subjects: list[TakenOut] = Field(description="The id of each line that is stored.")
    errors: list[RejectionOut] = Field(description="Lines that were not taken in: the first thousand.")
