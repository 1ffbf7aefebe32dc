"""What a ledger says of platforms: filings counted one by one, medians and shares only of enough of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.scope import Scope
from app.reports import ledger
from app.reports.ledger import Entry, Reported, Status, Wanted
from app.reports.statistics import MINIMUM, PlatformStatistics, count_outcomes, split_filings, typical
from app.storage import Database
from app.storage.migrate import upgrade
from tests.engines import Place

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
EVERYTHING = Wanted()
Story = Sequence[tuple[Status, float]]


@pytest.fixture
def db(place: Place) -> Iterator[Database]:
    database = place.open()
    upgrade(database)
    yield database
    database.dispose()


def tell(db: Database, platform: str, *stories: Story, channel: str = "web_form") -> None:
    with db.write() as session:
        for number, story in enumerate(stories):
            suspect = Reported("subject", platform, account_id=f"{channel}{number}")
            for status, days in story:
                ledger.record(session, Scope("default"), Entry(suspect, channel, status, MONDAY + timedelta(days=days)))


def count(db: Database, wanted: Wanted = EVERYTHING, since: datetime | None = None) -> dict[str, PlatformStatistics]:
    with db.read() as session:
        return {one.platform: one for one in count_outcomes(session, "local", wanted, since)}


def test_filings_are_counted_by_platform(db: Database) -> None:
    tell(
        db,
        "x",
        [("filed", 0), ("acknowledged", 0.5), ("removed", 2)],
        [("filed", 0), ("acknowledged", 1), ("refused", 3)],
        [("filed", 1), ("removed", 5), ("reappeared", 6), ("filed", 7), ("removed", 8)],
        [("filed", 0)],
        [("removed", 4)],
    )
    tell(db, "bluesky", [("filed", 0), ("removed", 1)])
    found = count(db)
    assert list(found) == ["x", "bluesky"]
    x = found["x"]
    assert (x.filings, x.open, x.acknowledged, x.removed, x.refused, x.reappeared) == (6, 1, 2, 4, 1, 1)
    # Of the one without a date of filing no time is known.
    assert sorted(x.days_to_removal) == [1, 2, 4]
    assert sorted(x.days_to_acknowledgement) == [0.5, 1]
    assert x.share(x.removed) == 0.667
    assert typical(x.days_to_removal) is None
    assert found["bluesky"].share(1) is None


def test_medians_need_enough_cases(db: Database) -> None:
    days = [1.0, 2.0, 3.0, 10.0, 30.0]
    stories: list[Story] = [[("filed", 0.0), ("removed", day)] for day in days]
    tell(db, "x", *stories[: MINIMUM - 1])
    assert typical(count(db)["x"].days_to_removal) is None
    tell(db, "x", stories[-1], channel="email")
    assert typical(count(db)["x"].days_to_removal) == 3.0
    assert count(db, Wanted(channel="email"))["x"].filings == 1
    assert count(db, Wanted(platform="bluesky")) == {}
    with db.read() as session:
        assert count_outcomes(session, "other", Wanted()) == []


def test_earlier_filings_can_be_left_out(db: Database) -> None:
    tell(db, "x", [("filed", 0), ("removed", 1), ("filed", 10)], [("removed", 3)])
    assert count(db, since=MONDAY + timedelta(days=5))["x"].filings == 1
    assert count(db, since=MONDAY + timedelta(days=50)) == {}


def test_the_first_answer_counts_and_a_late_removal_ends_a_refusal() -> None:
    steps = [("filed", 0), ("acknowledged", 1), ("refused", 2), ("acknowledged", 3), ("removed", 4)]
    (filing,) = split_filings((status, MONDAY + timedelta(days=day)) for status, day in steps)
    assert filing.acknowledged_at == MONDAY + timedelta(days=1)
    assert filing.refused
    assert not filing.is_open
    assert list(split_filings([])) == []
