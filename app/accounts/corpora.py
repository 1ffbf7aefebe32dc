"""The row of a corpus: its lock for writers, its size, and the secret under which erased accounts are remembered."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.dialects import dialect_of, one_of
from app.accounts.models import CorpusRow, SuppressionRow
from app.accounts.scope import Scope
from app.storage import Database, utc_now


@dataclass(frozen=True, slots=True)
class AccountIdentity:
    """Which account is meant. `handle_key` is the handle folded for equality by the platform's rules."""

    platform: str
    handle: str | None = None
    handle_key: str | None = None
    account_id: str | None = None


def lock_corpus(session: Session, scope: Scope) -> CorpusRow:
    """Load the row of a corpus for writing, making it where it is new; other writers of the corpus wait.

    On SQLite the write transaction itself is the lock.
    """
    query = select(CorpusRow).where(scope.owns(CorpusRow))
    found = session.scalar(query.with_for_update())
    if found is not None:
        return found
    fresh = {
        "tenant_id": scope.tenant,
        "corpus": scope.corpus,
        "accounts": 0,
        "subjects": 0,
        "secret": secrets.token_bytes(32),
    }
    dialect_of(session).insert_missing(session, CorpusRow, [fresh])
    return session.scalars(query.with_for_update()).one()


def count_accounts(session: Session, scope: Scope) -> int:
    """How many accounts a corpus holds, from its own row; nothing is counted anew."""
    return session.scalar(select(CorpusRow.accounts).where(scope.owns(CorpusRow))) or 0


def read_secret(database: Database, scope: Scope) -> bytes:
    """The secret of a corpus, which is made where the corpus is new."""
    with database.read() as session:
        known = session.scalar(select(CorpusRow.secret).where(scope.owns(CorpusRow)))
    if known is not None:
        return known
    with database.write() as session:
        return lock_corpus(session, scope).secret


def suppression_digests(secret: bytes, identity: AccountIdentity) -> list[str]:
    """HMAC-SHA256 of an account's handle and of its stable id: recognisable, not readable."""
    named = (("handle", identity.handle_key), ("id", identity.account_id))
    return [_digest(secret, identity.platform, kind, value) for kind, value in named if value is not None]


def subject_digest(secret: bytes, public_id: str) -> str:
    """The same of a stored subject, by its random id: a person may be stored again, a backup brings none back."""
    return _digest(secret, "subject", "public id", public_id)


def _digest(secret: bytes, platform: str, kind: str, value: str) -> str:
    return hmac.digest(secret, f"{platform}|{kind}|{value}".encode(errors="surrogatepass"), "sha256").hex()


def find_suppressed(session: Session, scope: Scope, digests: Iterable[str]) -> set[str]:
    """Which of the digests belong to erased accounts."""
    query = select(SuppressionRow.digest).where(
        scope.owns(SuppressionRow),
        one_of(session, SuppressionRow.digest, list(digests)),
    )
    return set(session.scalars(query))


def suppress(session: Session, scope: Scope, digests: Iterable[str]) -> None:
    """Remember that these accounts were erased."""
    now = utc_now()
    rows: list[dict[str, object]] = [
        {"tenant_id": scope.tenant, "corpus": scope.corpus, "digest": digest, "created_at": now} for digest in digests
    ]
    if rows:
        dialect_of(session).insert_missing(session, SuppressionRow, rows)
