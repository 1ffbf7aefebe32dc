"""Where the pictures of the accounts that a scan found can be fetched: as a source showed it, or as it was imported."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRow
from app.accounts.scope import Scope
from app.scans.judging import Judged
from app.scans.models import FindingRow


def shown_avatar_urls(judged: Iterable[Judged]) -> dict[str, str]:
    """The addresses by the id of the account, while a scan runs; not those that need a token."""
    pictures = {item.id: item.inputs.candidate.picture for item in judged if item.inputs}
    return {name: picture.url for name, picture in pictures.items() if picture and not picture.headers}


def find_avatar_urls(session: Session, scope: Scope, scan_id: str) -> dict[str, str]:
    """The addresses by the id of the finding, of a scan that has finished; nothing is fetched."""
    rows = session.execute(select(FindingRow.id, FindingRow.inputs).where(FindingRow.scan_id == scan_id))
    shown = {row.id: row.inputs["picture_url"] for row in rows if row.inputs and row.inputs.get("picture_url")}
    return _indexed(session, scope, scan_id) | shown


def _indexed(session: Session, scope: Scope, scan_id: str) -> dict[str, str]:
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
