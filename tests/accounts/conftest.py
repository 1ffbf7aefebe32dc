"""A migrated database of its own for every test, and accounts with little effort."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from app.accounts.models import AccountRow
from app.accounts.schemas import AccountIn
from app.accounts.scope import Scope
from app.accounts.service import ImportResult, import_accounts, lookup
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
from matchers.profile import AccountRef
from tests.engines import Place

SCOPE = Scope("default")


@pytest.fixture
def settings(tmp_path: Path, place: Place) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=place.url, citus=place.citus)


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    database = Database.of(settings)
    upgrade(database)
    yield database
    database.dispose()


class Put(Protocol):
    def __call__(self, *records: dict[str, Any]) -> ImportResult: ...


@pytest.fixture
def put(db: Database, settings: Settings) -> Put:
    """Import wire accounts; the platform is x where none is given."""

    def put_records(*records: dict[str, Any]) -> ImportResult:
        accounts = (AccountIn.model_validate({"platform": "x"} | record) for record in records)
        return import_accounts(db, settings, enumerate(accounts, start=1))

    return put_records


def find(db: Database, *, handle: str | None = None, account_id: str | None = None) -> AccountRow:
    with db.read() as session:
        return lookup(session, SCOPE, AccountRef("x", handle, account_id))


def hashes(seed: object, *, flips: int = 0) -> dict[str, Any]:
    """A made-up avatar; `flips` bits differ from the plain one of the same seed."""
    drawn = random.Random(str(seed))  # noqa: S311 - a fixed series is wanted
    whole, center = drawn.getrandbits(256), drawn.getrandbits(256)
    for bit in drawn.sample(range(256), flips):
        whole ^= 1 << bit
        center ^= 1 << bit
    return {"hashes": {"scheme": "cc1", "views": {"whole": f"{whole:064x}", "center": f"{center:064x}"}, "gate": 0.5}}
