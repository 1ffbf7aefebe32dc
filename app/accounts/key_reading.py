"""How keys and their holders are read, by engine: few statements, and whole lists as one value instead of many rows.

Row by row the driver and SQLAlchemy take ten times as long to hand over the holders.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from json import loads
from typing import Any

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session

from app.accounts.key_tables import KeyTables
from app.storage.engines import CITUS

# The holders of each key that has any.
Postings = dict[int, list[int]]


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of keys before any long list is read.

    `size` is how many holders the corpus has, `counts` how many hold each key that is common; `rare` are the holders of
    all other keys.
    """

    size: int
    counts: dict[int, int]
    rare: Postings


@dataclass(frozen=True, slots=True)
class _Statements:
    size: TextClause
    counts: TextClause
    survey: TextClause
    whole: TextClause
    newest: TextClause


class KeyReading(ABC):
    """The reading statements of one engine."""

    def __init__(self, connection: Connection, tables: KeyTables) -> None:
        self._connection = connection
        self._on = self._statements(tables)

    @staticmethod
    @abstractmethod
    def _statements(tables: KeyTables) -> _Statements:
        """The statements for a pair of tables."""

    @abstractmethod
    def _list(self, keys: Sequence[int]) -> object:
        """Many integers as one parameter."""

    @abstractmethod
    def _spread(self, value: Any) -> list[int]:
        """Many integers that came as one value."""

    def read_size(self, tenant: str, corpus: str) -> int:
        """How many holders of keys a corpus has."""
        return self._connection.execute(self._on.size, {"tenant": tenant, "corpus": corpus}).scalar() or 0

    def read_counts(self, keys: Sequence[int]) -> dict[int, int]:
        """How many hold each key, for those keys that are common."""
        rows = self._connection.execute(self._on.counts, {"keys": self._list(keys)}).all()
        return {row[0]: row[1] for row in rows}

    def survey(self, keys: Sequence[int], tenant: str, corpus: str) -> Survey:
        """Look at many keys at once."""
        values = {"keys": self._list(keys), "tenant": tenant, "corpus": corpus}
        size, common, counts, rare, holders = self._connection.execute(self._on.survey, values).one()
        counted = dict(zip(self._spread(common), self._spread(counts), strict=True))
        return Survey(size or 0, counted, _gather(zip(self._spread(rare), self._spread(holders), strict=True)))

    def read_whole(self, keys: Sequence[int]) -> Postings:
        """All holders of each key."""
        row = self._connection.execute(self._on.whole, {"keys": self._list(keys)}).one()
        return _gather(zip(*map(self._spread, row), strict=True))

    def read_newest(self, keys: Sequence[int], rows: int) -> Postings:
        """The holders that came last under each key, at most `rows`."""
        found = self._connection.execute(self._on.newest, {"keys": self._list(keys), "rows": rows}).all()
        return {row[0]: self._spread(row[1]) for row in found}


def _gather(pairs: Iterable[tuple[int, int]]) -> Postings:
    held: defaultdict[int, list[int]] = defaultdict(list)
    for key, holder in pairs:
        held[key].append(holder)
    return dict(held)


# Names of tables and columns come from the models alone.
_SIZE = "SELECT {number} FROM corpora WHERE tenant_id = :tenant AND corpus = :corpus"

_SQLITE_COUNTS = """
SELECT common.key, common.{number} FROM json_each(:keys) AS asked CROSS JOIN {counts} AS common
  ON common.key = asked.value
"""
_SQLITE_WHOLE = """
SELECT json_group_array(held.key), json_group_array(held.{holder}) FROM json_each(:keys) AS asked
  CROSS JOIN {keys} AS held ON held.key = asked.value
"""
# Each key is looked up among the counts once, and among the holders where it is not there.
_SQLITE_SURVEY = """
WITH asked AS MATERIALIZED (
  SELECT listed.value AS key, common.{number} AS number
  FROM json_each(:keys) AS listed LEFT JOIN {counts} AS common ON common.key = listed.value
)
SELECT (SELECT {number} FROM corpora WHERE tenant_id = :tenant AND corpus = :corpus),
  counted.keys, counted.numbers, rare.keys, rare.holders
FROM (
  SELECT json_group_array(key) AS keys, json_group_array(number) AS numbers FROM asked WHERE number IS NOT NULL
) AS counted CROSS JOIN (
  SELECT json_group_array(held.key) AS keys, json_group_array(held.{holder}) AS holders
  FROM asked CROSS JOIN {keys} AS held ON held.key = asked.key WHERE asked.number IS NULL
) AS rare
"""
_SQLITE_NEWEST = """
SELECT asked.value, (
  SELECT json_group_array({holder})
  FROM (SELECT {holder} FROM {keys} AS held WHERE held.key = asked.value ORDER BY {holder} DESC LIMIT :rows)
) FROM json_each(:keys) AS asked
"""


def _fill(tables: KeyTables, *templates: str) -> list[TextClause]:
    names = {"keys": tables.keys.name, "counts": tables.counts.name, "holder": tables.holder, "number": tables.number}
    return [text(template.format(**names)) for template in templates]


class SqliteKeys(KeyReading):
    """Lists travel as JSON. Joined from the list on, each key is one descent; `IN` would sort the list first."""

    @staticmethod
    @cache
    def _statements(tables: KeyTables) -> _Statements:
        return _Statements(*_fill(tables, _SIZE, _SQLITE_COUNTS, _SQLITE_SURVEY, _SQLITE_WHOLE, _SQLITE_NEWEST))

    def _list(self, keys: Sequence[int]) -> object:
        # As JSON writes them, in two thirds of the time of `json.dumps`.
        return str(list(keys))

    def _spread(self, value: Any) -> list[int]:
        spread: list[int] = loads(value)
        return spread


_COUNTS = "SELECT key, {number} FROM {counts} WHERE key = ANY(CAST(:keys AS bigint[]))"
_WHOLE = "SELECT array_agg(key), array_agg({holder}) FROM {keys} WHERE key = ANY(CAST(:keys AS bigint[]))"
# The rare keys become an array again, so that the index is walked once along them whatever the planner expects.
_SURVEY = """
WITH common AS MATERIALIZED (
  SELECT coalesce(array_agg(key), ARRAY[]::bigint[]) AS keys, array_agg({number}) AS numbers
  FROM {counts} WHERE key = ANY(CAST(:keys AS bigint[]))
)
SELECT (SELECT {number} FROM corpora WHERE tenant_id = :tenant AND corpus = :corpus),
  common.keys, common.numbers, rare.keys, rare.holders
FROM common CROSS JOIN (
  SELECT array_agg(key) AS keys, array_agg({holder}) AS holders FROM {keys} WHERE key = ANY(
    ARRAY(
      SELECT asked FROM unnest(CAST(:keys AS bigint[])) AS asked
      WHERE asked <> ALL((SELECT common.keys FROM common)::bigint[])
    )
  )
) AS rare
"""
_NEWEST = """
SELECT asked.key, ARRAY(
  SELECT {holder} FROM {keys} AS held WHERE held.key = asked.key ORDER BY {holder} DESC LIMIT :rows
) FROM unnest(CAST(:keys AS bigint[])) AS asked(key)
"""
_CITUS_WHOLE = "SELECT key, array_agg({holder}) FROM {keys} WHERE key = ANY(CAST(:keys AS bigint[])) GROUP BY key"
_CITUS_NEWEST = "SELECT {holder} FROM {keys} WHERE key = :wanted ORDER BY {holder} DESC LIMIT :rows"


class PostgresqlKeys(KeyReading):
    """Lists travel as arrays; an index reads the keys of a sorted array in one walk."""

    @staticmethod
    @cache
    def _statements(tables: KeyTables) -> _Statements:
        return _Statements(*_fill(tables, _SIZE, _COUNTS, _SURVEY, _WHOLE, _NEWEST))

    def _list(self, keys: Sequence[int]) -> object:
        # As the server writes them: the driver looks at each number of a list for what must be quoted.
        return f"{{{str(list(keys))[1:-1]}}}"

    def _spread(self, value: Any) -> list[int]:
        return value or []


class CitusKeys(PostgresqlKeys):
    """Every shard gets the statement at once, as long as no LIMIT stands inside it: one statement a key, then.

    What two distributed tables say together would first be gathered on the coordinator.
    """

    @staticmethod
    @cache
    def _statements(tables: KeyTables) -> _Statements:
        plain = PostgresqlKeys._statements(tables)
        whole, newest = _fill(tables, _CITUS_WHOLE, _CITUS_NEWEST)
        return replace(plain, whole=whole, newest=newest)

    def survey(self, keys: Sequence[int], tenant: str, corpus: str) -> Survey:
        """Look at many keys, in three statements."""
        counts = self.read_counts(keys)
        rare = self.read_whole([key for key in keys if key not in counts])
        return Survey(self.read_size(tenant, corpus), counts, rare)

    def read_whole(self, keys: Sequence[int]) -> Postings:
        """All holders of each key."""
        return {row[0]: row[1] for row in self._connection.execute(self._on.whole, {"keys": self._list(keys)}).all()}

    def read_newest(self, keys: Sequence[int], rows: int) -> Postings:
        """The holders that came last under each key, one statement a key."""
        newest = self._on.newest
        return {key: list(self._connection.execute(newest, {"wanted": key, "rows": rows}).scalars()) for key in keys}


def read_keys_of(session: Session, connection: Connection, tables: KeyTables) -> KeyReading:
    """How the engine that the session speaks to reads keys."""
    engine = session.get_bind()
    if engine.dialect.name == "sqlite":
        return SqliteKeys(connection, tables)
    return (CitusKeys if engine.get_execution_options().get(CITUS) else PostgresqlKeys)(connection, tables)
