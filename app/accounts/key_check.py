"""Whether keys, counts and sizes say of rows what they must.

Pages of rows are compared with the keys of their range of ids, each page in one session that sees one moment, so that
readers and writers go on. Beside the keys of rows, a page thereby meets keys without a row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.accounts.dialects import one_of
from app.accounts.key_store import COMMON
from app.accounts.keyed_rows import KeyedRows
from app.accounts.models import CorpusRow
from app.accounts.scope import Scope
from app.storage import Database

PAGE = 250
# Pages that are looked at where not all are.
SAMPLED_PAGES = 20
# Keys whose counts are checked then; the commonest have millions of holders.
SAMPLED_KEYS = 2_000


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
        found.outdated = session.scalar(select(func.count()).select_from(rows.table).where(rows.outdated)) or 0
        found.sizes = _check_sizes(session, rows)
        last = session.scalar(select(func.max(rows.table.c.id))) or 0
    if everything or found.rows <= PAGE * SAMPLED_PAGES:
        after: int | None = 0
        while after is not None:
            after = _check_page(db, rows, after, found)
        with db.read(unbounded=True) as session:
            found.miscounted = _check_all_counts(session, rows)
        return found
    drawn = Random(seed)  # noqa: S311 - a sample, not a secret
    starts = (drawn.randrange(last) for _ in range(SAMPLED_PAGES))
    for start in {0, *starts}:
        _check_page(db, rows, start, found)
    with db.read(unbounded=True) as session:
        found.miscounted = _check_counts(session, rows, _draw_keys(session, rows, drawn, last))
    return found


def _check_page(db: Database, rows: KeyedRows, after: int, found: Findings) -> int | None:
    """Check the rows behind a row id; returns the last id of the page, None at the end."""
    table, tables = rows.table, rows.tables
    columns = (table.c.id, table.c.tenant_id, table.c.corpus, table.c.key_version)
    with db.read(unbounded=True) as session:
        page = session.execute(select(*columns).where(table.c.id > after).order_by(table.c.id).limit(PAGE)).all()
        last = page[-1].id if len(page) == PAGE else None
        here = tables.holders > after
        if last is not None:
            here &= tables.holders <= last
        held = _read_held(session, tables.holders, tables.keys.c.key, here)
        contents = rows.read(session, [row.id for row in page])
    for row in page:
        scope = Scope(row.corpus, row.tenant_id)
        keys = held.pop(row.id, set())
        if row.key_version == rows.version:
            found.checked += 1
            if keys != rows.make(contents[row.id], scope.key_space):
                found.wrong.setdefault(scope, []).append(row.id)
    found.lost += held
    return last


def _read_held(
    session: Session, holder: ColumnElement[int], key: ColumnElement[int], here: ColumnElement[bool]
) -> dict[int, set[int]]:
    held: defaultdict[int, set[int]] = defaultdict(set)
    for one, owner in session.execute(select(key, holder).where(here)):
        held[owner].add(one)
    return held


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


def _check_all_counts(session: Session, rows: KeyedRows) -> list[int]:
    tables = rows.tables
    key = tables.keys.c.key
    common = select(key, func.count()).group_by(key).having(func.count() > COMMON)
    held: dict[int, int] = {row[0]: row[1] for row in session.execute(common)}
    said: dict[int, int] = {row[0]: row[1] for row in session.execute(select(tables.counts.c.key, tables.numbers))}
    return sorted(one for one in held.keys() | said.keys() if held.get(one) != said.get(one))


def _draw_keys(session: Session, rows: KeyedRows, drawn: Random, last: int) -> list[int]:
    """Keys of some holders, and some of those that are counted."""
    tables = rows.tables
    near = select(tables.keys.c.key).where(tables.holders > drawn.randrange(last)).limit(SAMPLED_KEYS // 2)
    counted = select(tables.counts.c.key).where(tables.counts.c.key > drawn.getrandbits(62)).limit(SAMPLED_KEYS // 2)
    return sorted({*session.scalars(near), *session.scalars(counted)})


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
