"""One report an account and channel: claimed before it is sent, settled afterwards, by whichever process comes first.

Between the two a crash may happen. Then it is not known whether the report arrived, and that is what is said: it is not
sent again unasked. The other end, sending again when in doubt, would let one person count as several.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.corpora import lock_corpus
from app.accounts.dialects import dialect_of
from app.accounts.models import CorpusRow
from app.accounts.scope import Scope
from app.platforms.catalogue import load_catalogue
from app.reports.filing.line import SECONDS
from app.reports.filing.models import FilingRow
from app.storage import new_id, utc_now
from matchers.profile import Account

State = Literal["sending", "filed", "unclear"]
# A call that is still under way after this has died with its process; its own budget is SECONDS.
PATIENCE = timedelta(seconds=2 * SECONDS)
# Platforms keep reports for months; after a year an account that is still there may be reported anew.
KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Filing:
    """A report that was claimed: `began_at` when, `receipt` the number that the platform gave it."""

    id: str
    state: State
    began_at: datetime
    receipt: str | None = None


class Claims:
    """The claims of one tenant's corpus. All but `find` want a `write()` session of their own, committed at once."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def find(self, session: Session, account: Account, channel: str) -> Filing | None:
        """The report on this account by this channel, if there was one."""
        here = (CorpusRow.tenant_id == self._scope.tenant, CorpusRow.corpus == self._scope.corpus)
        secret = session.scalar(select(CorpusRow.secret).where(*here))
        return self._read(session, account, _digests(secret, account, channel)) if secret is not None else None

    def claim(
        self, session: Session, account: Account, channel: str, fingerprint: str, *, again: bool
    ) -> tuple[Filing, bool]:
        """Claim the report before it is sent; gives it and True, or an earlier one and False.

        `again` lets go of an earlier one whose outcome is not known. Whoever claims at the same moment waits here.
        """
        # The corpus is locked until the session ends: claims come one after another.
        secret = lock_corpus(session, self._scope).secret
        digests = _digests(secret, account, channel)
        now = utc_now()
        purge_filings(session, now)
        earlier = self._read(session, account, digests)
        if earlier is not None and again and earlier.state == "unclear":
            self.release(session, earlier)
        elif earlier is not None:
            return earlier, False
        # The handle may have been another account's: now it is this one's.
        session.execute(
            delete(FilingRow).where(FilingRow.tenant_id == self._scope.tenant, FilingRow.digest.in_(digests))
        )
        fresh = Filing(new_id(), "sending", now)
        rows: list[dict[str, object]] = [
            {
                "tenant_id": self._scope.tenant,
                "digest": digest,
                "filing_id": fresh.id,
                "channel": channel,
                "state": fresh.state,
                # Keyed as well: what is shown follows from the account, so that whoever guesses it could try.
                "fingerprint": _digest(secret, "shown", fingerprint),
                "began_at": now,
                "expires_at": now + KEPT,
            }
            for digest in digests
        ]
        dialect_of(session).insert_missing(session, FilingRow, rows)
        return fresh, True

    def settle(self, session: Session, filing: Filing, state: State, receipt: str | None = None) -> None:
        """Write down what became of it."""
        values = {"state": state, "receipt": receipt, "settled_at": utc_now()}
        session.execute(update(FilingRow).where(*self._rows(filing)).values(**values))

    def release(self, session: Session, filing: Filing) -> None:
        """Let go of it: it certainly was not filed, or is filed anew."""
        session.execute(delete(FilingRow).where(*self._rows(filing)))

    def _rows(self, filing: Filing) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return FilingRow.tenant_id == self._scope.tenant, FilingRow.filing_id == filing.id

    def _read(self, session: Session, account: Account, digests: list[str]) -> Filing | None:
        here = FilingRow.tenant_id == self._scope.tenant
        query = select(FilingRow).where(here, FilingRow.digest.in_(digests), FilingRow.expires_at > utc_now())
        rows = session.scalars(query.order_by(FilingRow.began_at.desc())).all()
        if not rows:
            return None
        row = rows[0]
        if _has_stable_id(account):
            row = next((one for one in rows if one.digest == digests[0]), row)
            # Known by its handle alone, although that report knew an id: the handle was another account's then.
            ids = select(func.count()).where(here, FilingRow.filing_id == row.filing_id)
            if row.digest != digests[0] and session.scalar(ids) != 1:
                return None
        state: State = row.state  # type: ignore[assignment]  # only this class writes it
        if state == "sending" and row.began_at + PATIENCE < utc_now():
            state = "unclear"
        return Filing(row.filing_id, state, row.began_at, row.receipt)


def purge_filings(session: Session, now: datetime) -> int:
    """Forget the reports that were claimed longer ago than they are kept; returns how many rows went."""
    gone = session.scalars(delete(FilingRow).where(FilingRow.expires_at <= now).returning(FilingRow.digest))
    return len(gone.all())


def _digests(secret: bytes, account: Account, channel: str) -> list[str]:
    """The keyed hashes under which the account is known: by its id, where it has one, and then by its handle."""
    return [_digest(secret, account.platform, named, channel) for named in _names(account)]


def _has_stable_id(account: Account) -> bool:
    """Whether the account has an id that is the same whoever tells of it; those of federated servers are not."""
    platform = load_catalogue().get(account.platform)
    pattern = platform.id_pattern if platform is not None else None
    return bool(account.account_id and account.handle and pattern and pattern.fullmatch(account.account_id))


def _names(account: Account) -> Iterator[str]:
    if account.account_id:
        yield f"id:{account.account_id}"
    if account.handle:
        yield f"handle:{load_catalogue().handle_key(account.platform, account.handle)}"


def _digest(secret: bytes, *parts: str) -> str:
    return hmac.new(secret, "\0".join(("filing", *parts)).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
