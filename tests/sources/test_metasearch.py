from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.net.budget import Budget
from app.settings import Settings
from app.sources import brave, searxng
from app.sources.contract import Gathered, Plan
from app.sources.gathering import Gatherer
from app.sources.metasearch import LIMITS, SITES, read_hits, write_query
from matchers.profile import Subject
from tests.sources.examples import Exchange, Replay, load_examples, replay_net
from tests.sources.examples.brave import PATH
from tests.sources.examples.brave import found as brave_found
from tests.sources.examples.searxng import HITS
from tests.sources.examples.searxng import found as searx_found

CONNECT = {"brave": brave.connect, "searxng": searxng.connect}


def _gather(name: str, exchange: Exchange, money: float = 0.0) -> tuple[Gathered, Replay]:
    transport = Replay((exchange,))
    net = replay_net(transport)
    source = Gatherer(CONNECT[name](Settings(**load_examples(name).settings)), net)
    plan = Plan(Subject(names=("Marie Okafor",)), 20, Budget(100, 20.0, money))
    gathered = asyncio.run(source.gather(plan))
    net.close()
    return gathered, transport


@pytest.mark.parametrize(
    ("platform", "page", "title", "handle", "name"),
    [
        ("instagram", "www.instagram.com/marie/", "Marie Okafor (@marie) • Instagram", "marie", "Marie Okafor"),
        ("instagram", "www.instagram.com/marie?hl=de", "Marie | Instagram", "marie", "Marie"),
        ("tiktok", "www.tiktok.com/@marie", "Marie Okafor (@marie) | TikTok", "marie", "Marie Okafor"),
        ("tiktok", "www.tiktok.com/@marie/video/7", "Cats dancing | TikTok", "marie", None),
        ("facebook", "de-de.facebook.com/marie.okafor", "Marie Okafor | Facebook", "marie.okafor", "Marie Okafor"),
        ("linkedin", "uk.linkedin.com/in/marie", "Marie <b>Okafor</b> – Lagos | X", "marie", "Marie Okafor"),
        ("linkedin", "www.linkedin.com/in/marie", "Ann-Marie O&#39;Ka | LinkedIn", "marie", "Ann-Marie O'Ka"),
    ],
)  # fmt: skip
def test_a_hit_is_read(platform: str, page: str, title: str, handle: str, name: str | None) -> None:
    (sighting,) = read_hits(platform, [{"url": f"https://{page}", "title": title}], "url", "title")
    assert (sighting.account.platform, sighting.account.handle) == (platform, handle)
    assert (sighting.account.display_name, sighting.picture) == (name, None)
    assert sighting.account.bio is None


@pytest.mark.parametrize(
    "url",
    [
        "https://www.instagram.com/p/Cabc/",
        "https://www.instagram.com.evil.example/marie",
        "https://www.linkedin.com/company/okafor",
        "https://www.linkedin.com/pulse/an-article",
        "javascript:alert(1)",
        "",
    ],
)
@pytest.mark.parametrize("platform", SITES)
def test_what_is_no_profile_there_is_left_out(platform: str, url: str) -> None:
    hits = read_hits(platform, [{"url": url, "title": "Marie"}], "url", "title")
    assert [one.account.handle for one in hits if one.account.platform != platform] == []
    assert hits == ()


@pytest.mark.parametrize("pages", [("", "/recent-activity/"), ("/recent-activity/", "")])
def test_two_pages_of_an_account_are_one(pages: tuple[str, str]) -> None:
    titles = {"": "Marie Okafor | LinkedIn", "/recent-activity/": "Activity"}
    hits = [{"url": f"https://www.linkedin.com/in/marie{page}", "title": titles[page]} for page in pages]
    (sighting,) = read_hits("linkedin", hits, "url", "title")
    assert sighting.account.display_name == "Marie Okafor"


def test_a_name_cannot_leave_its_quotation_marks() -> None:
    assert write_query("tiktok", 'a" site:evil.example "b') == '"a site:evil.example b" site:tiktok.com'


@pytest.mark.parametrize("name", ["brave", "searxng"])
def test_each_closed_platform_is_searched_and_its_limits_are_told(name: str) -> None:
    exchange = (
        Exchange(PATH, brave_found(HITS, more=False)) if name == "brave" else Exchange("/search", searx_found(HITS, []))
    )
    gathered, transport = _gather(name, exchange, money=1.0)
    asked = {request.url.params["q"].rpartition("site:")[2] for request in transport.requests}
    assert asked == set(SITES.values())
    assert gathered.status == "partial"
    assert LIMITS in (gathered.detail or "")


def test_engines_that_did_not_answer_are_unknown_and_never_clean() -> None:
    gathered, _ = _gather("searxng", Exchange("/search", searx_found([], [["one", "timeout"], ["two", "captcha"]])))
    assert gathered.status == "unknown"
    gathered, _ = _gather("searxng", Exchange("/search", searx_found(HITS, [["two", "captcha"]])))
    assert gathered.status == "partial"
    assert "did not answer" in (gathered.detail or "")


def test_a_server_that_gives_no_json_says_how_to_change_that() -> None:
    gathered, _ = _gather("searxng", Exchange("/search", b"<html>Forbidden", status=403))
    assert gathered.status == "unknown"
    assert "search.formats" in (gathered.detail or "")


@pytest.mark.parametrize(("money", "calls"), [(0.0, 0), (0.004, 0), (0.02, 4), (0.041, 8), (1.0, 8)])
def test_brave_is_never_asked_beyond_the_budget(money: float, calls: int) -> None:
    gathered, transport = _gather("brave", Exchange(PATH, brave_found(HITS, more=True)), money)
    assert len(transport.requests) == calls
    assert gathered.cost == pytest.approx(calls * 0.005)


@pytest.mark.parametrize("settings", [{"brave_key": "secret-key"}])
def test_the_key_is_in_no_repr_and_no_address(settings: dict[str, Any]) -> None:
    remote = brave.connect(Settings(**settings))
    assert "secret-key" not in repr(Settings(**settings)) + repr(remote)
    _, transport = _gather("brave", Exchange(PATH, brave_found([], more=False)), 1.0)
    assert all("key-of" not in str(request.url) for request in transport.requests)
