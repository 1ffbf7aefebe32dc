"""Whether keys, counts and sizes say of rows what they must.

Ranges of rows are compared with the keys of their range of ids, in a session that sees one moment, so that readers and
writers go on. Beside the keys of rows, a range thereby meets keys without a row. Nothing leads from an account to its
keys, so that each look is a walk over all keys: as many ranges at a time as memory holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.dialects import dialect_of, one_of
from app.accounts.key_store import COMMON
from app.accounts.keyed_rows import KeyedRows
from app.accounts.models import CorpusRow
from app.accounts.scope import Scope
from app.storage import Database
from matchers.keys import KEY_BITS

# Rows whose keys are compared after one walk over all keys: some 50 MB.
SPAN = 50_000
# Rows in a range, and ranges that are looked at where not all rows are.
PAGE = 250
SAMPLED_PAGES = 20
# Keys whose counts are checked then; the commonest have millions of holders.
SAMPLED_KEYS = 2_000

# Row ids: behind the first, up to the second; None has no end.
Range = tuple[int, int | None]


@dataclass(slots=True)
class Findings:
    """What is wrong with one kind of rows.

    `wrong` are row ids by corpus, `lost` holders without a row, `miscounted` keys, `sizes` what a corpus says and has.
    """

    name: str
    rows: int = 0
    checked: int = 0
    outdated: int = 0
    wrong: dict[Scope, list[int]] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)
    miscounted: list[int] = field(default_factory=list)
    sizes: dict[Scope, tuple[int, int]] = field(default_factory=dict)

    def tell(self) -> list[str]:
        """The findings as sentences, without personal data."""
        told = []
        wrong = sum(map(len, self.wrong.values()))
        if wrong:
            told.append(f"{wrong:,} of {self.checked:,} {self.name} looked at have other keys than they should.")
        if self.lost:
            told.append(f"There are keys of {len(self.lost):,} {self.name} that do not exist.")
        if self.miscounted:
            told.append(f"{len(self.miscounted):,} keys of {self.name} have a wrong count.")
        for scope, (said, counted) in self.sizes.items():
            told.append(f"Corpus {scope.corpus} says it has {said:,} {self.name}, and has {counted:,}.")
        if self.outdated:
            told.append(f"{self.outdated:,} {self.name} have keys of another version: run `clonecheck index rebuild`.")
        return told


def check_keys(db: Database, rows: KeyedRows, *, everything: bool, seed: int | None = None) -> Findings:
    """Compare rows with their keys: a sample, or all of them. `seed` fixes the sample."""
    found = Findings(rows.name)
    with db.read(unbounded=True) as session:
        found.rows = session.scalar(select(func.count()).select_from(rows.table)) or 0
        found.outdated = rows.count_outdated(session)
        found.sizes = _check_sizes(session, rows)
        last = session.scalar(select(func.max(rows.table.c.id))) or 0
    if everything or found.rows <= PAGE * SAMPLED_PAGES:
        after: int | None = 0
        while after is not None:
            after = _check_span(db, rows, after, found)
        with db.read(unbounded=True) as session:
            found.miscounted = check_counts(session, rows)
        return found
    drawn = Random(seed)  # noqa: S311 - a sample, not a secret
    starts = {0, *(drawn.randrange(last) for _ in range(SAMPLED_PAGES))}
    with db.read(unbounded=True) as session:
        _check_ranges(session, rows, _join([_range(session, rows, start, PAGE) for start in starts]), found)
    with db.read(unbounded=True) as session:
        found.miscounted = _check_counts(session, rows, _draw_keys(session, rows, drawn))
    return found


def _check_span(db: Database, rows: KeyedRows, after: int, found: Findings) -> int | None:
    """Check the rows behind a row id; returns the last id that was looked at, None at the end."""
    with db.read(unbounded=True) as session:
        here = _range(session, rows, after, SPAN)
        _check_ranges(session, rows, [here], found)
    return here[1]


def _range(session: Session, rows: KeyedRows, after: int, size: int) -> Range:
    ids = rows.table.c.id
    return after, session.scalar(select(ids).where(ids > after).order_by(ids).offset(size - 1).limit(1))


def _join(ranges: Sequence[Range]) -> list[Range]:
    """Ranges without overlaps."""
    joined: list[Range] = []
    for start, end in sorted(ranges, key=lambda one: one[0]):
        if joined and ((before := joined[-1][1]) is None or start <= before):
            joined[-1] = (joined[-1][0], None if before is None or end is None else max(before, end))
        else:
            joined.append((start, end))
    return joined


def _within(column: ColumnElement[int], ranges: Sequence[Range]) -> ColumnElement[bool]:
    return or_(*(column > start if end is None else (column > start) & (column <= end) for start, end in ranges))


def _check_ranges(session: Session, rows: KeyedRows, ranges: Sequence[Range], found: Findings) -> None:
    table, tables = rows.table, rows.tables
    dialect = dialect_of(session)
    query = select(tables.holders, dialect.gathered(tables.keys.c.key)).where(_within(tables.holders, ranges))
    held: dict[int, Any] = {row[0]: row[1] for row in session.execute(query.group_by(tables.holders))}
    counts = [table.c.key_count] if rows.counted else []
    columns = [table.c.id, table.c.tenant_id, table.c.corpus, table.c.key_version, *counts]
    listed = session.execute(select(*columns).where(_within(table.c.id, ranges)).order_by(table.c.id)).all()
    for at in range(0, len(listed), PAGE):
        page = listed[at : at + PAGE]
        contents = rows.read(session, [row.id for row in page])
        for row in page:
            stored = dialect.spread(held.pop(row.id)) if row.id in held else []
            if row.key_version == rows.version:
                found.checked += 1
                scope = Scope(row.corpus, row.tenant_id)
                right = set(stored) == rows.make(contents[row.id], scope.key_space)
                if not right or (rows.counted and row.key_count != len(stored)):
                    found.wrong.setdefault(scope, []).append(row.id)
    found.lost += held


def _check_sizes(session: Session, rows: KeyedRows) -> dict[Scope, tuple[int, int]]:
    table = rows.table
    counted = select(table.c.tenant_id, table.c.corpus, func.count()).group_by(table.c.tenant_id, table.c.corpus)
    there = {Scope(corpus, tenant): count for tenant, corpus, count in session.execute(counted)}
    said = {
        Scope(corpus, tenant): size
        for tenant, corpus, size in session.execute(select(CorpusRow.tenant_id, CorpusRow.corpus, rows.tables.size))
    }
    sizes = {scope: (said.get(scope, 0), there.get(scope, 0)) for scope in there.keys() | said.keys()}
    return {scope: pair for scope, pair in sizes.items() if pair[0] != pair[1]}


def check_counts(session: Session, rows: KeyedRows) -> list[int]:
    """The keys that have a wrong count."""
    tables = rows.tables
    key = tables.keys.c.key
    common = select(key, func.count()).group_by(key).having(func.count() > COMMON)
    held: dict[int, int] = {row[0]: row[1] for row in session.execute(common)}
    said: dict[int, int] = {row[0]: row[1] for row in session.execute(select(tables.counts.c.key, tables.numbers))}
    return sorted(one for one in held.keys() | said.keys() if held.get(one) != said.get(one))


def _draw_keys(session: Session, rows: KeyedRows, drawn: Random) -> list[int]:
    """Some neighbouring keys, and some of those that are counted."""
    drawn_keys: set[int] = set()
    for key in (rows.tables.keys.c.key, rows.tables.counts.c.key):
        query = select(key).where(key > drawn.getrandbits(KEY_BITS)).order_by(key).limit(SAMPLED_KEYS // 2)
        drawn_keys.update(session.scalars(query))
    return sorted(drawn_keys)


def _check_counts(session: Session, rows: KeyedRows, keys: list[int]) -> list[int]:
    held, said = count_holders(session, rows, keys), _read_counts(session, rows, keys)
    return [one for one in keys if said.get(one) != (held[one] if held[one] > COMMON else None)]


def count_holders(session: Session, rows: KeyedRows, keys: Collection[int]) -> Counter[int]:
    """How many rows have each of some keys."""
    key = rows.tables.keys.c.key
    query = select(key, func.count()).where(one_of(session, key, list(keys))).group_by(key)
    return Counter({row[0]: row[1] for row in session.execute(query)})


def _read_counts(session: Session, rows: KeyedRows, keys: Collection[int]) -> dict[int, int]:
    counts = rows.tables.counts.c.key
    query = select(counts, rows.tables.numbers).where(one_of(session, counts, list(keys)))
    return {row[0]: row[1] for row in session.execute(query)}
