"""An account as somebody saw it at a moment: which account, and the columns that were told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from app.accounts.rows import avatar_columns
from app.accounts.schemas import PLAIN_FIELDS, AccountIn
from app.photos.service import read_account_photo
from app.platforms.catalogue import load_catalogue
from app.problems import InvalidInputError
from app.settings import Settings

# Clocks differ; but an observation from next year would block every true one until then.
CLOCK_SLACK = timedelta(days=1)
MAX_HANDLE_KEY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line, counted from 1, that was not taken in, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One account as observed. `values` holds the columns that were told, None where they are to be cleared.

    `appearance_key` tells apart accounts that have neither handle nor stable id. `keys` are the blocking keys of an
    account of which no more is known than this, where they were made ahead (`app.accounts.key_maker.with_keys`).
    """

    platform: str
    observed_at: datetime
    values: Mapping[str, object]
    handle_key: str | None = None
    account_id: str | None = None
    appearance_key: str | None = None
    keys: tuple[int, ...] | None = None


def observe(account: AccountIn, settings: Settings, now: datetime) -> Observation:
    """Make an observation of an account from the wire; its picture is hashed here and dropped.

    Raises `InvalidInputError` where it cannot be stored, and `PhotoRejectedError` for an unreadable picture.
    """
    if account.platform is None:
        raise InvalidInputError("platform is missing; name the platform the account is on, such as x.")
    observed_at = account.observed_at or now
    if observed_at > now + CLOCK_SLACK:
        raise InvalidInputError("observed_at lies in the future.")
    values = _told(account)
    if "avatar" in account.model_fields_set:
        values |= _avatar(account, settings)
    handle_key = make_handle_key(account.platform, account.handle)
    if "handle" in values:
        values["handle_key"] = handle_key
    anonymous = handle_key is None and account.account_id is None
    return Observation(
        platform=account.platform,
        observed_at=observed_at,
        values=values,
        handle_key=handle_key,
        account_id=account.account_id,
        appearance_key=_appearance(values) if anonymous else None,
    )


def _told(account: AccountIn) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(account, name) for name in PLAIN_FIELDS if name in account.model_fields_set
    }
    if values.get("account_id", "") is None:
        # A stable id does not go away; one that is not known any more is simply not told.
        del values["account_id"]
    if "labels" in account.model_fields_set:
        values["labels"] = account.labels or None
    if "links" in account.model_fields_set:
        values["links"] = [link.model_dump() for link in account.links or []] or None
    if account.source is not None:
        values["source"] = account.source
    return values


def _avatar(account: AccountIn, settings: Settings) -> dict[str, object]:
    if account.avatar is None:
        return {**avatar_columns(None), "avatar_url": None}
    if account.avatar.url is not None:
        return {"avatar_url": account.avatar.url}
    return avatar_columns(read_account_photo(account.avatar, settings))


def make_handle_key(platform: str, handle: str | None) -> str | None:
    """Fold a handle for equality by the platform's rules; raises `InvalidInputError` for one too long to be stored."""
    if handle is None:
        return None
    key = load_catalogue().handle_key(platform, handle)
    if len(key.encode()) > MAX_HANDLE_KEY_BYTES:
        raise InvalidInputError(f"handle has more than {MAX_HANDLE_KEY_BYTES} bytes.")
    # Rules of a platform may leave nothing of a strange handle; then the handle itself has to do.
    return key or handle


def _appearance(values: Mapping[str, object]) -> str:
    seen = repr([values.get(name) for name in ("display_name", "profile_url", "avatar_views", "avatar_url")])
    # Said only where it is all that is known of the picture, so that accounts imported before are recognised.
    if values.get("avatar_views") == b"":
        seen += repr([values.get("avatar_pdq"), values.get("avatar_phash")])
    return blake2b(seen.encode(), digest_size=32).hexdigest()
