"""One batch of observations into the tables, in one transaction: match, merge, write, keep the keys in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

from app.accounts.avatar_changes import CAME, GONE, log_changes
from app.accounts.corpora import AccountIdentity, find_suppressed, lock_corpus, suppression_digests
from app.accounts.dialects import Pair, dialect_of, one_of
from app.accounts.drafts import COLUMNS, Draft, Drafts, blank_row
from app.accounts.key_maker import KeyMaker
from app.accounts.key_store import add_keys, read_keys, replace_keys
from app.accounts.models import AccountRow
from app.accounts.observation import Observation
from app.accounts.rows import AVATAR_COLUMNS
from app.accounts.scope import Scope
from app.accounts.stored_keys import delete_accounts, recall_keys
from app.storage import new_id
from matchers.keys import KEY_VERSION

Outcome = Literal["inserted", "updated", "unchanged", "suppressed"]

_TABLE = cast("Table", AccountRow.__table__)
# A change of any of these may change the keys.
_KEYED = frozenset({"handle", "display_name", "bio", "links", *AVATAR_COLUMNS})
_SET_BY_UPDATE = tuple(
    name for name in COLUMNS if name not in {"id", "public_id", "tenant_id", "corpus", "inserted_at"}
)
# Columns that say when an account was seen, not what it is.
_BOOKKEEPING = frozenset({"observed_at", "expires_at", "updated_at", "source", "key_version", "key_count"})


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment of the batch, and until when its accounts may be kept (None: for good)."""

    now: datetime
    expires_at: datetime | None = None


def foresee_keys(session: Session, scope: Scope, batch: Sequence[Observation], moment: Moment, keys: KeyMaker) -> None:
    """Make the keys that writing this batch will need, as far as can be seen now.

    Making keys takes longer than storing them: done before the write transaction begins, so that the lock is held for
    the storing alone. What has changed meanwhile is made again.
    """
    keys.learn(batch)
    drafts = Drafts()
    drafts.load(session, scope, batch)
    if not any(True for _ in drafts) and all(seen.keys is not None for seen in batch):
        return
    merge = _Merge(drafts, scope, moment)
    for seen in batch:
        merge.apply(seen)
    stale = [draft for draft in drafts if draft.state == "stored" and _is_stale(draft)]
    for draft in stale:
        keys.make(draft.before)
    for draft in (*stale, *(draft for draft in drafts if draft.state == "new")):
        keys.make(draft.row)
    gone = [draft for draft in drafts if draft.state == "gone"]
    outdated = [draft.row["id"] for draft in (*stale, *gone) if draft.before["key_version"] != KEY_VERSION]
    keys.outdated = read_keys(session, outdated)


def _is_stale(draft: Draft) -> bool:
    """Whether the keys must be made anew; those of another version wait for a rebuild where nothing else changes."""
    return not draft.changed.isdisjoint(_KEYED)


def apply_batch(
    session: Session, scope: Scope, batch: Sequence[Observation], moment: Moment, keys: KeyMaker
) -> list[Outcome]:
    """Bring observations into the tables, in their order; says of each what became of it."""
    corpus = lock_corpus(session, scope)
    digests = [suppression_digests(corpus.secret, _identity(seen)) for seen in batch]
    erased = find_suppressed(session, scope, {digest for each in digests for digest in each})
    drafts = Drafts()
    drafts.load(session, scope, batch)
    merge = _Merge(drafts, scope, moment)
    outcomes: list[Outcome] = [
        "suppressed" if erased.intersection(each) else merge.apply(seen)
        for seen, each in zip(batch, digests, strict=True)
    ]
    corpus.accounts += _write(session, drafts, moment, keys)
    _log_avatars(session, scope, drafts)
    return outcomes


def _log_avatars(session: Session, scope: Scope, drafts: Drafts) -> None:
    """Log whose picture hashes came, changed or went."""
    came, gone = list[int](), list[int]()
    for draft in drafts:
        had, has = draft.before.get("avatar_views"), draft.row["avatar_views"] if draft.state != "gone" else None
        if had is not None and (has is None or not draft.changed.isdisjoint(AVATAR_COLUMNS)):
            gone.append(draft.row["id"])
        elif had is None and has is not None:
            came.append(draft.row["id"])
    log_changes(session, scope, gone, GONE)
    log_changes(session, scope, came, CAME)


def _identity(seen: Observation) -> AccountIdentity:
    return AccountIdentity(seen.platform, None, seen.handle_key, seen.account_id)


class _Merge:
    """The rules of who is who and which value wins."""

    def __init__(self, drafts: Drafts, scope: Scope, moment: Moment) -> None:
        self._drafts = drafts
        self._scope = scope
        self._moment = moment

    def apply(self, seen: Observation) -> Outcome:
        """Merge one observation."""
        draft = self._match(seen)
        if draft is not None and seen.observed_at < draft.row["observed_at"]:
            return "unchanged"
        outcome: Outcome = "unchanged"
        if draft is None:
            draft = Draft(blank_row(self._scope, seen.platform, self._moment.now))
            draft.row |= {"public_id": new_id(), "appearance_key": seen.appearance_key}
            self._drafts.add(draft)
            outcome = "inserted"
        changes = self._changes(draft, seen)
        if outcome == "unchanged" and changes.keys() - _BOOKKEEPING:
            outcome = "updated"
        self._drafts.change(draft, changes)
        draft.row["observed_at"] = seen.observed_at
        if outcome == "inserted" or draft.row["expires_at"] is not None:
            # What is kept for good stays so when it is also seen by a source whose accounts expire.
            draft.row["expires_at"] = self._moment.expires_at
        return outcome

    def _match(self, seen: Observation) -> Draft | None:
        """The stable id decides; the handle only where the two ids do not contradict each other."""
        found = self._drafts.find(seen.platform, "account_id", seen.account_id)
        if found is not None:
            return found
        found = self._drafts.find(seen.platform, "handle_key", seen.handle_key)
        if found is not None:
            return None if seen.account_id and found.row["account_id"] else found
        return self._drafts.find(seen.platform, "appearance_key", seen.appearance_key)

    def _changes(self, draft: Draft, seen: Observation) -> dict[str, Any]:
        values = dict(seen.values)
        if seen.handle_key is not None and not self._claim_handle(draft, seen):
            del values["handle"], values["handle_key"]
        changes = {name: value for name, value in values.items() if draft.row[name] != value}
        return changes | _avatar_consequences(draft, values, changes)

    def _claim_handle(self, draft: Draft, seen: Observation) -> bool:
        """Take the handle from whoever had it before; False if that one was seen with it more recently."""
        holder = self._drafts.find(seen.platform, "handle_key", seen.handle_key)
        if holder is None or holder is draft:
            return True
        if holder.row["observed_at"] > seen.observed_at:
            return False
        if holder.row["account_id"] is None:
            # It was known by the handle alone: it is this very account, seen before its stable id was known.
            self._drafts.drop(holder)
        else:
            self._drafts.change(holder, {"handle": None, "handle_key": None})
        return True


def _avatar_consequences(draft: Draft, told: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """Hashes belong to one picture: a new address outdates them, new hashes the address; told together both count."""
    if "avatar_views" in told and "avatar_url" in told:
        return {}
    if "avatar_views" in changes:
        return {"avatar_url": None}
    if changes.get("avatar_url") is not None and draft.row["avatar_url"] is not None:
        return dict.fromkeys(AVATAR_COLUMNS)
    return {}


def _write(session: Session, drafts: Drafts, moment: Moment, keys: KeyMaker) -> int:
    """Write what changed; returns by how many accounts the corpus grew."""
    gone = [draft for draft in drafts if draft.state == "gone"]
    fresh = [draft for draft in drafts if draft.state == "new"]
    kept = [draft for draft in drafts if draft.state == "stored"]
    changed = [draft for draft in kept if draft.changed]
    lost = delete_accounts(session, [draft.row["id"] for draft in gone], keys.outdated)
    # Handles may pass in a circle between accounts; all are let go of before any is taken.
    _free_handles(session, changed)
    stale = [draft for draft in changed if _is_stale(draft)]
    for draft in (*fresh, *stale):
        draft.row |= {"key_version": KEY_VERSION, "key_count": len(keys.make(draft.row))}
    old = recall_keys(session, [draft.before for draft in stale], keys.make, keys.outdated)
    _update(session, changed, moment)
    _insert(session, fresh)
    if stale:
        replace_keys(session, old, _pair(stale, keys))
    add_keys(session, _pair(fresh, keys))
    return len(fresh) - lost


def _pair(drafts: list[Draft], keys: KeyMaker) -> list[Pair]:
    return [(key, draft.row["id"]) for draft in drafts for key in keys.make(draft.row)]


def _free_handles(session: Session, changed: list[Draft]) -> None:
    leaving = [draft.row["id"] for draft in changed if draft.before["handle_key"] and "handle_key" in draft.changed]
    if leaving:
        session.execute(update(_TABLE).where(one_of(session, AccountRow.id, leaving)).values(handle_key=None))


def _update(session: Session, changed: list[Draft], moment: Moment) -> None:
    if not changed:
        return
    statement = (
        update(_TABLE)
        .where(_TABLE.c.id == bindparam("b_id"))
        .values({name: bindparam(f"b_{name}") for name in _SET_BY_UPDATE})
    )
    for draft in changed:
        if draft.changed - _BOOKKEEPING:
            draft.row["updated_at"] = moment.now
    rows = [{f"b_{name}": draft.row[name] for name in ("id", *_SET_BY_UPDATE)} for draft in changed]
    session.execute(statement, rows)


def _insert(session: Session, fresh: list[Draft]) -> None:
    if not fresh:
        return
    rows = [{name: draft.row[name] for name in COLUMNS if name != "id"} for draft in fresh]
    ids = dialect_of(session).insert_accounts(session, rows)
    for draft in fresh:
        draft.row["id"] = ids[draft.row["public_id"]]
