"""Accounts as a batch finds them and leaves them: loaded once, changed in memory, written by `app.accounts.upsert`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.dialects import one_of
from app.accounts.models import AccountRow
from app.accounts.observation import Observation
from app.accounts.scope import Scope

COLUMNS: tuple[str, ...] = tuple(column.name for column in AccountRow.__table__.columns)
# The ways to recognise an account, the most reliable first.
IDENTITIES = ("account_id", "handle_key", "appearance_key")
State = Literal["new", "stored", "gone"]


@dataclass(slots=True, eq=False)
class Draft:
    """One account in memory: `row` as it shall be, `before` as it is stored (empty for a new one)."""

    row: dict[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)
    state: State = "new"

    @property
    def changed(self) -> set[str]:
        """The columns that differ from what is stored."""
        return {name for name, value in self.before.items() if self.row[name] != value}


class Drafts:
    """The accounts a batch touches, found by stable id, handle or appearance."""

    def __init__(self) -> None:
        self._all: list[Draft] = []
        self._index: dict[tuple[str, str, str], Draft] = {}

    def __iter__(self) -> Iterator[Draft]:
        return iter(self._all)

    def load(self, session: Session, scope: Scope, observations: Iterable[Observation]) -> None:
        """Load every stored account that one of the observations may mean."""
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for observation in observations:
            for kind in IDENTITIES:
                value = getattr(observation, kind)
                if value is not None:
                    wanted[kind, observation.platform].add(value)
        known: set[int] = set()
        columns = [getattr(AccountRow, name) for name in COLUMNS]
        for (kind, platform), values in wanted.items():
            matches = one_of(session, getattr(AccountRow, kind), sorted(values))
            query = select(*columns).where(scope.rows, AccountRow.platform == platform, matches)
            for found in session.execute(query).mappings():
                if found["id"] not in known:
                    known.add(found["id"])
                    self.add(Draft(dict(found), dict(found), "stored"))

    def add(self, draft: Draft) -> None:
        """Take in an account."""
        self._all.append(draft)
        for kind in IDENTITIES:
            self._register(draft, kind)

    def find(self, platform: str, kind: str, value: str | None) -> Draft | None:
        """The account that is known by this identity now."""
        return None if value is None else self._index.get((platform, kind, value))

    def change(self, draft: Draft, values: Mapping[str, object]) -> None:
        """Set columns of an account; it is found by its new identities from now on."""
        for kind in IDENTITIES:
            if kind in values:
                self._forget(draft, kind)
        draft.row.update(values)
        for kind in IDENTITIES:
            if kind in values:
                self._register(draft, kind)

    def drop(self, draft: Draft) -> None:
        """Remove an account that turned out to be another one's former self."""
        for kind in IDENTITIES:
            self._forget(draft, kind)
        draft.state = "gone"
        if not draft.before:
            self._all.remove(draft)

    def _register(self, draft: Draft, kind: str) -> None:
        value = draft.row[kind]
        if value is not None:
            self._index[draft.row["platform"], kind, value] = draft

    def _forget(self, draft: Draft, kind: str) -> None:
        value = draft.row[kind]
        if value is not None:
            self._index.pop((draft.row["platform"], kind, value), None)


def blank_row(scope: Scope, platform: str, moment: datetime) -> dict[str, Any]:
    """A row with nothing known."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"tenant_id": scope.tenant, "corpus": scope.corpus, "platform": platform, "source": "import"}
    row |= {"inserted_at": moment, "updated_at": moment}
    return row
