"""What is done with accounts: import, look up, delete, erase, purge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.accounts.avatar_changes import GONE, log_changes, prune_changes
from app.accounts.corpora import AccountIdentity, count_accounts, lock_corpus, suppress, suppression_digests
from app.accounts.dialects import Pair, one_of
from app.accounts.key_maker import KeyMaker
from app.accounts.models import AccountRow
from app.accounts.observation import Observation, RejectedLine, observe
from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.accounts.stored_keys import delete_accounts, foresee_removal
from app.accounts.upsert import Moment, Outcome, apply_batch, foresee_keys
from app.platforms.catalogue import load_catalogue
from app.problems import NotFoundError, ProblemError
from app.settings import Settings
from app.storage import Database, utc_now
from matchers.profile import AccountRef

# Accounts written in one transaction: many enough to be fast, few enough that readers and writers hardly wait.
BATCH = 1_000
# The same in a corpus of so many: each key lies on a page of its own there, so that storing an account takes longer.
_LARGE = 200_000
_LARGE_BATCH = 500
# Expired accounts looked at at a time, after one walk over all keys where another version made theirs.
_PURGED = 5_000
# Rejected lines that are reported one by one; beyond that they are counted.
MAX_REPORTED = 1_000

EraseHook = Callable[[Session, AccountIdentity], int]
Item = tuple[int, AccountIn | Observation | RejectedLine]
Each = TypeVar("Each")


@dataclass(slots=True)
class ImportResult:
    """What an import did. `rejected` counts the refused lines; `errors` says why, for the first `MAX_REPORTED`."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    suppressed: int = 0
    rejected: int = 0
    errors: list[RejectedLine] = field(default_factory=list)

    def to_wire(self) -> dict[str, Any]:
        """The result as a JSON-ready mapping."""
        return asdict(self)

    def count(self, outcome: Outcome) -> None:
        """Count what became of one account."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def reject(self, line: RejectedLine) -> None:
        """Count a rejected line."""
        self.rejected += 1
        if len(self.errors) < MAX_REPORTED:
            self.errors.append(line)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many accounts an erasure removed, and how many entries of stored scans."""

    accounts: int
    scans: int


# Called inside the transaction of each batch with the number of items taken so far and the result including it.
Checkpoint = Callable[[Session, int, ImportResult], None]


def import_accounts(
    db: Database,
    settings: Settings,
    items: Iterable[Item],
    *,
    expires_at: datetime | None = None,
    result: ImportResult | None = None,
    checkpoint: Checkpoint | None = None,
    on_batch: Callable[[int], None] | None = None,
) -> ImportResult:
    """Take accounts into the corpus of the settings, in batches of one transaction each.

    `items` are numbered; a `RejectedLine` among them is counted and passed on. Whatever the returned result counts is
    committed. `result` is the one to go on counting in when an import is resumed; `on_batch` hears after each commit
    how many items were taken so far.
    """
    scope = Scope.of(settings)
    total = result or ImportResult()
    taken = 0
    with db.read() as session:
        size = BATCH if count_accounts(session, scope) < _LARGE else _LARGE_BATCH
    for batch in batched(items, size):
        now = utc_now()
        moment = Moment(now, expires_at)
        # Pictures are hashed and keys made here, before the transaction, so that nobody waits for them.
        read = [_read(line, item, settings, now) for line, item in batch]
        seen = [item for item in read if isinstance(item, Observation)]
        keys = KeyMaker(scope)
        with db.read() as session:
            foresee_keys(session, scope, seen, moment, keys)
        taken += len(batch)
        after = replace(total, errors=list(total.errors))
        for item in read:
            if isinstance(item, RejectedLine):
                after.reject(item)
        with db.write() as session:
            for outcome in apply_batch(session, scope, seen, moment, keys):
                after.count(outcome)
            if checkpoint is not None:
                checkpoint(session, taken, after)
        total = after
        if on_batch is not None:
            on_batch(taken)
    return total


def batched(items: Iterable[Each], size: int) -> Iterator[list[Each]]:
    """The items in their order, `size` at a time."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def _read(
    line: int, item: AccountIn | Observation | RejectedLine, settings: Settings, now: datetime
) -> Observation | RejectedLine:
    if not isinstance(item, AccountIn):
        return item
    try:
        return observe(item, settings, now)
    except ProblemError as error:
        return RejectedLine(line, error.detail)


def get_account(session: Session, scope: Scope, public_id: str) -> AccountRow:
    """The account with a public id; raises `NotFoundError`."""
    return _one(session, scope, AccountRow.public_id == public_id)


def lookup(session: Session, scope: Scope, ref: AccountRef) -> AccountRow:
    """The account with a handle or a stable id on a platform; raises `NotFoundError`."""
    identity = identify(ref)
    if identity.account_id is not None:
        known = AccountRow.account_id == identity.account_id
    else:
        known = AccountRow.handle_key == identity.handle_key
    return _one(session, scope, (AccountRow.platform == identity.platform) & known)


def _one(session: Session, scope: Scope, condition: ColumnElement[bool]) -> AccountRow:
    found = session.scalar(select(AccountRow).where(scope.rows, not_expired(utc_now()), condition))
    if found is None:
        raise NotFoundError("No such account in the index; it may have expired or been erased.")
    return found


def identify(ref: AccountRef) -> AccountIdentity:
    """Fold the handle of a reference for equality by the platform's rules."""
    key = None if ref.handle is None else load_catalogue().handle_key(ref.platform, ref.handle) or ref.handle
    return AccountIdentity(ref.platform, ref.handle, key, ref.account_id)


def delete_account(db: Database, scope: Scope, public_id: str) -> None:
    """Delete an account; a later import may bring it back. Raises `NotFoundError`."""
    with db.read() as session:
        known = foresee_removal(session, [get_account(session, scope, public_id).id])
    with db.write() as session:
        remove_accounts(session, scope, [get_account(session, scope, public_id).id], known)


def remove_accounts(session: Session, scope: Scope, ids: Sequence[int], known: Collection[Pair] = ()) -> int:
    """Remove rows of a corpus with all their keys; returns how many. A later import may bring the accounts back.

    `known` is what `foresee_removal` told before the transaction, so that others wait for the writing alone.
    """
    corpus = lock_corpus(session, scope)
    removed = delete_accounts(session, ids, known)
    corpus.accounts -= removed
    log_changes(session, scope, ids, GONE)
    return removed


def erase_now(db: Database, scope: Scope, ref: AccountRef, hooks: Iterable[EraseHook] = ()) -> Erased:
    """The same as `erase` in a transaction of its own; what takes long in an outdated index is done before it."""
    with db.read() as session:
        stored = foresee_removal(session, [row.id for row in _same_account(session, scope, identify(ref))])
    with db.write() as session:
        return erase(session, scope, ref, hooks, stored)


def erase(
    session: Session,
    scope: Scope,
    ref: AccountRef,
    hooks: Iterable[EraseHook] = (),
    stored: Collection[Pair] = (),
) -> Erased:
    """Erase an account with all that is derived from it, and remember, unreadably, that it must not come back.

    It need not be in the index: the request counts for later imports all the same. `hooks` reach what other
    features keep of the account, in the same transaction. `stored` is what `remove_accounts` knows.
    """
    asked = identify(ref)
    corpus = lock_corpus(session, scope)
    rows = _same_account(session, scope, asked)
    known = [asked, *(AccountIdentity(row.platform, row.handle, row.handle_key, row.account_id) for row in rows)]
    suppress(session, scope, {digest for each in known for digest in suppression_digests(corpus.secret, each)})
    remove_accounts(session, scope, [row.id for row in rows], stored)
    hooks = tuple(hooks)
    return Erased(len(rows), sum(hook(session, each) for each in dict.fromkeys(known) for hook in hooks))


def _same_account(session: Session, scope: Scope, asked: AccountIdentity) -> list[AccountRow]:
    either = [
        column == value
        for column, value in ((AccountRow.handle_key, asked.handle_key), (AccountRow.account_id, asked.account_id))
        if value is not None
    ]
    query = select(AccountRow).where(scope.rows, AccountRow.platform == asked.platform, or_(*either))
    return list(session.scalars(query))


def not_expired(now: datetime) -> ColumnElement[bool]:
    """The condition that an account may still be shown."""
    return AccountRow.expires_at.is_(None) | (AccountRow.expires_at > now)


def purge_expired(db: Database, now: datetime | None = None) -> int:
    """Delete accounts whose time is over, in every corpus, in short transactions; returns how many."""
    now = now or utc_now()
    expired = AccountRow.expires_at <= now
    with db.write() as session:
        prune_changes(session, now)
        scopes = session.execute(select(AccountRow.tenant_id, AccountRow.corpus).where(expired).distinct()).all()
    return sum(_purge_corpus(db, Scope(name, tenant), expired) for tenant, name in scopes)


def _purge_corpus(db: Database, scope: Scope, expired: ColumnElement[bool]) -> int:
    gone = after = 0
    while True:
        with db.read() as session:
            query = select(AccountRow.id).where(scope.rows, expired, AccountRow.id > after)
            ids = session.scalars(query.order_by(AccountRow.id).limit(_PURGED)).all()
            known = foresee_removal(session, ids)
        for at in range(0, len(ids), BATCH):
            with db.write() as session:
                lock_corpus(session, scope)
                # Some may have been imported or seen again meanwhile.
                still = scope.rows & expired & one_of(session, AccountRow.id, ids[at : at + BATCH])
                found = session.scalars(select(AccountRow.id).where(still)).all()
                gone += remove_accounts(session, scope, found, known)
        if len(ids) < _PURGED:
            return gone
        after = ids[-1]
