"""The keys under which accounts are stored, without an index of the keys by account.

They are made again from the row. A row says which version of the code made its keys and how many they are; where that
does not fit what is made today (another version, data that changed), the keys are found by a walk over all of them:
slow in a large index, and right. `app.accounts.key_rebuild` brings all rows to today's version.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Table, delete, select
from sqlalchemy.orm import Session

from app.accounts.dialects import Pair, one_of
from app.accounts.key_maker import KeyMaker
from app.accounts.key_store import read_keys, remove_keys
from app.accounts.models import AccountRow
from app.accounts.rows import ACCOUNT_FIELDS
from app.accounts.scope import Scope
from matchers.keys import KEY_VERSION

_NEEDED = ("id", "tenant_id", "corpus", "key_version", "key_count", *ACCOUNT_FIELDS)
Row = Mapping[str, Any]


def recall_keys(
    session: Session, rows: Iterable[Row], make: Callable[[Row], Collection[int]], known: Collection[Pair] = ()
) -> set[Pair]:
    """The keys under which accounts are stored that have these rows.

    `known` are stored keys that were looked up before, of rows that said that another version made their keys.
    """
    found: set[Pair] = set()
    unsure = dict[int, Row]()
    for row in rows:
        keys = make(row) if row["key_version"] == KEY_VERSION else ()
        if len(keys) == row["key_count"]:
            found |= {(key, row["id"]) for key in keys}
        else:
            unsure[row["id"]] = row
    seen = {pair for pair in known if pair[1] in unsure and unsure[pair[1]]["key_version"] != KEY_VERSION}
    left = unsure.keys() - {holder for _, holder in seen}
    return found | seen | set(read_keys(session, sorted(left)))


def foresee_removal(session: Session, ids: Sequence[int]) -> list[Pair]:
    """The stored keys of those of these accounts whose keys another version made, for `delete_accounts`.

    Looked up before the write transaction: nobody waits for the walk over all keys. They stay true as long as the row
    says that it is outdated, which is looked at again under the lock.
    """
    if not ids:
        return []
    outdated = one_of(session, AccountRow.id, ids) & (AccountRow.key_version != KEY_VERSION)
    return read_keys(session, session.scalars(select(AccountRow.id).where(outdated)).all())


def delete_accounts(session: Session, ids: Sequence[int], known: Collection[Pair] = ()) -> int:
    """Delete accounts with their keys. The caller holds the corpus and corrects its size by the number returned.

    That is how many there were: on a server, another process may have been faster. `known` is what `foresee_removal`
    found; without it, keys that another version made are looked up here.
    """
    if not ids:
        return 0
    query = select(*(getattr(AccountRow, name) for name in _NEEDED)).where(one_of(session, AccountRow.id, ids))
    rows = [dict(row) for row in session.execute(query).mappings()]
    makers: dict[Scope, KeyMaker] = {}

    def make(row: Row) -> Collection[int]:
        scope = Scope(row["corpus"], row["tenant_id"])
        return makers.setdefault(scope, KeyMaker(scope)).make(row)

    stored = recall_keys(session, rows, make, known)
    if remove_keys(session, stored) != len(stored):
        remove_keys(session, read_keys(session, [row["id"] for row in rows]))
    table: Table = AccountRow.__table__  # type: ignore[assignment]
    gone = session.execute(delete(table).where(one_of(session, AccountRow.id, ids)))
    return gone.rowcount if isinstance(gone, CursorResult) else 0
