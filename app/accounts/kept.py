"""Accounts found outside and kept in the index for some days: taken in, looked up again, dropped once they are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.corpora import lock_corpus
from app.accounts.dialects import one_of
from app.accounts.models import AccountRow
from app.accounts.observation import Observation, make_handle_key
from app.accounts.retrieval import find_candidates
from app.accounts.rows import avatar_columns
from app.accounts.schemas import PLAIN_FIELDS
from app.accounts.scope import Scope
from app.accounts.service import ImportResult, import_accounts, remove_accounts
from app.accounts.stored_keys import foresee_removal
from app.problems import InvalidInputError
from app.settings import Settings
from app.storage import Database, utc_now
from matchers.profile import Account, Subject

# Kept accounts looked up again in one scan, at most.
MAX_KNOWN = 100


@dataclass(frozen=True, slots=True)
class Found:
    """An account as a source showed it. `picture_url` is where its picture can be had without a key.

    `picture_seen`: the hashes of `account.avatar` are those of the picture that stands there now.
    """

    account: Account
    source: str
    observed_at: datetime
    picture_url: str | None = None
    picture_seen: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept account: its row, the source that showed it, and its handle there."""

    row_id: int
    source: str
    handle: str


def keep_found(db: Database, settings: Settings, found: Iterable[Found]) -> ImportResult:
    """Take accounts into the index until `account_days` from now; an imported one is brought up to date and stays.

    Whoever has neither a handle nor a stable id is left out: he could not be looked for again.
    """
    seen = [observation for one in found if (observation := _observe(one)) is not None]
    return import_accounts(
        db, settings, enumerate(seen, 1), expires_at=utc_now() + timedelta(days=settings.account_days)
    )


def _observe(found: Found) -> Observation | None:
    account = found.account
    if account.handle is None and account.account_id is None:
        return None
    values: dict[str, object] = {
        name: told for name in PLAIN_FIELDS if (told := getattr(account, name)) is not None
    }  # fmt: skip
    try:
        handle_key = make_handle_key(account.platform, account.handle)
    except InvalidInputError:
        return None
    if handle_key is not None:
        values["handle_key"] = handle_key
    if account.labels:
        values["labels"] = list(account.labels)
    if account.links:
        values["links"] = [{"url": link.url, "verified": link.verified} for link in account.links]
    if found.picture_url is not None:
        values["avatar_url"] = found.picture_url
    if found.picture_seen:
        values |= avatar_columns(account.avatar)
    values["source"] = found.source
    return Observation(account.platform, found.observed_at, values, handle_key, account.account_id)


def find_kept(session: Session, scope: Scope, subject: Subject, sources: Collection[str]) -> list[Kept]:
    """The kept accounts that may copy the subject and were shown by one of these sources, the likeliest first."""
    kept = scope.rows & AccountRow.expires_at.is_not(None)
    if session.scalar(select(AccountRow.id).where(kept).limit(1)) is None:
        # Mostly nothing is kept: that costs a look into a small index, not a retrieval.
        return []
    likely = [c.row_id for c in find_candidates(session, subject, scope.corpus, MAX_KNOWN, scope.tenant).candidates]
    query = select(AccountRow.id, AccountRow.source, AccountRow.handle).where(
        kept,
        one_of(session, AccountRow.id, likely),
        AccountRow.source.in_(sorted(sources)),
        AccountRow.handle.is_not(None),
    )
    rows = {row_id: Kept(row_id, source, str(handle)) for row_id, source, handle in session.execute(query)}
    return [rows[row_id] for row_id in likely if row_id in rows]


def drop_kept(db: Database, scope: Scope, row_ids: Collection[int]) -> None:
    """Drop kept accounts; one that was imported since stays."""
    ids = sorted(row_ids)
    with db.read() as session:
        known = foresee_removal(session, ids)
    with db.write() as session:
        lock_corpus(session, scope)
        still = scope.rows & one_of(session, AccountRow.id, ids) & AccountRow.expires_at.is_not(None)
        remove_accounts(session, scope, session.scalars(select(AccountRow.id).where(still)).all(), known)
