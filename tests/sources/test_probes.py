"""Probes: every site's rule, the trial before it is used, and what must never pass for "no such account"."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import httpx2
import pytest

from app.net.budget import Budget, Ledger
from app.net.errors import NetError
from app.settings import Settings
from app.sources import probes
from app.sources.contract import Answer, Candidate, Plan
from app.sources.gathering import Gatherer
from app.sources.probe_rules import Rule, load_rules, read_page
from app.sources.probes import Probe
from matchers.profile import Handle, Subject
from tests.sources.examples import replay_net
from tests.sources.examples.probes import user
from tests.sources.test_contract import JUNK, _spoil

RULES = {rule.platform: rule for rule in load_rules()}
MARIE = "marieokafor"
PICTURE = "https://pictures.example/a.jpg"
ABSENT_PAGE = b'<head><meta property="og:title" content="Telegram: Contact @nobody">' + (
    b'<meta property="al:ios:url" content="tg://resolve?domain=nobody"></head>'
)


def telegram_page(name: str) -> bytes:
    told = {
        "og:title": "Marie Okafor",
        "og:image": PICTURE,
        "og:description": "Marine biologist",
        "al:ios:url": f"tg://resolve?domain={name}",
    }
    metas = "".join(f'<meta property="{name}" content="{text}">' for name, text in told.items())
    return f"<!doctype html><head><title>Telegram: Contact @{name}</title>{metas}</head>".encode()


@dataclass(frozen=True)
class Case:
    """What a site answers about somebody and about nobody, and what must be read of the former."""

    found: Callable[[str], Any]
    absent: Any = field(default_factory=dict)
    status: int = 404
    told: Mapping[str, Any] = field(default_factory=lambda: {"display_name": "Marie Okafor"})
    picture: str | None = PICTURE


CASES: dict[str, Case] = {
    "keybase": Case(
        lambda name: {"them": [user(name)]}, {"them": [None]}, 200, picture=user("a")["pictures"]["primary"]["url"]
    ),
    "telegram": Case(telegram_page, ABSENT_PAGE, 200, {"display_name": "Marie Okafor", "bio": "Marine biologist"}),
    "pinterest": Case(
        lambda name: {
            "type": "rich", "author_name": "Marie Okafor", "author_url": f"https://www.pinterest.com/{name}/",
            "thumbnail_url": PICTURE,
        }
    ),
    "soundcloud": Case(
        lambda name: {
            "version": 1.0, "type": "rich", "author_name": "Marie Okafor", "description": "Marine biologist",
            "author_url": f"https://soundcloud.com/{name}", "thumbnail_url": PICTURE,
        },
        told={"display_name": "Marie Okafor", "bio": "Marine biologist"},
    ),
    "wikipedia": Case(
        lambda name: {"query": {"users": [{"userid": 7, "name": name[:1].upper() + name[1:], "editcount": 0}]}},
        {"query": {"users": [{"name": "Nobody", "missing": True}]}},
        200,
        {"account_id": "7", "posts": 0, "handle": "Marieokafor"},
        None,
    ),
    "wordpress_com": Case(
        lambda name: {
            "ID": 7, "name": "Marie Okafor", "description": "Marine &amp; more", "icon": {"img": PICTURE},
            "URL": f"https://{name}.wordpress.com",
        },
        {"error": "unknown_blog", "message": "Unknown blog"},
        told={"account_id": "7", "display_name": "Marie Okafor", "bio": "Marine & more"},
    ),
    "devto": Case(
        lambda name: {"type_of": "user", "id": 7, "username": name, "name": "Marie Okafor", "summary": None,
                      "profile_image": PICTURE, "website_url": ""},
    ),
    "hackernews": Case(
        lambda name: {"id": name, "about": "Marine<p>biologist", "created": 1709633472, "karma": 1}, None, 200,
        {"bio": "Marine\n\nbiologist"}, None,
    ),
    "codeberg": Case(
        lambda name: {"id": 7, "login": name, "full_name": "Marie Okafor", "avatar_url": PICTURE, "followers_count": 0},
        told={"display_name": "Marie Okafor", "followers": 0},
    ),
    "lichess": Case(
        lambda name: {"id": name, "username": name, "createdAt": 1290415680000,
                      "profile": {"realName": "Marie Okafor", "bio": "Marine biologist"}},
        {"id": "nobody", "disabled": True}, 200, picture=None,
    ),
    "chess.com": Case(
        lambda name: {"player_id": 7, "username": name, "name": "Marie Okafor", "avatar": PICTURE, "status": "premium",
                      "joined": 1709633472, "followers": 2},
        told={"display_name": "Marie Okafor", "followers": 2},
    ),
    "huggingface": Case(
        lambda name: {"_id": "a7", "user": name, "fullname": "Marie Okafor", "avatarUrl": PICTURE, "numFollowers": 1}
    ),
    "codeforces": Case(
        lambda name: {"status": "OK", "result": [{"handle": name, "titlePhoto": PICTURE, "friendOfCount": 3}]},
        {"status": "FAILED", "comment": "handles: User with handle nobody not found"}, 400, {"followers": 3},
    ),
    "mixcloud": Case(
        lambda name: {"key": f"/{name}/", "username": name, "name": "Marie Okafor", "biog": "Marine biologist",
                      "pictures": {"640wx640h": PICTURE}, "cloudcast_count": 0},
        told={"display_name": "Marie Okafor", "bio": "Marine biologist", "posts": 0},
    ),
    "launchpad": Case(lambda name: {"name": name, "display_name": "Marie Okafor"}, b"not JSON", picture=None),
    "codewars": Case(
        lambda name: {"id": "a7", "username": name, "name": "Marie Okafor"}, {"success": False}, picture=None
    ),
}  # fmt: skip


_HOST = re.compile(r"https?://[^/]+")


class Site(httpx2.MockTransport):
    """A site with the known account and that of `holders`; `override` answers for a name, or raises."""

    def __init__(
        self, rule: Rule, holders: tuple[str, ...] = (MARIE,), override: Mapping[str, httpx2.Response] | None = None
    ) -> None:
        self.asked: list[str] = []
        case = CASES[rule.platform]

        def handle(request: httpx2.Request) -> httpx2.Response:
            asked = _HOST.sub("", unquote_plus(str(request.url)))
            self.asked.append(asked)
            if request.url.host == "accounts.example":
                return httpx2.Response(200)
            if request.url.path == "/robots.txt":
                return (override or {}).get("robots", httpx2.Response(404))
            for name, reply in (override or {}).items():
                if name in asked:
                    return reply
            holder = next((name for name in (*holders, rule.known) if re.search(rf"\b{name}\b", asked)), None)
            return _reply(200, case.found(holder)) if holder else _reply(case.status, case.absent)

        super().__init__(handle)


def _reply(status: int, body: Any) -> httpx2.Response:
    return httpx2.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())


def ask_site(rule: Rule, site: httpx2.BaseTransport, *handles: str, calls: int = 50, sites: int = 1) -> Answer:
    net = replay_net(site)
    try:
        return Probe(rule, 0, sites).lookup(handles, net.asker(Ledger(Budget(calls, 10.0))))
    finally:
        net.close()


def test_every_site_has_a_case() -> None:
    assert CASES.keys() == RULES.keys()
    assert len(RULES) >= 15


@pytest.mark.parametrize("platform", RULES)
def test_a_rule_knows_its_own_known_account_and_a_random_name(platform: str) -> None:
    rule = RULES[platform]
    assert rule.spell(rule.known) == rule.known
    assert rule.spell("q" * probes.RANDOM_LETTERS) is not None
    assert rule.spell("a/../b?c") is None
    assert rule.spell("\u0430\u043d\u043d\u0430 \n") is None or platform == "wikipedia"


@pytest.mark.parametrize("platform", RULES)
def test_an_account_is_read_and_an_absent_one_is_not_made_up(platform: str) -> None:
    rule, case = RULES[platform], CASES[platform]
    answer = ask_site(rule, Site(rule), MARIE, "nobodyhere")
    assert (answer.status, answer.detail) == ("ok", None)
    [sighting] = answer.sightings
    account = sighting.account
    assert account.platform == platform
    told = {"handle": MARIE, **case.told}
    assert {name: getattr(account, name) for name in told} == told
    assert (sighting.picture and sighting.picture.url) == case.picture
    assert account.profile_url is not None
    assert MARIE in account.profile_url.lower()


@pytest.mark.parametrize("platform", RULES)
def test_a_site_that_says_yes_to_everybody_is_not_believed(platform: str) -> None:
    rule, case = RULES[platform], CASES[platform]

    def parrot(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/robots.txt":
            return httpx2.Response(404)
        return _reply(200, case.found(rule.known))

    answer = ask_site(rule, httpx2.MockTransport(parrot), MARIE)
    assert answer.sightings == ()
    assert answer.status == "unknown"


@pytest.mark.parametrize("platform", RULES)
def test_a_site_that_says_no_to_everybody_is_not_believed(platform: str) -> None:
    rule, case = RULES[platform], CASES[platform]
    no = httpx2.MockTransport(lambda _: _reply(case.status, case.absent))
    if rule.robots:
        no = httpx2.MockTransport(
            lambda request: _reply(404, b"") if request.url.path == "/robots.txt" else _reply(case.status, case.absent)
        )
    answer = ask_site(rule, no, MARIE)
    assert (answer.sightings, answer.status) == ((), "unknown")


WALLS = {
    "forbidden": httpx2.Response(403),
    "limited": httpx2.Response(429),
    "broken": httpx2.Response(500),
    "unavailable": httpx2.Response(503),
    "login": httpx2.Response(302, headers={"Location": "/login?next=x"}),
    "elsewhere": httpx2.Response(302, headers={"Location": "https://accounts.example/"}),
    "page": httpx2.Response(200, content=b"<html><body>Complete the CAPTCHA to go on</body></html>"),
    "nothing": httpx2.Response(200),
}


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("platform", RULES)
def test_a_wall_is_unknown_and_never_absent(platform: str, wall: str) -> None:
    rule = RULES[platform]
    # The page behind a redirect looks like an account; it must not be taken for one.
    follow = {"/login": _reply(200, CASES[platform].found(MARIE))}
    answer = ask_site(rule, Site(rule, (), {**follow, MARIE: WALLS[wall]}),
                      MARIE)  # fmt: skip
    assert answer.sightings == ()
    assert answer.status in {"partial", "rate_limited"}
    assert answer.detail


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("platform", RULES)
def test_a_wall_in_the_trial_stops_the_site(platform: str, wall: str) -> None:
    rule = RULES[platform]
    with pytest.raises(NetError):
        ask_site(rule, Site(rule, override={rule.known: WALLS[wall]}), MARIE)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("platform", RULES)
def test_no_reply_breaks_a_rule(platform: str, junk: Any) -> None:
    rule, case = RULES[platform], CASES[platform]
    found = case.found(MARIE)
    if isinstance(found, bytes):
        found = json.loads(json.dumps(read_page(found.decode())))
        bodies = [
            "".join(f'<meta property="{name}" content="{text}">' for name, text in spoilt.items()).encode(
                "utf-8", "replace"
            )
            for spoilt in _spoil(found, junk)
            if isinstance(spoilt, dict)
        ]
    else:
        bodies = [json.dumps(spoilt).encode() for spoilt in _spoil(found, junk)]
    current = {MARIE: httpx2.Response(200)}
    net = replay_net(Site(rule, (), current))
    for body in bodies:
        current[MARIE] = httpx2.Response(200, content=body)
        answer = Probe(rule).lookup((MARIE,), net.asker(Ledger(Budget(50, 10.0))))
        assert all(one.account.handle.lower() == MARIE for one in answer.sightings if one.account.handle)
    net.close()


@pytest.mark.parametrize("body", [b"", b"\xff" * 50, b"[" * 100_000, b"<head" * 5_000, b"<meta content=>", b"null"])
@pytest.mark.parametrize("platform", ["keybase", "telegram"])
def test_what_is_no_reply_is_unknown(platform: str, body: bytes) -> None:
    rule = RULES[platform]
    answer = ask_site(rule, Site(rule, (), {MARIE: httpx2.Response(200, content=body)}), MARIE)
    assert (answer.sightings, answer.status) == ((), "partial")


def test_a_page_for_people_is_asked_only_where_robots_may() -> None:
    rule = RULES["telegram"]
    site = Site(rule, override={"robots": httpx2.Response(200, content=b"User-agent: *\nDisallow: /")})
    answer = ask_site(rule, site, MARIE)
    assert answer.status == "unknown"
    assert site.asked == ["/robots.txt"]


def test_a_site_asks_no_more_than_its_share() -> None:
    rule = RULES["keybase"]
    site = Site(rule)
    handles = [f"marie{at}" for at in range(20)]
    answer = ask_site(rule, site, *handles, calls=30, sites=5)
    assert len(site.asked) == 6
    assert answer.status == "partial"
    assert "16 similar user names" in (answer.detail or "")


def test_after_silence_a_site_is_left_alone() -> None:
    rule = RULES["keybase"]
    site = Site(rule, (), {"ghost": httpx2.Response(403)})
    answer = ask_site(rule, site, *(f"ghost{at}" for at in range(9)))
    assert len(site.asked) == probes.TRIAL_CALLS + probes.MAX_SILENT
    assert answer.detail == "9 user names could not be checked"


def test_what_was_found_stays_when_the_budget_ends() -> None:
    net, ledger = replay_net(Site(RULES["keybase"])), Ledger(Budget(9, 10.0))
    # Another site of the source has spent more than its share: replies were asked for again.
    for _ in range(6):
        ledger.take_call()
    answer = Probe(RULES["keybase"]).lookup((MARIE, "marie2", "marie3"), net.asker(ledger))
    net.close()
    assert [one.account.handle for one in answer.sightings] == [MARIE]
    assert (answer.status, answer.detail) == ("partial", "The scan's budget of calls was used up")


def test_no_handle_that_the_site_allows_costs_no_call() -> None:
    site = Site(RULES["keybase"])
    assert ask_site(RULES["keybase"], site, "a.b", "x" * 17) == Answer()
    assert site.asked == []


def test_sites_can_be_switched_off() -> None:
    some = probes.connect(Settings(probes_off=("telegram", "keybase")))
    assert not {"Telegram", "Keybase"} & {connector.place for connector in some.connectors}
    assert "Telegram" not in some.info.sees
    none = probes.connect(Settings(probes_off=tuple(RULES)))
    assert not none.info.ready


@pytest.mark.parametrize("calls", [16, 50, 200])
def test_all_sites_together_stay_within_the_budget(calls: int) -> None:
    sites = {urlsplit(rule.url).hostname: Site(rule) for rule in RULES.values()}
    net = replay_net(httpx2.MockTransport(lambda request: sites[request.url.host].handle_request(request)))
    told: list[Candidate] = []
    plan = Plan(Subject(names=("Marie Okafor",), handles=(Handle(MARIE, "x"),)), 50, Budget(calls), tell=told.extend)
    found = asyncio.run(Gatherer(probes.connect(Settings()), net).gather(plan))
    net.close()
    afforded = list(RULES)[: calls // probes.MIN_CALLS]
    assert {one.account.platform for one in told} == set(afforded)
    assert 3 * len(afforded) <= found.calls <= calls
    assert found.status == "partial"
    assert "similar user names were not asked for" in (found.detail or "")
    assert ("The site was not asked within the budget" in (found.detail or "")) == (calls < 64)
