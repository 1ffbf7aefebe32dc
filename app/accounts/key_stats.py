"""What the index holds, counted: without names, handles or keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.keyed_rows import ACCOUNTS, KeyedRows
from app.accounts.models import AccountRow, SuppressionRow
from app.accounts.rows import account_from
from matchers.keys import account_values

SAMPLE = 500


def count_index(session: Session, kinds: Sequence[KeyedRows]) -> dict[str, Any]:
    """Rows, key versions and common keys of each kind; accounts by platform and source; erasures remembered."""
    counted: dict[str, Any] = {rows.name: _count_rows(session, rows) for rows in kinds}
    counted["accounts"] |= {
        "by_platform": _count_by(session, AccountRow.platform),
        "by_source": _count_by(session, AccountRow.source),
        "keys_an_account": _sample_keys(session),
    }
    counted["suppressions"] = session.scalar(select(func.count()).select_from(SuppressionRow)) or 0
    return counted


def _count_rows(session: Session, rows: KeyedRows) -> dict[str, Any]:
    versions = _count_by(session, rows.table.c.key_version)
    return {
        "count": sum(versions.values()),
        "key_version": rows.version,
        "by_key_version": versions,
        "to_rebuild": sum(count for version, count in versions.items() if version != str(rows.version)),
        "common_keys": session.scalar(select(func.count()).select_from(rows.tables.counts)) or 0,
    }


def _count_by(session: Session, column: Any) -> dict[str, int]:
    query = select(column, func.count()).group_by(column).order_by(func.count().desc(), column)
    return {str(value): count for value, count in session.execute(query)}


def _sample_keys(session: Session) -> dict[str, float]:
    """Keys an account by type, over a sample. A stored key does not tell its type: texts are taken apart again."""
    last = session.scalar(select(func.max(AccountRow.id))) or 0
    start = Random().randrange(max(1, last - SAMPLE)) if last > SAMPLE else 0  # noqa: S311 - a sample, not a secret
    ids = session.scalars(select(AccountRow.id).where(AccountRow.id > start).order_by(AccountRow.id).limit(SAMPLE))
    contents = ACCOUNTS.read(session, ids.all())
    totals: Counter[str] = Counter()
    for content in contents.values():
        kinds = Counter(kind for kind, _ in set(account_values(account_from(content))))
        pictures = len(ACCOUNTS.make(content, "")) - kinds.total()
        totals += kinds + Counter({"picture": max(0, pictures)})
    return {kind: round(count / len(contents), 1) for kind, count in sorted(totals.items())}
