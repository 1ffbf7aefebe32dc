"""What is looked at of a large index, and what the service does by itself when it starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, select, update

from app.accounts.key_check import PAGE, SAMPLED_PAGES, Findings, check_keys
from app.accounts.key_rebuild import count_outdated
from app.accounts.keyed_rows import ACCOUNTS
from app.accounts.models import AccountKeyRow, AccountRow, KeyCountRow
from app.care import rebuild_at_start
from app.main import create_app
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
from tests.accounts.conftest import Put
from tests.accounts.test_key_care import CROWD, _counts, _pairs, _run, _spoil_keys
from tests.accounts.test_plans import recorded


@pytest.mark.slow
def test_a_sample_of_a_large_index_finds_what_is_wrong_in_much_of_it(db: Database, put: Put) -> None:
    rows = PAGE * SAMPLED_PAGES + 500
    put(*({"handle": f"h{n}", "display_name": f"Name{n % 300}"} for n in range(rows)))

    def sample(seed: int) -> Findings:
        return check_keys(db, ACCOUNTS, everything=False, seed=seed)

    whole = sample(1)
    assert whole.tell() == []
    assert PAGE <= whole.checked < whole.rows == rows
    with db.read() as session:
        last = session.scalar(select(func.max(AccountRow.id))) or 0
    # A quarter of the rows lie together and have lost a key each; all counts are wrong.
    quarter = AccountKeyRow.account > last - rows // 4
    firsts = select(func.min(AccountKeyRow.key)).where(quarter).group_by(AccountKeyRow.account)
    _run(db, delete(AccountKeyRow).where(quarter, AccountKeyRow.key.in_(firsts)))
    _run(db, update(KeyCountRow).values(accounts=KeyCountRow.accounts + 1))
    found = [sample(seed) for seed in range(4)]
    for one in found:
        assert 0 < sum(map(len, one.wrong.values())) <= rows // 4
        assert one.checked < rows
        assert one.lost == []
    assert any(one.miscounted for one in found)
    assert sample(3).wrong == found[3].wrong


def test_the_service_rebuilds_few_keys_when_it_starts(db: Database, settings: Settings, put: Put) -> None:
    put(*CROWD)
    pairs, counts = _pairs(db), _counts(db)
    _spoil_keys(db)
    with TestClient(create_app(settings)):
        assert count_outdated(db, ACCOUNTS) == 0
    assert (_pairs(db), _counts(db)) == (pairs, counts)


def test_many_keys_are_left_to_whoever_asks(db: Database, put: Put, caplog: pytest.LogCaptureFixture) -> None:
    put(*CROWD)
    _spoil_keys(db)
    rebuild_at_start(db, most=39)
    assert count_outdated(db, ACCOUNTS) == 40
    assert "keys of 40 accounts are of another version and find less: run `clonecheck index rebuild`" in caplog.text
    rebuild_at_start(db, most=40)
    assert count_outdated(db, ACCOUNTS) == 0


def test_a_start_does_not_read_all_accounts(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    upgrade(database)
    with database.read() as session, recorded(database.engine) as statements:
        assert ACCOUNTS.count_outdated(session) == 0
        counted, connection = list(statements), session.connection()
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in counted]
    database.dispose()
    steps = [row[3] for plan in plans for row in plan]
    assert len(steps) == 2
    assert all(step.startswith("SEARCH accounts USING COVERING INDEX ix_accounts_key_version") for step in steps)
