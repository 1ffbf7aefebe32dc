"""Sessions: what is written stays, what fails leaves nothing, moments keep their zone."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.storage import Database, Timestamp, new_id
from app.storage.engines import UNBOUNDED


@pytest.fixture(autouse=True)
def counted(database: Database) -> None:
    with database.write() as session:
        session.execute(text("CREATE TABLE counted (n INTEGER)"))
        session.execute(text("INSERT INTO counted VALUES (0)"))


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
    lock = "" if database.is_sqlite else " FOR UPDATE"

    def work() -> None:
        for _ in range(25):
            with database.write() as session:
                seen = session.execute(text(f"SELECT n FROM counted{lock}")).scalar_one()  # noqa: S608
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


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as session:
        before = session.execute(text("SELECT n FROM counted")).scalar_one()
        with database.write() as other:
            other.execute(text("UPDATE counted SET n = n + 1"))
        assert session.execute(text("SELECT n FROM counted")).scalar_one() == before
    assert _count(database) == before + 1


# Some ten seconds of work on either engine, none of which waits for anything.
ENDLESS = """
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000000)
    SELECT count(*) FROM numbers
"""


def test_no_statement_exceeds_its_time(url: str) -> None:
    database = Database(url, query_seconds=0.3)
    start = time.monotonic()
    with database.read() as session, pytest.raises(OperationalError):
        session.execute(text(ENDLESS)).scalar_one()
    assert time.monotonic() - start < 5
    # The connection is as good as before, and the time of a statement is its own.
    with database.write() as session:
        for _ in range(4):
            time.sleep(0.1)
            session.execute(text("UPDATE counted SET n = n + 1"))
    assert _count(database) == 4
    database.dispose()


def test_a_migration_may_take_longer(url: str) -> None:
    database = Database(url, query_seconds=0.05)
    some = ENDLESS.replace("1000000000", "2000000")
    with pytest.raises(OperationalError), database.read() as session:
        session.execute(text(some))
    with database.engine.execution_options(**{UNBOUNDED: True}).begin() as connection:
        assert connection.execute(text(some)).scalar_one() == 2_000_000
    database.dispose()


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
