"""What asking the sources costs, in the short form of `python -m benchmarks.sources`: requests, pictures, memory."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from benchmarks.people import Legislator, load_people
from benchmarks.source_memory import Growth, measure_memory
from benchmarks.source_pictures import measure_pictures
from benchmarks.source_scans import Count, count_calls
from benchmarks.source_servers import SOURCES, Platforms, choose_people, run_platforms
from tests.servers.counting import open_door
from tests.servers.nostr import ask_relay

pytestmark = [pytest.mark.slow, pytest.mark.data]


@dataclass(frozen=True, slots=True)
class World:
    """The servers, people who have copies there, and people who have none."""

    platforms: Platforms
    copied: Sequence[Legislator]
    others: Sequence[Legislator]


@pytest.fixture(scope="module")
def world(data_dir: Path) -> Iterator[World]:
    people = choose_people(load_people(data_dir), 12)
    with run_platforms(people[:3]) as platforms:
        yield World(platforms, people[:3], people[3:])


@pytest.fixture(scope="module", params=[True, False], ids=["copied", "alone"])
def asked(world: World, request: pytest.FixtureRequest) -> tuple[bool, dict[str, Count]]:
    """Whether the person has copies, and what asking for that person came to."""
    who = (world.copied if request.param else world.others)[0]
    return request.param, count_calls(who, world.platforms)


def test_every_request_that_a_server_hears_is_counted(asked: tuple[bool, dict[str, Count]]) -> None:
    _, counts = asked
    exact = [source for source in SOURCES if source != "mastodon"]
    assert [counts[source].heard for source in exact] == [counts[source].ours for source in exact]
    # What is sent on a connection that snac has just dropped is counted here, and may not be heard there.
    assert counts["mastodon"].heard <= counts["mastodon"].ours <= counts["mastodon"].planned * 1.2


def test_requests_are_those_of_the_plan(asked: tuple[bool, dict[str, Count]]) -> None:
    _, counts = asked
    assert [counts[source].status for source in SOURCES] == ["ok"] * len(SOURCES)
    assert [counts[source].handles for source in SOURCES] == [40, 40, 40, 0]
    exact = [source for source in SOURCES if source != "mastodon"]
    assert [counts[source].heard for source in exact] == [counts[source].planned for source in exact]
    # snac drops kept connections now and then; the request is then sent again, and counted again.
    assert counts["mastodon"].planned <= counts["mastodon"].heard <= counts["mastodon"].planned * 1.2
    assert all(count.heard <= count.at_most for count in counts.values())


def test_copies_are_found_where_there_are_some(asked: tuple[bool, dict[str, Count]]) -> None:
    copied, counts = asked
    assert [counts[source].told > 0 for source in SOURCES] == [copied] * len(SOURCES)


def test_pictures_are_fetched_and_compared_within_a_second_or_so(data_dir: Path) -> None:
    small, large = measure_pictures(load_people(data_dir)[:20], runs=1)
    assert (small.side, small.pictures, large.side, large.pictures) == (400, 20, 1000, 20)
    # A tenth of the pictures that `benchmarks.sources` wants in 3 seconds, and patience for a machine that is busy.
    assert small.median < 3.0


def test_memory_does_not_grow_grossly(world: World) -> None:
    grown = measure_memory([*world.copied, *world.others], world.platforms, scans=30, warm_up=12)
    assert len(grown.own.readings) == len(grown.mapped.readings) == 31
    # What is kept for later scans fills up in the first hundreds; a picture or a reply kept a scan would show here.
    assert grown.own.readings[-1] - grown.own.readings[0] < 25


def test_the_slope_is_that_of_the_line() -> None:
    grown = Growth(tuple(100 + at / 1024 for at in range(50)))
    assert grown.slope == pytest.approx(1.0)
    assert grown.error == pytest.approx(0.0, abs=1e-6)
    assert grown.half(1).readings[0] == grown.readings[25]


def test_a_door_notes_what_comes_through_and_changes_nothing(world: World, client: httpx2.Client) -> None:
    url = world.platforms.addresses["nostr"][0]
    with open_door(url) as door:
        address = f"http://{door.host}/"
        told = client.get(address, headers={"Accept": "application/nostr+json"}).json()
        found = ask_relay(door.url, {"kinds": [0], "search": world.copied[0].name})
        assert door.asked == ["/", "/"]
    assert 50 in told["supported_nips"]
    assert found == ask_relay(url, {"kinds": [0], "search": world.copied[0].name})
    with pytest.raises(httpx2.TransportError):
        client.get(address)
    assert urlsplit(door.url).hostname == "127.0.0.1"


def test_a_door_may_keep_a_request_waiting(world: World, client: httpx2.Client) -> None:
    with open_door(world.platforms.addresses["matrix"][0], delay=0.3) as door:
        start = time.perf_counter()
        client.get(f"{door.url}/_matrix/client/versions").raise_for_status()
        assert time.perf_counter() - start >= 0.3
