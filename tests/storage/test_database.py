"""Sessions: what is written stays, what fails leaves nothing, moments keep their zone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text

from app.storage import Database, Timestamp, new_id


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'test.db'}")
    with database.write() as session:
        session.execute(text("CREATE TABLE counted (n INTEGER)"))
        session.execute(text("INSERT INTO counted VALUES (0)"))
    yield database
    database.dispose()


def _count(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT n FROM counted")).scalar_one())


def test_an_exception_rolls_back(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.execute(text("UPDATE counted SET n = 7"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert _count(database) == 0


def test_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    def work() -> None:
        for _ in range(25):
            with database.write() as session:
                seen = session.execute(text("SELECT n FROM counted")).scalar_one()
                session.execute(text("UPDATE counted SET n = :n"), {"n": seen + 1})

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _count(database) == 100


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE counted SET n = 5"))
        assert _count(database) == 0
    assert _count(database) == 5


def test_moments_are_stored_in_utc_and_come_back_aware() -> None:
    column = Timestamp()
    dialect = None
    there = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    stored = column.process_bind_param(there, dialect)  # type: ignore[arg-type]
    assert stored == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert column.process_result_value(datetime(2026, 1, 1, 10), dialect) == there  # type: ignore[arg-type]  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        column.process_bind_param(datetime(2026, 1, 1), dialect)  # type: ignore[arg-type]  # noqa: DTZ001


def test_identifiers_are_random_and_safe_in_a_url() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(i) == 20 and i.replace("-", "").replace("_", "").isalnum() for i in ids)
