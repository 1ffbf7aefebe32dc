"""Which accounts' picture hashes changed, in the order of the commits: what a file of hashes follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import AvatarChangeRow
from app.accounts.scope import Scope
from app.storage import announce

# What followers are told of: hashes came or changed; hashes went, which must not be there a moment longer.
CAME, GONE = "avatar hashes came", "avatar hashes went"
# A file that has not been opened for so long is made anew.
KEPT = timedelta(days=30)
_PAGE = 50


@dataclass(frozen=True, slots=True)
class Anchor:
    """The change up to which a file is in step."""

    id: int
    token: str


def log_changes(session: Session, scope: Scope, ids: Sequence[int], topic: str) -> None:
    """Log in the transaction of the change that hashes came or went; followers hear of it after the commit."""
    if ids:
        session.add(_row(scope, ids))
        announce(session, topic)


def _row(scope: Scope, ids: Sequence[int]) -> AvatarChangeRow:
    packed = np.asarray(sorted(ids), "<i8").tobytes()
    return AvatarChangeRow(tenant_id=scope.tenant, corpus=scope.corpus, accounts=packed)


def begin_log(session: Session, scope: Scope) -> Anchor:
    """The newest change; where there is none yet an empty one is logged, so that a file can be in step with it."""
    last = find_last(session, scope)
    if last is not None:
        return last
    row = _row(scope, ())
    session.add(row)
    session.flush()
    return Anchor(row.id, row.token)


def find_last(session: Session, scope: Scope) -> Anchor | None:
    """The newest change."""
    query = select(AvatarChangeRow.id, AvatarChangeRow.token).where(_own(scope)).order_by(AvatarChangeRow.id.desc())
    row = session.execute(query.limit(1)).first()
    return None if row is None else Anchor(*row)


def is_known(session: Session, scope: Scope, anchor: Anchor) -> bool:
    """Whether all changes after this one are still there."""
    query = select(AvatarChangeRow.token).where(_own(scope), AvatarChangeRow.id == anchor.id)
    return session.scalar(query) == anchor.token


def read_changes(session: Session, scope: Scope, after: int) -> Iterator[tuple[Anchor, list[int]]]:
    """The changes after one, a bounded number of them, each with the accounts it touched."""
    columns = (AvatarChangeRow.id, AvatarChangeRow.token, AvatarChangeRow.accounts)
    query = select(*columns).where(_own(scope), AvatarChangeRow.id > after).order_by(AvatarChangeRow.id).limit(_PAGE)
    for row_id, token, accounts in session.execute(query):
        yield Anchor(row_id, token), np.frombuffer(accounts, "<i8").tolist()


def prune_changes(session: Session, now: datetime) -> None:
    """Forget old changes, but for the newest of each corpus."""
    newest = select(func.max(AvatarChangeRow.id)).group_by(AvatarChangeRow.tenant_id, AvatarChangeRow.corpus)
    old = (AvatarChangeRow.created_at < now - KEPT) & AvatarChangeRow.id.not_in(newest)
    session.execute(delete(AvatarChangeRow).where(old).execution_options(synchronize_session=False))


def _own(scope: Scope) -> ColumnElement[bool]:
    return scope.owns(AvatarChangeRow)
