"""The subject as it crosses the wire, and its way to `matchers.profile.Subject`."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.photos.schemas import PhotoIn
from app.photos.service import read_subject_photo
from app.platforms.catalogue import load_catalogue
from app.platforms.identity import fold_reference, parse_profile_url
from app.problems import FieldError, InvalidInputError
from app.settings import Settings
from matchers.lookalike_tables import Kind
from matchers.profile import AccountRef, Handle, Photo, Subject
from matchers.text import clean

MAX_NAME = 300
MAX_HANDLE = 256
MAX_BIO = 10_000
MAX_URL = 2_000


def _refuse_control(text: str) -> str:
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\n\r" for c in text):
        raise ValueError("contains control characters; remove them")
    return text


def _require_mark(text: str) -> str:
    if not clean(text).strip():
        raise ValueError("is empty or invisible; leave it out instead")
    return text


PlainText = Annotated[str, AfterValidator(_refuse_control)]
NameText = Annotated[PlainText, Field(max_length=MAX_NAME), AfterValidator(_require_mark)]
HandleText = Annotated[PlainText, Field(max_length=MAX_HANDLE), AfterValidator(_require_mark)]
BioText = Annotated[PlainText, Field(max_length=MAX_BIO)]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
PlatformId = Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,64}$")]
Url = Annotated[PlainText, Field(min_length=1, max_length=MAX_URL)]


class HandleIn(BaseModel):
    """A handle with the platform it is used on; a profile address may stand in its place."""

    model_config = ConfigDict(extra="forbid")

    handle: HandleText
    platform: PlatformId | None = None


class SubjectFields(BaseModel):
    """The fields of a subject, with a shorthand for the usual single name, handle and photo."""

    model_config = ConfigDict(extra="forbid")

    name: NameText | None = Field(default=None, description="Shorthand for one entry in `names`.")
    handle: HandleText | None = Field(default=None, description="Shorthand for one entry in `handles`.")
    platform: PlatformId | None = Field(default=None, description="Platform of the shorthand `handle`.")
    photo: PhotoIn | None = Field(default=None, description="Shorthand for one entry in `photos`.")
    names: list[NameText] = Field(default_factory=list, max_length=10)
    handles: list[HandleIn] = Field(default_factory=list, max_length=20)
    photos: list[PhotoIn] = Field(default_factory=list, max_length=5)
    bio: BioText | None = None
    links: list[Url] = Field(default_factory=list, max_length=20)
    languages: list[Language] = Field(default_factory=list, max_length=10)
    own_accounts: list[Url] = Field(default_factory=list, max_length=100)
    absent_from: list[PlatformId] = Field(default_factory=list, max_length=100)


class SubjectIn(SubjectFields):
    """The person who may have been cloned. At least one of name, handle and photo."""

    @model_validator(mode="after")
    def _check_shorthand(self) -> Self:
        pairs = (("name", "names"), ("handle", "handles"), ("photo", "photos"))
        for short, long in pairs:
            if getattr(self, short) is not None and getattr(self, long):
                raise ValueError(f"give either {short} or {long}, not both")
        if self.platform is not None and self.handle is None:
            raise ValueError("platform belongs to handle; give the handle too, or use handles")
        if not any((self.name, self.names, self.handle, self.handles, self.photo, self.photos)):
            raise ValueError("give at least one of name, handle and photo")
        return self

    def to_subject(self, settings: Settings, at: str = "/subject") -> Subject:
        """Make the subject that is judged; photos are hashed here and dropped. `at` points to the subject in the body.

        Raises `InvalidInputError` for addresses that are no profile, and what `app.photos` raises for pictures.
        """
        photos = [read_subject_photo(photo, settings, pointer) for pointer, photo in self.given_photos(at)]
        return self.with_photos(tuple(photos), at)

    def given_photos(self, at: str = "") -> list[tuple[str, PhotoIn]]:
        """The photos with pointers to where they stand, whether given by shorthand or as a list."""
        if self.photo is not None:
            return [(f"{at}/photo", self.photo)]
        return [(f"{at}/photos/{i}", photo) for i, photo in enumerate(self.photos)]

    def given_handles(self, at: str = "") -> list[tuple[str, HandleIn]]:
        """The handles with pointers to where they stand, whether given by shorthand or as a list."""
        if self.handle is not None:
            return [(f"{at}/handle", HandleIn(handle=self.handle, platform=self.platform))]
        return [(f"{at}/handles/{i}", item) for i, item in enumerate(self.handles)]

    def with_photos(self, photos: tuple[Photo, ...], at: str = "") -> Subject:
        """Make the subject with photos that were hashed elsewhere; raises `InvalidInputError`."""
        names = self.names or ([self.name] if self.name else [])
        own = [read_profile_url(url, f"{at}/own_accounts/{i}") for i, url in enumerate(self.own_accounts)]
        subject = Subject(
            names=tuple(clean(name).strip() for name in names),
            handles=tuple(read_handle(item, pointer) for pointer, item in self.given_handles(at)),
            photos=photos,
            bio=self.bio,
            links=tuple(self.links),
            languages=tuple(self.languages),
            own_accounts=tuple(own),
            absent_from=frozenset(self.absent_from),
        )
        _refuse_unsearchable(subject, at)
        return subject


class SharersOut(BaseModel):
    """About how many people share the name."""

    estimate: int
    low: int
    high: int


class PhotoStateOut(BaseModel):
    """Whether the photo can be evidence, and why not."""

    usable: bool
    reason: str | None


class SubjectSummaryOut(BaseModel):
    """What is known of the subject's uniqueness; null where there is no name or photo."""

    name_sharers: SharersOut | None
    photo: PhotoStateOut | None


class LookalikeOut(BaseModel):
    """A handle that an impostor might take. `platform` is that of the handle it imitates; null where none was given."""

    handle: str
    platform: str | None
    imitates: str = Field(description="The own handle that it may be taken for.")
    kind: Kind
    summary: str


class PreviewOut(SubjectSummaryOut):
    """What can be said of a subject before any search; lookalikes with the likeliest first, handle by handle."""

    name_note: str | None
    lookalikes: list[LookalikeOut]


def read_handle(item: HandleIn, pointer: str) -> Handle:
    """Turn a handle, or a profile address in its place, into a `Handle`; raises `InvalidInputError` otherwise."""
    text = item.handle.strip()
    if "/" not in text:
        name = text.removeprefix("@")
        return Handle(name, item.platform, _key(item.platform, name) if item.platform else None)
    found = parse_profile_url(text)
    if found is None or found.handle is None:
        raise InvalidInputError(
            "The handle is an address that belongs to no known profile; give the user name alone.",
            slug="handle_not_recognised",
            errors=[FieldError(pointer, "not a handle and not a profile address of a known platform")],
        )
    return Handle(found.handle, found.platform, _key(found.platform, found.handle))


def read_profile_url(url: str, pointer: str) -> AccountRef:
    """Turn a profile address into an account reference; raises `InvalidInputError` where it is none."""
    found = parse_profile_url(url.strip())
    if found is None:
        raise InvalidInputError(
            "An own account must be given by its profile address on a known platform, as in https://x.com/janedoe.",
            slug="profile_url_not_recognised",
            errors=[FieldError(pointer, "not a profile address of a known platform")],
        )
    return fold_reference(found)


def _key(platform: str, handle: str) -> str:
    return load_catalogue().handle_key(platform, handle)


def _refuse_unsearchable(subject: Subject, at: str) -> None:
    texts = (*subject.names, *(handle.text for handle in subject.handles))
    if subject.photos or any(c.isalnum() for text in texts for c in text):
        return
    raise InvalidInputError(
        "Name and handle have no letters, so nothing can be searched for; add a photo, or a name with letters.",
        slug="nothing_to_search",
        errors=[FieldError(f"{at}/{'name' if subject.names else 'handle'}", "has no letters or digits")],
    )
