"""A photo as it crosses the wire: bytes, an address, or hashes made elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.photos.exchange import Exchange
from matchers.photo_scheme import PROBES, SCHEME
from matchers.profile import Photo

Hex256 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$", description="256 bits, most significant first.")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{16}$", description="64 bits, most significant first.")]


def _is_none(value: object) -> bool:
    return value is None


class Views(BaseModel):
    """Hashes of parts of the picture as it is; the squares belong to pictures that are not square."""

    model_config = ConfigDict(extra="forbid")

    whole: Hex256
    center: Hex256 | None = Field(default=None, exclude_if=_is_none)
    core: Hex256 | None = Field(default=None, exclude_if=_is_none)
    square: Hex256 | None = Field(default=None, exclude_if=_is_none)
    top: Hex256 | None = Field(default=None, exclude_if=_is_none)


class HashesModel(BaseModel):
    """Hashes of one picture under the scheme `cc1` (docs/hashes.md). An account needs views, a subject probes too.

    An account's picture of which only a hash-sharing list is known may have `pdq` or `phash` alone.
    """

    model_config = ConfigDict(extra="forbid")

    scheme: Literal["cc1"] = Field(
        default="cc1", description="The hash scheme of views and probes; other schemes cannot be compared with."
    )
    views: Views | None = Field(default=None, exclude_if=_is_none)
    probes: list[Hex256] = Field(
        default_factory=list,
        max_length=len(PROBES),
        description="The picture as a cloner might change it, in the order of docs/hashes.md; may be cut short.",
    )
    gate: float | None = Field(
        default=None,
        validate_default=True,
        ge=0,
        le=1,
        exclude_if=_is_none,
        description="Share of pixels with detail; needed beside views.",
    )
    side: int | None = Field(
        default=None, ge=1, le=1_000_000, exclude_if=_is_none, description="Shorter side in pixels."
    )
    pdq: Hex256 | None = Field(default=None, exclude_if=_is_none)
    pdq_quality: int | None = Field(
        default=None, ge=0, le=100, exclude_if=_is_none, description="Below 50 the PDQ is not compared."
    )
    phash: Hex64 | None = Field(default=None, exclude_if=_is_none)

    @model_validator(mode="after")
    def _check_hashes(self) -> Self:
        if self.views is None and (self.probes or (self.pdq is None and self.phash is None)):
            raise ValueError("views are needed, or pdq or phash alone, without probes")
        return self

    @field_validator("gate")
    @classmethod
    def _check_gate(cls, gate: float | None, info: ValidationInfo) -> float | None:
        if gate is None and info.data.get("views") is not None:
            raise ValueError("is needed beside views")
        return gate

    def to_photo(self) -> Photo:
        """Make the features that are compared."""
        given = {} if self.views is None else self.views.model_dump(exclude_none=True)
        views = {name: int(value, 16) for name, value in given.items()}
        return Photo(
            views=views,
            probes=tuple(int(value, 16) for value in self.probes),
            gate=1.0 if self.gate is None else self.gate,
            side=self.side,
            phash=None if self.phash is None else int(self.phash, 16),
            pdq=None if self.pdq is None else int(self.pdq, 16),
            pdq_quality=self.pdq_quality,
        )


class PhotoIn(BaseModel):
    """A photo: exactly one of `base64`, `url` and `hashes`."""

    model_config = ConfigDict(extra="forbid")

    base64: str | None = Field(default=None, min_length=1, description="A JPEG, PNG, WebP or GIF file in base64.")
    url: str | None = Field(default=None, min_length=1, max_length=2000, description="Address of the picture.")
    hashes: HashesModel | None = None

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(value is not None for value in (self.base64, self.url, self.hashes)) != 1:
            raise ValueError("give exactly one of base64, url and hashes")
        return self


class UploadIn(BaseModel):
    """The JSON body of `POST /v1/hashes`."""

    model_config = ConfigDict(extra="forbid")

    photo: PhotoIn
    exchange: list[Exchange] = Field(default=["phash"], max_length=4)


class HashesOut(BaseModel):
    """The hashes of a picture, and whether it can be evidence."""

    hashes: HashesModel
    usable: bool
    reason: str | None = Field(description="Why the picture cannot be evidence, as a sentence.")
    width: int = Field(description="Pixels, upright.")
    height: int = Field(description="Pixels, upright.")


def photo_to_wire(photo: Photo) -> dict[str, object]:
    """The `hashes` object of a photo, JSON-ready."""
    wire: dict[str, object] = {"scheme": SCHEME}
    if photo.views:
        wire |= {"views": {name: f"{value:064x}" for name, value in photo.views.items()}, "gate": photo.gate}
    if photo.probes:
        wire["probes"] = [f"{value:064x}" for value in photo.probes]
    if photo.side is not None:
        wire["side"] = photo.side
    if photo.phash is not None:
        wire["phash"] = f"{photo.phash:016x}"
    if photo.pdq is not None:
        wire["pdq"] = f"{photo.pdq:064x}"
    if photo.pdq_quality is not None:
        wire["pdq_quality"] = photo.pdq_quality
    return wire
