"""Between the table and what is compared or answered: a row to an account, an avatar to bytes and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from json import loads
from typing import Any

from app.accounts.models import AccountRow
from app.accounts.schemas import PLAIN_FIELDS, AvatarOut, LinkOut, StoredAccountOut
from app.photos.schemas import HashesModel, photo_to_wire
from matchers.photo_exchange import pdq_usable
from matchers.photo_scheme import SCHEME
from matchers.profile import Account, Link, Photo

VIEW_BYTES = 32
AVATAR_COLUMNS = ("avatar_scheme", "avatar_views", "avatar_gate", "avatar_side", "avatar_phash", "avatar_pdq")
ACCOUNT_FIELDS = ("platform", *PLAIN_FIELDS, "labels", "links", *AVATAR_COLUMNS)


def pack_views(views: Mapping[str, int]) -> bytes:
    """Lay out the views of a picture: for each the length of its name, the name, 256 bits."""
    parts: list[bytes] = []
    for name, value in views.items():
        label = name.encode("ascii")
        parts += (bytes([len(label)]), label, value.to_bytes(VIEW_BYTES, "big"))
    return b"".join(parts)


def unpack_views(packed: bytes) -> dict[str, int]:
    """Read what `pack_views` laid out."""
    views: dict[str, int] = {}
    at = 0
    while at < len(packed):
        start = at + 1 + packed[at]
        end = start + VIEW_BYTES
        views[packed[at + 1 : start].decode("ascii")] = int.from_bytes(packed[start:end], "big")
        at = end
    return views


def avatar_columns(photo: Photo | None) -> dict[str, object]:
    """The columns that store an avatar's hashes; all NULL for none."""
    if photo is None or photo.mark is None:
        return dict.fromkeys(AVATAR_COLUMNS)
    return {
        "avatar_scheme": SCHEME,
        "avatar_views": pack_views(photo.views),
        "avatar_gate": photo.gate,
        "avatar_side": photo.side,
        # Hashes made elsewhere alone: no views. A PDQ of too poor a quality is never compared, so it is not kept.
        "avatar_phash": None if photo.phash is None else photo.phash.to_bytes(8, "big"),
        "avatar_pdq": None if photo.pdq is None or not pdq_usable(photo) else photo.pdq.to_bytes(VIEW_BYTES, "big"),
    }


def account_from(values: Sequence[Any]) -> Account:
    """Make an account of the values of `ACCOUNT_FIELDS`, in their order.

    Hashes of another scheme than today's cannot be compared and are left out.
    """
    (
        platform, handle, account_id, display_name, bio, profile_url, created_at, followers, following, posts,
        verified, verified_kind, protected, bot, labels, links, scheme, views, gate, side, phash, pdq,
    ) = values  # fmt: skip
    avatar = None
    if views is not None and scheme == SCHEME:
        avatar = Photo(
            views=unpack_views(views),
            gate=gate,
            side=side,
            phash=None if phash is None else int.from_bytes(phash, "big"),
            pdq=None if pdq is None else int.from_bytes(pdq, "big"),
        )
    return Account(
        platform, handle, account_id, display_name, bio, avatar, profile_url, created_at, followers, following, posts,
        verified, verified_kind, protected, bot,
        labels=tuple(labels) if labels else (),
        links=tuple(Link(link["url"], link["verified"]) for link in links) if links else (),
    )  # fmt: skip


def account_from_stored(values: list[Any]) -> Account:
    """Make an account of the values of `ACCOUNT_FIELDS` as a driver hands them over; the list is used up."""
    for at, restore in _RESTORED:
        if values[at] is not None:
            values[at] = restore(values[at])
    return account_from(values)


@lru_cache(maxsize=1_000)
def moment_from_stored(value: Any) -> Any:
    """A moment as a driver hands it over: SQLite has a text, which is in UTC. A batch of an import shares one."""
    return datetime.fromisoformat(f"{value}+00:00") if isinstance(value, str) else value


def _json_from_stored(value: Any) -> Any:
    return loads(value) if isinstance(value, str) else value


# SQLite knows neither moments nor JSON nor truth; for PostgreSQL these change nothing.
_RESTORED = tuple(
    (ACCOUNT_FIELDS.index(name), restore)
    for restore, names in (
        (moment_from_stored, ("created_at",)),
        (bool, ("verified", "protected", "bot")),
        (_json_from_stored, ("labels", "links")),
    )
    for name in names
)


def to_account(row: AccountRow) -> Account:
    """Make the account that is compared of a stored row."""
    return account_from([getattr(row, name) for name in ACCOUNT_FIELDS])


def account_to_wire(row: AccountRow) -> StoredAccountOut:
    """Make the answer that describes a stored account."""
    avatar = to_account(row).avatar
    shown = None
    if avatar is not None:
        shown = AvatarOut(hashes=HashesModel.model_validate(photo_to_wire(avatar)))
    elif row.avatar_url is not None:
        shown = AvatarOut(url=row.avatar_url)
    return StoredAccountOut(
        id=row.public_id,
        platform=row.platform,
        avatar=shown,
        labels=row.labels or [],
        links=[LinkOut(**link) for link in row.links or []],
        source=row.source,
        observed_at=row.observed_at,
        expires_at=row.expires_at,
        **{name: getattr(row, name) for name in PLAIN_FIELDS},
    )
