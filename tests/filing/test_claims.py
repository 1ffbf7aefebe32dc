"""One report an account and channel, on every engine, whoever comes at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.scope import Scope
from app.reports.filing.claims import KEPT, PATIENCE, Claims, Filing
from app.reports.filing.models import FilingRow
from app.storage import Database, utc_now
from app.storage.migrate import upgrade
from matchers.profile import Account
from tests.engines import Place

ACCOUNT = Account(platform="bluesky", handle="adaezebrandvo1d.bsky.social", account_id="did:plc:" + "a" * 24)
BY_HANDLE = Account(platform="bluesky", handle="AdaezeBrandvo1d.bsky.social")
CHANNEL = "bluesky-api"


@pytest.fixture
def database(place: Place) -> Iterator[Database]:
    database = place.open()
    upgrade(database)
    yield database
    database.dispose()


def _claim(database: Database, account: Account = ACCOUNT, *, again: bool = False) -> tuple[Filing, bool]:
    with database.write() as session:
        return Claims(Scope("default")).claim(session, account, CHANNEL, "f" * 64, again=again)


def test_of_many_at_once_one_may_send(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: _claim(database), range(16)))
    assert [ours for _, ours in got].count(True) == 1
    assert len({filing.id for filing, _ in got}) == 1


def test_an_account_is_known_by_its_id_and_by_its_handle_and_channels_apart(database: Database) -> None:
    filing, _ = _claim(database)
    assert _claim(database, BY_HANDLE) == (filing, False)
    renamed = replace(ACCOUNT, handle="x.test")
    assert _claim(database, renamed) == (filing, False)
    with database.write() as session:
        assert Claims(Scope("default")).find(session, ACCOUNT, "another-api") is None
        assert Claims(Scope("other")).find(session, ACCOUNT, CHANNEL) is None


def test_a_handle_that_another_account_has_taken_over_is_reported_anew(database: Database) -> None:
    filing, _ = _claim(database)
    heir = replace(ACCOUNT, account_id="did:plc:" + "b" * 24)
    with database.read() as session:
        assert Claims(Scope("default")).find(session, heir, CHANNEL) is None
    fresh, ours = _claim(database, heir)
    assert (ours, fresh.id == filing.id) == (True, False)
    assert _claim(database, BY_HANDLE) == (fresh, False)
    assert _claim(database, ACCOUNT) == (filing, False), "under its id the former one is known as before"


def test_a_report_by_handle_alone_counts_for_whoever_has_it(database: Database) -> None:
    filing, _ = _claim(database, BY_HANDLE)
    assert _claim(database) == (filing, False)


def test_ids_of_federated_servers_tell_no_accounts_apart(database: Database) -> None:
    account = Account(platform="mastodon", handle="adaezebrandvo1d@m.example", account_id="109")
    filing, _ = _claim(database, account)
    assert _claim(database, replace(account, account_id="7")) == (filing, False)


def test_an_unclear_one_is_claimed_again_by_one_alone(database: Database) -> None:
    filing, _ = _claim(database)
    claims = Claims(Scope("default"))
    with database.write() as session:
        claims.settle(session, filing, "unclear")
    assert _claim(database)[1] is False
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: _claim(database, again=True), range(8)))
    assert [ours for _, ours in got].count(True) == 1
    fresh = next(one for one, ours in got if ours)
    with database.write() as session:
        claims.settle(session, fresh, "filed", "7")
    settled, ours = _claim(database, again=True)
    assert (settled.state, settled.receipt, ours) == ("filed", "7", False)


def test_a_claim_that_nobody_settled_is_unclear_after_a_while_and_all_end_in_a_year(database: Database) -> None:
    _claim(database)
    for age, state in ((timedelta(seconds=1), "sending"), (PATIENCE + timedelta(seconds=1), "unclear")):
        with database.write() as session:
            session.execute(update(FilingRow).values(began_at=utc_now() - age))
        assert _claim(database)[0].state == state
    with database.write() as session:
        session.execute(update(FilingRow).values(expires_at=utc_now()))
        assert Claims(Scope("default")).find(session, ACCOUNT, CHANNEL) is None
    assert _claim(database)[1] is True
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(FilingRow)) == 2
        assert min(session.scalars(select(FilingRow.expires_at))) > utc_now() + KEPT - timedelta(minutes=1)


def test_what_was_refused_is_let_go(database: Database) -> None:
    filing, _ = _claim(database)
    with database.write() as session:
        Claims(Scope("default")).release(session, filing)
    assert _claim(database)[1] is True
