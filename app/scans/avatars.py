"""Where the pictures of accounts that a scan found in the index can be fetched, as they were imported."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow
from app.accounts.scope import Scope
from app.scans.models import FindingRow


def find_avatar_urls(session: Session, scope: Scope, scan_id: str) -> dict[str, str]:
    """The addresses by the id of the finding, for those that the index knows one of; nothing is fetched."""
    same_handle = and_(AccountRow.handle_key == FindingRow.handle_key, AccountRow.handle.is_not(None))
    same = or_(
        and_(FindingRow.account_id.is_not(None), AccountRow.account_id == FindingRow.account_id),
        and_(FindingRow.account_id.is_(None), same_handle),
    )
    query = (
        select(FindingRow.id, AccountRow.avatar_url, FindingRow.body)
        .join(AccountRow, and_(scope.rows, AccountRow.platform == FindingRow.platform, same))
        .where(FindingRow.scan_id == scan_id, AccountRow.avatar_url.is_not(None))
    )
    # A finding without handle is known by its name, which may be another's handle.
    named = [row for row in session.execute(query) if row.body["account"].keys() & {"handle", "account_id"}]
    return {row.id: row.avatar_url for row in named}
