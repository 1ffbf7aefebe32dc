"""The outcome ledger: steps in the order of their dates, once each, bound to a suspect and a channel."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.corpora import AccountIdentity
from app.accounts.scope import Scope
from app.problems import ConflictError, InvalidInputError, NotFoundError
from app.reports import ledger
from app.reports.ledger import Entry, Reported, Wanted
from app.reports.models import ReportEventRow, ReportRow
from app.storage import Database, utc_now
from app.storage.migrate import upgrade
from matchers.profile import Account, Handle, Subject
from tests.engines import Place

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SUBJECT = Subject(names=("Jane Doe",), handles=(Handle("janedoe", "x"),))
SUSPECT = Reported.of(SUBJECT, Account("x", "JaneD0e", account_id="11"))
FILED = Entry(SUSPECT, "web_form", "filed", MONDAY)


@pytest.fixture
def db(place: Place) -> Iterator[Database]:
    database = place.open()
    upgrade(database)
    yield database
    database.dispose()


def put(db: Database, entry: Entry, tenant: str = "local") -> ledger.Recorded:
    with db.write() as session:
        return ledger.record(session, Scope("default", tenant), entry)


def story(db: Database, report_id: str) -> list[tuple[str, int]]:
    """Status and day after Monday of each step."""
    with db.read() as session:
        return [(e.status, (e.at - MONDAY).days) for e in ledger.find_events(session, [report_id])[report_id]]


def status(db: Database, report_id: str) -> str:
    with db.read() as session:
        return ledger.find_report(session, "local", report_id).status


def test_a_suspect_and_a_channel_are_one_report(db: Database) -> None:
    first = put(db, FILED)
    assert (first.is_new, first.is_step) == (True, True)
    again = put(db, replace(FILED, at=MONDAY + DAY, reference="#5"))
    assert again == (first.report_id, False, False)
    with db.read() as session:
        row = ledger.find_report(session, "local", first.report_id)
        assert (row.reference, row.handle, row.account_ref) == ("#5", "JaneD0e", "id:11")
    others = [
        put(db, replace(FILED, channel="email")),
        put(db, replace(FILED, suspect=Reported.of(Subject(names=("Joe Doe",)), Account("x", "JaneD0e")))),
        put(db, FILED, tenant="other"),
    ]
    assert all(other.is_new for other in others)
    assert len({first.report_id, *(other.report_id for other in others)}) == 4


def test_steps_stand_in_the_order_of_their_dates(db: Database) -> None:
    report_id, *_ = put(db, FILED)
    with db.write() as session:
        assert ledger.append(session, "local", report_id, "removed", MONDAY + 5 * DAY)
        # Remembered late: it is not what the report is at now.
        assert ledger.append(session, "local", report_id, "acknowledged", MONDAY + DAY, "by mail")
    assert story(db, report_id) == [("filed", 0), ("acknowledged", 1), ("removed", 5)]
    assert status(db, report_id) == "removed"
    with db.write() as session:
        assert not ledger.append(session, "local", report_id, "removed", MONDAY + 6 * DAY)
        assert not ledger.append(session, "local", report_id, "removed", MONDAY + 4 * DAY)
        assert ledger.append(session, "local", report_id, "reappeared", MONDAY + 9 * DAY)
    refiled = put(db, replace(FILED, at=MONDAY + 10 * DAY))
    assert (refiled.report_id, refiled.is_new, refiled.is_step) == (report_id, False, True)
    assert status(db, report_id) == "filed"


def test_dates_in_the_future_and_endless_stories_are_refused(db: Database) -> None:
    with pytest.raises(InvalidInputError):
        put(db, replace(FILED, at=utc_now() + DAY))
    report_id, *_ = put(db, FILED)
    with pytest.raises(InvalidInputError), db.write() as session:
        ledger.append(session, "local", report_id, "removed", utc_now() + DAY)
    with db.write() as session:
        for number in range(1, ledger.MAX_EVENTS):
            ledger.append(
                session, "local", report_id, ("removed", "reappeared")[number % 2], MONDAY + number * DAY / 99
            )
    with pytest.raises(ConflictError), db.write() as session:
        ledger.append(session, "local", report_id, "refused", MONDAY + 2 * DAY)


def test_another_tenant_sees_nothing(db: Database) -> None:
    report_id, *_ = put(db, FILED)
    with db.write() as session, pytest.raises(NotFoundError):
        ledger.append(session, "other", report_id, "removed", MONDAY + DAY)
    with db.write() as session, pytest.raises(NotFoundError):
        ledger.erase_report(session, "other", report_id)
    with db.read() as session:
        assert ledger.list_reports(session, "other", Wanted(), 10) == []


def test_lists_are_filtered_and_go_on(db: Database) -> None:
    ids = [put(db, replace(FILED, channel=f"api.{number}")).report_id for number in range(5)]
    put(db, replace(FILED, suspect=replace(SUSPECT, platform="bluesky")))
    with db.read() as session:
        found = ledger.list_reports(session, "local", Wanted(platform="x"), 3)
        rest = ledger.list_reports(
            session, "local", Wanted(platform="x"), 3, before=(found[-1].created_at, found[-1].id)
        )
        assert {row.id for row in found} | {row.id for row in rest} == set(ids)
        assert len(found) + len(rest) == 5
        assert ledger.list_reports(session, "local", Wanted(status="removed"), 3) == []


def counts(db: Database) -> tuple[int, int]:
    with db.read() as session:
        tables = (ReportRow.id, ReportEventRow.report_id)
        reports, steps = (session.scalar(select(func.count(column))) or 0 for column in tables)
        return reports, steps


@pytest.mark.parametrize(
    ("identity", "gone"),
    [
        (AccountIdentity("x", handle_key="janed0e"), 1),
        (AccountIdentity("x", account_id="11"), 1),
        (AccountIdentity("x"), 0),
        (AccountIdentity("bluesky", account_id="11"), 0),
        (AccountIdentity("x", handle_key="janedoe"), 0),
    ],
)
def test_an_erased_account_leaves_no_report(db: Database, identity: AccountIdentity, gone: int) -> None:
    put(db, FILED)
    with db.write() as session:
        assert ledger.forget_reports_on(session, "local", identity) == gone
    assert counts(db) == (1 - gone, 1 - gone)


def test_reports_go_with_their_scan_and_their_subject_and_in_time(db: Database) -> None:
    put(db, replace(FILED, scan_id="scan"))
    put(db, replace(FILED, channel="email", subject_id="person"))
    put(db, replace(FILED, channel="api"))
    with db.write() as session:
        assert ledger.forget_reports_from(session, "local", ["scan", "none"]) == 1
        assert ledger.forget_reports_for(session, "local", "person", []) == 1
        assert ledger.purge_reports(session, utc_now() - DAY) == 0
        assert ledger.forget_reports_for(session, "local", "nobody", [SUSPECT.subject_key]) == 1
    put(db, FILED)
    with db.write() as session:
        assert ledger.purge_reports(session, utc_now() + DAY) == 1
    assert counts(db) == (0, 0)


def test_two_who_record_at_once_make_one_report(db: Database) -> None:
    found: list[ledger.Recorded] = []
    threads = [threading.Thread(target=lambda: found.append(put(db, FILED))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len({one.report_id for one in found}) == 1
    assert sum(one.is_new for one in found) == 1
    assert counts(db) == (1, 1)
