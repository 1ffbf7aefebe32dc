"""Accounts as they cross the wire (DESIGN: the HTTP contract). Unknown fields are ignored, wrong ones refused."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from app.photos.schemas import HashesModel, PhotoIn
from app.photos.service import read_account_photo
from app.platforms.catalogue import load_catalogue
from app.platforms.identity import parse_profile_url
from app.settings import Settings
from matchers.profile import Account, AccountRef, Link

MAX_NAME = 10_000
MAX_HANDLE = 512
MAX_BIO = 100_000
MAX_URL = 2_000
MAX_COUNT = 2**63 - 1
# What an account is filed under when a comparison does not say where it is; an import must say.
UNKNOWN_PLATFORM = "unknown"
# Fields that an account, the wire and the table have in common, as they are.
PLAIN_FIELDS = (
    "handle",
    "account_id",
    "display_name",
    "bio",
    "profile_url",
    "created_at",
    "followers",
    "following",
    "posts",
    "verified",
    "verified_kind",
    "protected",
    "bot",
)
_KEPT_CONTROLS = "\t\n\r"


def _drop_controls(text: str) -> str:
    """Drop control characters. Invisible format characters stay: they are evidence. Lone surrogates never get here."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) != "Cc")


def _strip(text: str) -> str:
    return _drop_controls(text).strip()


def _none_if_empty(text: str | None) -> str | None:
    return text or None


def _text_of_number(value: Any) -> Any:
    """Stable ids are often numbers in other people's exports."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _read_address(handle: str, platform: str | None) -> AccountRef | None:
    """Read a profile address that stands in the place of a handle; None for a handle.

    Raises `ValueError` for an address that is no profile, or is one of another platform.
    """
    if "/" not in handle or _names_space(handle, platform):
        return None
    found = parse_profile_url(handle)
    if found is None:
        raise ValueError("is no profile address of a known platform; give the user name alone")
    if platform not in (None, found.platform):
        raise ValueError(f"is an address on {found.platform}, but platform says {platform}")
    return found


def _names_space(handle: str, platform: str | None) -> bool:
    """Some platforms keep kinds of names apart: company/acme is a handle of LinkedIn."""
    known = load_catalogue().get(platform) if platform else None
    return known is not None and handle.partition("/")[0] in known.facts.profile.spaces


def _check_address(handle: str | None, info: ValidationInfo) -> str | None:
    """Refuse a strange address here, where the fault can point to the handle."""
    if handle is not None:
        _read_address(handle, info.data.get("platform"))
    return handle


def _in_utc(moment: datetime) -> datetime:
    """Read a moment without a zone as UTC."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar") from None


PlatformId = Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$")]
Moment = Annotated[datetime, AfterValidator(_in_utc)]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT)]
Url = Annotated[str, Field(max_length=MAX_URL), AfterValidator(_strip)]
HandleText = Annotated[str, Field(max_length=MAX_HANDLE), AfterValidator(_strip)]
StableId = Annotated[str, BeforeValidator(_text_of_number), Field(max_length=MAX_HANDLE), AfterValidator(_strip)]
NameText = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(_strip)]
BioText = Annotated[str, Field(max_length=MAX_BIO), AfterValidator(_drop_controls)]
OrNone = AfterValidator(_none_if_empty)
# Only behind a field `platform`.
KnownAddress = AfterValidator(_check_address)


class LinkIn(BaseModel):
    """A link on a profile; `verified` when the platform says that the target links back."""

    url: Annotated[Url, Field(min_length=1)]
    verified: bool | None = None


class AccountIn(BaseModel):
    """An account as observed. A field that is absent stays as it was; one that is null is cleared."""

    model_config = ConfigDict(extra="ignore")

    platform: PlatformId | None = Field(
        default=None,
        description="Catalogue id such as `x`, or any other; an import needs it unless an address says it.",
    )
    handle: Annotated[HandleText | None, OrNone, KnownAddress] = Field(
        default=None, description="User name, with or without @; a profile address is understood too."
    )
    account_id: Annotated[StableId | None, OrNone] = Field(
        default=None, description="The platform's own id, which stays when the handle changes."
    )
    display_name: Annotated[NameText | None, OrNone] = None
    bio: Annotated[BioText | None, OrNone] = None
    avatar: PhotoIn | None = Field(default=None, description="A `url` is stored, not fetched.")
    profile_url: Annotated[Url | None, OrNone] = None
    created_at: Moment | None = Field(default=None, description="When the account was made.")
    followers: Count | None = None
    following: Count | None = None
    posts: Count | None = None
    verified: bool | None = None
    verified_kind: Annotated[str, Field(max_length=64)] | None = None
    protected: bool | None = None
    bot: bool | None = None
    labels: list[Annotated[str, Field(min_length=1, max_length=100)]] | None = Field(default=None, max_length=50)
    links: list[LinkIn] | None = Field(default=None, max_length=100)
    source: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$")] | None = None
    observed_at: Moment | None = Field(
        default=None, description="When it was seen so; absent means now. Older never overwrites newer."
    )

    @model_validator(mode="after")
    def _settle_identity(self) -> Self:
        if self.handle is not None:
            self._read_handle(self.handle)
        if self.profile_url is not None and self.handle is None and self.account_id is None:
            found = parse_profile_url(self.profile_url)
            if found is not None and self.platform in (None, found.platform):
                self._take(found)
        if self.handle is None and self.account_id is None and self.display_name is None:
            raise ValueError("needs a handle, account_id or display_name")
        return self

    def _read_handle(self, handle: str) -> None:
        found = _read_address(handle, self.platform)
        if found is None:
            self.handle = handle.removeprefix("@") or None
            return
        # The address may hold the stable id alone: then nothing was said of the handle.
        self.handle = None
        self.model_fields_set.discard("handle")
        self._take(found)

    def _take(self, found: AccountRef) -> None:
        self.platform = found.platform
        if found.handle is not None:
            self.handle = found.handle
        # What the account itself says outweighs what an address implies.
        if found.account_id is not None and self.account_id is None:
            self.account_id = found.account_id

    def to_account(self, settings: Settings, at: str = "/account") -> Account:
        """Make the account that is judged; a picture is hashed here and dropped. `at` points to it in the request.

        Raises `app.photos.intake.PhotoRejectedError` for a picture that cannot be read.
        """
        photo = None if self.avatar is None else read_account_photo(self.avatar, settings, f"{at}/avatar")
        return Account(
            platform=self.platform or UNKNOWN_PLATFORM,
            avatar=photo,
            labels=tuple(self.labels or ()),
            links=tuple(Link(link.url, link.verified) for link in self.links or ()),
            **{name: getattr(self, name) for name in PLAIN_FIELDS},
        )


class AccountKeyIn(BaseModel):
    """Which account is meant: its platform with its handle or its stable id. Handles never stand in an address."""

    model_config = ConfigDict(extra="forbid")

    platform: PlatformId
    handle: Annotated[HandleText, Field(min_length=1), KnownAddress] | None = Field(
        default=None, description="User name, with or without @; a profile address is understood too."
    )
    account_id: Annotated[StableId, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if (self.handle is None) == (self.account_id is None):
            raise ValueError("give exactly one of handle and account_id")
        return self

    def to_ref(self) -> AccountRef:
        """The account that is meant; an address in the place of the handle is read as at an import."""
        found = _read_address(self.handle, self.platform) if self.handle is not None else None
        return found or AccountRef(self.platform, self.handle, self.account_id)


class LinkOut(BaseModel):
    """A link on a profile."""

    url: str
    verified: bool | None


class AvatarOut(BaseModel):
    """A stored avatar: its hashes, or the address of a picture that was not fetched yet."""

    hashes: HashesModel | None = None
    url: str | None = None


class StoredAccountOut(BaseModel):
    """An account of the index. A field that is not known is null."""

    id: str
    platform: str
    handle: str | None
    account_id: str | None
    display_name: str | None
    bio: str | None
    avatar: AvatarOut | None
    profile_url: str | None
    created_at: datetime | None
    followers: int | None
    following: int | None
    posts: int | None
    verified: bool | None
    verified_kind: str | None
    protected: bool | None
    bot: bool | None
    labels: list[str]
    links: list[LinkOut]
    source: str
    observed_at: datetime
    expires_at: datetime | None


class RejectionOut(BaseModel):
    """A line, or an element of an array, that was not imported; counted from 1."""

    line: int
    reason: str


class ImportOut(BaseModel):
    """What an import did. Everything counted here is stored durably."""

    inserted: int
    updated: int
    unchanged: int
    suppressed: int = Field(description="Accounts that were erased before and therefore not taken in again.")
    rejected: int = Field(description="How many lines were not taken in.")
    errors: list[RejectionOut] = Field(description="Lines that were not taken in: the first thousand.")


class ErasedOut(BaseModel):
    """What an erasure removed. The account will not come back by a later import."""

    accounts: int
    scans: int = Field(description="Entries removed from stored scans.")
