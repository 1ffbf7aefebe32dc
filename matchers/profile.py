"""What is compared: a subject (the person who may have been cloned) and an account (a profile on a platform).

Each raises `InvalidProfileError`, which names the field, for a value that no profile can have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from matchers.errors import check_hashes, check_number, check_set, check_text, check_tuple


@dataclass(frozen=True, slots=True)
class Photo:
    """Hashes of one picture under the `cc1` scheme; the picture itself is not needed and not kept.

    `views` are 256-bit hashes of parts of the picture ("whole", "center", squares of non-square pictures);
    an account's avatar is compared by them. `probes` are hashes of the picture as a cloner might change it
    (cropped, rotated, mirrored), in the fixed order of `matchers.photos.PROBES`; only a subject's photo has them.
    `gate` is the share of pixels that carry detail (0..1, see `matchers.photos.GATE`), `side` the shorter side of
    the original in pixels. `phash` (64 bits) and `pdq` (256 bits, with its quality 0..100 where known) are for exchange
    with other systems: they are compared where a picture has no views (matchers/photo_exchange.py).
    """

    views: Mapping[str, int] = field(default_factory=dict)
    probes: tuple[int, ...] = ()
    gate: float = 1.0
    side: int | None = None
    phash: int | None = None
    pdq: int | None = None
    pdq_quality: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no hash; a wrong one would silently resemble nothing."""
        check_hashes("Photo.views", self.views.values())
        check_hashes("Photo.probes", self.probes)
        check_number("Photo.gate", self.gate, 0, 1)
        if self.side is not None:
            check_number("Photo.side", self.side, 0, inf)
        if self.phash is not None:
            check_number("Photo.phash", self.phash, 0, (1 << 64) - 1)
        if self.pdq is not None:
            check_hashes("Photo.pdq", (self.pdq,))
        if self.pdq_quality is not None:
            check_number("Photo.pdq_quality", self.pdq_quality, 0, 100)

    @property
    def mark(self) -> int | None:
        """The hash by which the picture is known as the same one: of the whole, else one made elsewhere."""
        whole = self.views.get("whole", self.pdq)
        return self.phash if whole is None else whole


@dataclass(frozen=True, slots=True)
class Handle:
    """A user name on a platform, without the leading @; `platform` is a catalogue id such as "x", or None.

    `key` is the name folded as the platform tells names apart, where that is known.
    """

    text: str
    platform: str | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no text."""
        check_text("Handle.text", self.text)


@dataclass(frozen=True, slots=True)
class AccountRef:
    """Identity of an account: platform with handle, stable id, or both; `handle_key` as in `Account`."""

    platform: str
    handle: str | None = None
    account_id: str | None = None
    handle_key: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The person who may have been cloned. Empty means not told, never "has none".

    `created_at` is when the oldest of the person's own accounts was made, where that is known; `linked_accounts` are
    those that an own account links to from its profile.
    """

    names: tuple[str, ...] = ()
    handles: tuple[Handle, ...] = ()
    photos: tuple[Photo, ...] = ()
    bio: str | None = None
    links: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    own_accounts: tuple[AccountRef, ...] = ()
    absent_from: frozenset[str] = frozenset()
    created_at: datetime | None = None
    linked_accounts: tuple[AccountRef, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a lone text where several are expected, and what is no text."""
        for name, values, kind in (
            ("names", self.names, str),
            ("handles", self.handles, Handle),
            ("photos", self.photos, Photo),
            ("links", self.links, str),
            ("own_accounts", self.own_accounts, AccountRef),
        ):
            check_tuple("Subject", name, values, kind)
        if self.bio is not None:
            check_text("Subject.bio", self.bio)
        check_set("Subject.absent_from", self.absent_from)


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a profile; `verified` when the platform says that the target links back."""

    url: str
    verified: bool | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A profile on a platform as it was observed. None means unknown: it counts neither for nor against anyone.

    `handle_key` is the handle folded as the platform tells handles apart (case, dots); None: not folded.
    """

    platform: str
    handle: str | None = None
    account_id: str | None = None
    display_name: str | None = None
    bio: str | None = None
    avatar: Photo | None = None
    profile_url: str | None = None
    created_at: datetime | None = None
    followers: int | None = None
    following: int | None = None
    posts: int | None = None
    verified: bool | None = None
    verified_kind: str | None = None
    protected: bool | None = None
    bot: bool | None = None
    labels: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    handle_key: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no text, and an account on no platform."""
        check_text("Account.platform", self.platform or None)
        for name in ("handle", "account_id", "display_name", "bio", "verified_kind"):
            if getattr(self, name) is not None:
                check_text(f"Account.{name}", getattr(self, name))
        check_tuple("Account", "labels", self.labels, str)
        check_tuple("Account", "links", self.links, Link)
