"""How common a name is among the indexed accounts: parts are counted, the subject's own clones are not."""

from __future__ import annotations

import pytest

from app.accounts.name_counts import NameCounts, count_names
from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.accounts.service import import_accounts
from app.settings import Settings
from app.storage import Database
from matchers.name_frequency import part_bits
from matchers.profile import Subject
from matchers.world import DEFAULT_WORLD, World

SUBJECT = Subject(names=("Adaeze Brandvold",))


def _count(db: Database, least: int = 1, corpus: str = "default") -> NameCounts:
    with db.read() as session:
        return count_names(session, SUBJECT, Scope(corpus), least)


@pytest.fixture
def accounts(db: Database, settings: Settings) -> None:
    """Fifty Adaezes, three Brandvolds, forty clones, and others."""
    names = [f"Adaeze Name{n}" for n in range(50)] + [f"Person{n} Brandvold" for n in range(3)]
    names += ["Adaeze Brandvold"] * 40 + [f"Person{n} Name{n}" for n in range(7)]
    rows = (AccountIn(platform="x", handle=f"h{n}", display_name=name) for n, name in enumerate(names))
    import_accounts(db, settings, enumerate(rows, start=1))


@pytest.mark.usefixtures("accounts")
def test_parts_are_counted_and_clones_are_not(db: Database) -> None:
    assert _count(db) == NameCounts({"adaeze": 50, "brandvold": 3}, 200)


@pytest.mark.usefixtures("accounts")
def test_few_accounts_say_nothing(db: Database) -> None:
    assert _count(db, least=101) == _count(db, corpus="another") == NameCounts()


@pytest.mark.usefixtures("accounts")
def test_a_name_common_among_accounts_tells_less(db: Database) -> None:
    found = _count(db)
    world = World(name_counts=found.counts, name_total=found.total)
    assert part_bits("adaeze", world) < part_bits("adaeze", DEFAULT_WORLD)
    # What was not counted stays as the census has it.
    assert part_bits("smith", world) == part_bits("smith", DEFAULT_WORLD)
