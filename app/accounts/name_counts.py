"""How common the parts of a subject's name are among the indexed accounts; the census knows only people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy.orm import Session

from app.accounts.probing import Prober
from app.accounts.scope import Scope
from matchers.keys import NameKeys, name_keys
from matchers.profile import Subject

# Fewer accounts say little about how common a name is; the census tables stand alone then.
LEAST_ACCOUNTS = 10_000
# A given name and a surname.
PARTS_AN_ACCOUNT = 2


@dataclass(frozen=True, slots=True)
class NameCounts:
    """Accounts that bear each part of a name, and how many parts all accounts have; empty where too few are indexed."""

    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0


def count_names(session: Session, subject: Subject, scope: Scope, least: int = LEAST_ACCOUNTS) -> NameCounts:
    """Count the bearers of each part of the subject's names, where at least `least` accounts are indexed.

    Accounts that bear the whole name are left out: those are his namesakes and his clones, and a thousand clones do not
    make a rare name common.
    """
    prober = Prober(session, scope)
    size = prober.count_holders()
    if size < least:
        return NameCounts()
    wanted = [name_keys(name, scope.key_space) for name in subject.names]
    held = _count(prober, list(chain.from_iterable(map(_list_keys, wanted))))
    counts = {
        part: max(held.get(key, 0) - held.get(keys.whole, 0), 0) for keys in wanted for part, key in keys.parts.items()
    }
    return NameCounts(counts, PARTS_AN_ACCOUNT * size)


def _list_keys(keys: NameKeys) -> Iterator[int]:
    yield keys.whole
    yield from keys.parts.values()


def _count(prober: Prober, keys: list[int]) -> dict[int, int]:
    common = prober.count_common(keys)
    rare = prober.read_postings([key for key in keys if key not in common])
    return common | {key: len(holders) for key, holders in rare.items()}
