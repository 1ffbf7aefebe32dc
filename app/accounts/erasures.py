"""Erasures that must outlive a restore: taken from one database, carried into another, and done there again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.corpora import AccountIdentity, lock_corpus, suppress, suppression_digests
from app.accounts.dialects import one_of
from app.accounts.models import AccountRow, CorpusRow, SuppressionRow
from app.accounts.scope import Scope
from app.accounts.service import EraseHook, remove_accounts
from app.accounts.stored_keys import foresee_removal
from app.problems import ConflictError, InvalidInputError
from app.storage import Database

FORMAT = "clonecheck suppressions 1"
_PAGE = 2_000
_IDENTITY = (AccountRow.id, AccountRow.platform, AccountRow.handle, AccountRow.handle_key, AccountRow.account_id)


@dataclass(frozen=True, slots=True)
class Erasures:
    """What one corpus remembers of erasures: keyed hashes, and the secret they were made with."""

    scope: Scope
    secret: bytes
    digests: frozenset[str]


_Hexadecimal = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Corpus(BaseModel):
    model_config = ConfigDict(extra="forbid")
    tenant: str = Field(max_length=64)
    corpus: str = Field(max_length=64)
    secret: _Hexadecimal
    digests: Annotated[list[_Hexadecimal], Field(max_length=100_000_000), FailFast()]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    format: str = Field(pattern=f"^{FORMAT}$")
    corpora: list[_Corpus]


def read_erasures(session: Session) -> list[Erasures]:
    """All erasures that the database remembers."""
    found = []
    for tenant, corpus, secret in session.execute(select(CorpusRow.tenant_id, CorpusRow.corpus, CorpusRow.secret)):
        scope = Scope(corpus, tenant)
        digests = frozenset(session.scalars(select(SuppressionRow.digest).where(scope.owns(SuppressionRow))))
        found.append(Erasures(scope, secret, digests))
    return found


def write_file(path: Path, known: Iterable[Erasures]) -> int:
    """Write erasures to a file that only its owner may read; returns how many. An existing file is replaced whole."""
    listed = list(known)
    corpora = [
        {
            "tenant": one.scope.tenant,
            "corpus": one.scope.corpus,
            "secret": one.secret.hex(),
            "digests": sorted(one.digests),
        }
        for one in listed
    ]
    fresh = path.with_name(f"{path.name}.part")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    fresh.write_text(json.dumps({"format": FORMAT, "corpora": corpora}), encoding="ascii")
    fresh.replace(path)
    return sum(len(one.digests) for one in listed)


def read_file(path: Path) -> list[Erasures]:
    """Read what `write_file` wrote; raises `InvalidInputError` for anything else."""
    try:
        told = _File.model_validate_json(path.read_bytes())
    except ValidationError as fault:
        raise InvalidInputError("The file holds no exported suppressions.", slug="no_suppressions") from fault
    return [Erasures(Scope(c.corpus, c.tenant), bytes.fromhex(c.secret), frozenset(c.digests)) for c in told.corpora]


def carry_over(session: Session, known: Iterable[Erasures]) -> None:
    """Remember in this database what another one remembers.

    A corpus that remembers nothing yet takes the other's secret over. Raises `ConflictError` where both remember
    something under different secrets: they were never one corpus, and hashes cannot be turned into each other.
    """
    for one in sorted(known, key=lambda one: (one.scope.tenant, one.scope.corpus)):
        if not one.digests:
            continue
        corpus = lock_corpus(session, one.scope)
        if corpus.secret != one.secret:
            if session.scalar(select(func.count()).select_from(SuppressionRow).where(one.scope.owns(SuppressionRow))):
                raise ConflictError(
                    f"Corpus {one.scope.corpus} remembers erasures under another secret: it is not the same corpus."
                )
            corpus.secret = one.secret
            session.flush()
        suppress(session, one.scope, one.digests)


def erase_again(db: Database, known: Erasures, hooks: Sequence[EraseHook] = (), page: int = _PAGE) -> int:
    """Remove every account that a corpus remembers as erased, with all that `hooks` reach; returns how many.

    Looks at `page` accounts at a time, and removes as many together: in an outdated index each removal is a walk.
    """
    gone, after = 0, 0
    erased: list[int] = []
    while True:
        query = select(*_IDENTITY).where(known.scope.rows, AccountRow.id > after).order_by(AccountRow.id).limit(page)
        with db.read() as session:
            found = session.execute(query).all()
        erased += [row for row, _ in _find_erased(known, found)]
        if erased and (len(erased) >= page or not found):
            gone += _remove(db, known, erased, hooks)
            erased = []
        if not found:
            return gone
        after = found[-1][0]


def _find_erased(known: Erasures, rows: Iterable[Sequence[Any]]) -> list[tuple[int, AccountIdentity]]:
    accounts = [(row[0], AccountIdentity(*row[1:])) for row in rows]
    return [(row, who) for row, who in accounts if known.digests.intersection(suppression_digests(known.secret, who))]


def _remove(db: Database, known: Erasures, ids: Sequence[int], hooks: Sequence[EraseHook]) -> int:
    with db.read() as session:
        stored = foresee_removal(session, ids)
    with db.write() as session:
        lock_corpus(session, known.scope)
        # Meanwhile one may have gone, and another have got its number.
        there = session.execute(select(*_IDENTITY).where(known.scope.rows, one_of(session, AccountRow.id, ids))).all()
        erased = _find_erased(known, there)
        gone = remove_accounts(session, known.scope, [row for row, _ in erased], stored)
        for _, who in erased:
            for hook in hooks:
                hook(session, who)
    return gone
