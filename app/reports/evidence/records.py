"""What a judgement was told, as JSON and back: subject, account with the hashes of their photos, world, pixels.

Whoever reads a record did not necessarily write it: everything is bounded as at an import, and nothing unknown passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.accounts.schemas import MAX_BIO, MAX_COUNT, MAX_HANDLE, MAX_NAME, MAX_URL
from app.photos.schemas import HashesModel, photo_to_wire
from matchers.model import Comparison, judge
from matchers.pixels import PixelMatch
from matchers.profile import Account, AccountRef, Handle, Link, Photo, Subject
from matchers.world import World

_Name = Annotated[str, Field(max_length=MAX_NAME)]
_Handle = Annotated[str, Field(max_length=MAX_HANDLE)]
_Url = Annotated[str, Field(max_length=MAX_URL)]
_Bio = Annotated[str, Field(max_length=MAX_BIO)]
_Platform = Annotated[str, Field(min_length=1, max_length=64)]
_Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
_MANY = 1_000


class Record(BaseModel):
    """A part of what a judgement was told."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class HandleRecord(Record):
    """A handle of the subject."""

    text: _Handle
    platform: _Platform | None = None
    key: _Handle | None = None


class RefRecord(Record):
    """An account that is the subject's own, or linked from one."""

    platform: _Platform
    handle: _Handle | None = None
    account_id: _Handle | None = None
    handle_key: _Handle | None = None


class SubjectRecord(Record):
    """The subject as judged."""

    names: list[_Name] = Field(default_factory=list, max_length=50)
    handles: list[HandleRecord] = Field(default_factory=list, max_length=50)
    photos: list[HashesModel] = Field(default_factory=list, max_length=20)
    bio: _Bio | None = None
    links: list[_Url] = Field(default_factory=list, max_length=_MANY)
    languages: list[_Handle] = Field(default_factory=list, max_length=_MANY)
    own_accounts: list[RefRecord] = Field(default_factory=list, max_length=_MANY)
    absent_from: list[_Platform] = Field(default_factory=list, max_length=_MANY)
    created_at: AwareDatetime | None = None
    linked_accounts: list[RefRecord] = Field(default_factory=list, max_length=10_000)

    def to_subject(self) -> Subject:
        """The subject; raises `matchers.errors.InvalidProfileError`."""
        return Subject(
            names=tuple(self.names),
            handles=tuple(Handle(**one.model_dump()) for one in self.handles),
            photos=tuple(photo.to_photo() for photo in self.photos),
            bio=self.bio,
            links=tuple(self.links),
            languages=tuple(self.languages),
            own_accounts=tuple(AccountRef(**one.model_dump()) for one in self.own_accounts),
            absent_from=frozenset(self.absent_from),
            created_at=self.created_at,
            linked_accounts=tuple(AccountRef(**one.model_dump()) for one in self.linked_accounts),
        )


class LinkRecord(Record):
    """A link on the account's profile."""

    url: _Url
    verified: bool | None = None


class AccountRecord(Record):
    """The account as judged."""

    platform: _Platform
    handle: _Handle | None = None
    account_id: _Handle | None = None
    display_name: _Name | None = None
    bio: _Bio | None = None
    avatar: HashesModel | None = None
    profile_url: _Url | None = None
    created_at: AwareDatetime | None = None
    followers: _Count | None = None
    following: _Count | None = None
    posts: _Count | None = None
    verified: bool | None = None
    verified_kind: _Platform | None = None
    protected: bool | None = None
    bot: bool | None = None
    labels: list[_Handle] = Field(default_factory=list, max_length=_MANY)
    links: list[LinkRecord] = Field(default_factory=list, max_length=_MANY)
    handle_key: _Handle | None = None

    def to_account(self) -> Account:
        """The account; raises `matchers.errors.InvalidProfileError`."""
        plain = self.model_dump(exclude={"avatar", "labels", "links"})
        return Account(
            avatar=self.avatar.to_photo() if self.avatar else None,
            labels=tuple(self.labels),
            links=tuple(Link(link.url, link.verified) for link in self.links),
            **plain,
        )


class WorldRecord(Record):
    """The facts from outside the pair. `wearers` counts unrelated accounts with the account's picture."""

    prior_bits: float
    today: date | None = None
    population: int = Field(ge=1, le=MAX_COUNT)
    name_counts: dict[_Name, _Count] = Field(default_factory=dict, max_length=_MANY)
    name_total: _Count = 0
    wearers: _Count | None = None


class PixelsRecord(Record):
    """What laying one picture over the other has shown."""

    inliers: _Count
    mirrored: bool = False
    possible: _Count


class InputsRecord(Record):
    """All that a judgement was told."""

    subject: SubjectRecord
    account: AccountRecord
    world: WorldRecord
    pixels: PixelsRecord | None = None

    def judge(self) -> Comparison:
        """Judge again with the model that is installed; raises `matchers.errors.InvalidProfileError`."""
        account = self.account.to_account()
        told = self.world.model_dump(exclude={"wearers"})
        mark = account.avatar.mark if account.avatar else None
        counts = {mark: self.world.wearers} if mark is not None and self.world.wearers is not None else {}
        pixels = PixelMatch(**self.pixels.model_dump()) if self.pixels else None
        return judge(self.subject.to_subject(), account, World(**told, photo_counts=counts), pixels)


def subject_record(subject: Subject) -> dict[str, Any]:
    """A subject as `SubjectRecord` reads it; what was not told is left out."""
    return _told(
        names=list(subject.names),
        handles=[_told(text=one.text, platform=one.platform, key=one.key) for one in subject.handles],
        photos=[photo_to_wire(photo) for photo in subject.photos],
        bio=subject.bio,
        links=list(subject.links),
        languages=list(subject.languages),
        own_accounts=[_ref(one) for one in subject.own_accounts],
        absent_from=sorted(subject.absent_from),
        **learned_record(subject),
    )


def learned_record(subject: Subject) -> dict[str, Any]:
    """What a scan learned of its subject from own accounts that it found."""
    return _told(
        created_at=subject.created_at.isoformat() if subject.created_at else None,
        linked_accounts=[_ref(one) for one in subject.linked_accounts],
    )


def unshown_record(account: Account) -> dict[str, Any]:
    """What was told of an account beyond the public text that a scan shows."""
    return _told(
        avatar=photo_to_wire(account.avatar) if account.avatar and has_hashes(account.avatar) else None,
        profile_url=account.profile_url,
        links=[_told(url=link.url, verified=link.verified) for link in account.links],
        handle_key=account.handle_key,
    )


def world_record(world: World, account: Account) -> dict[str, Any]:
    """The facts from outside that bear on an account."""
    mark = account.avatar.mark if account.avatar else None
    return _told(
        prior_bits=world.prior_bits,
        today=world.today.isoformat() if world.today else None,
        population=world.population,
        name_counts=dict(world.name_counts),
        name_total=world.name_total,
        wearers=None if mark is None else world.photo_counts.get(mark),
    )


def pixels_record(pixels: PixelMatch | None) -> dict[str, Any] | None:
    """What the pixels said, where both pictures were at hand."""
    if pixels is None:
        return None
    return {"inliers": pixels.inliers, "mirrored": pixels.mirrored, "possible": pixels.possible}


def has_hashes(photo: Photo) -> bool:
    """Whether anything is known of a picture that can be written down."""
    return bool(photo.views) or photo.pdq is not None or photo.phash is not None


def _ref(ref: AccountRef) -> Mapping[str, Any]:
    return _told(platform=ref.platform, handle=ref.handle, account_id=ref.account_id, handle_key=ref.handle_key)


def _told(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value not in ([], {})}
