"""What a source is asked for, and how a budget is spent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.platforms.catalogue import load_catalogue
from app.platforms.identity import is_handle
from app.sources.contract import SourceInfo
from app.sources.plan import (
    MAX_HANDLES,
    MAX_QUERIES,
    Agenda,
    plan_agenda,
    plan_handles,
    plan_queries,
    plan_questions,
)
from matchers.profile import AccountRef, Handle, Subject

YEAR = 2026
INFO = SourceInfo("s", "S", "", "", leaves_machine=True, platforms=("x",))
MARIE = Subject(names=("Dr. Marie Anne Okafor",), handles=(Handle("marie_okafor", "x"),))


def _plan(info: SourceInfo, subject: Subject, calls: int, money: float = 0.0) -> Agenda:
    return plan_agenda(info, plan_questions(info, subject, YEAR), calls, money)


def test_a_name_is_searched_as_given_and_without_what_others_leave_out() -> None:
    assert plan_queries(MARIE) == ("Dr. Marie Anne Okafor", "Marie Anne Okafor", "Marie Okafor", "marie_okafor")
    assert plan_queries(Subject(names=("Мария Иванова",))) == ("Мария Иванова", "mariya ivanova")
    many = Subject(names=tuple(f"Name Number {chr(97 + i)}" for i in range(9)))
    assert len(plan_queries(many)) == MAX_QUERIES
    assert plan_queries(Subject()) == ()


@pytest.mark.parametrize("platform", ["x", "bluesky", "mastodon", "instagram", "github", "youtube"])
def test_handles_have_the_syntax_of_the_platform_and_come_once(platform: str) -> None:
    known = load_catalogue().platforms[platform]
    found = plan_handles(MARIE, platform, YEAR)
    assert len(found) == MAX_HANDLES
    assert all(is_handle(known, handle) for handle in found)
    keys = [known.handle_key(handle) for handle in found]
    assert len(set(keys)) == len(keys)


def test_the_same_handle_on_another_platform_comes_first() -> None:
    assert plan_handles(MARIE, "mastodon", YEAR)[0] == "marie_okafor"
    assert plan_handles(MARIE, "bluesky", YEAR)[0] == "marieokafor.bsky.social"
    assert plan_handles(replace(MARIE, handles=()), "x", YEAR)[0] == "marieanneokafor"


def test_a_handle_with_a_server_is_also_looked_for_on_others() -> None:
    subject = Subject(handles=(Handle("marie@fosstodon.org", "mastodon"),))
    assert plan_handles(subject, "mastodon", YEAR)[:2] == ("marie@fosstodon.org", "marie")
    assert plan_handles(subject, "x", YEAR)[0] == "marie"
    own = Subject(names=("Marie Okafor",), own_accounts=(AccountRef("bluesky", "marie.test"),))
    assert plan_handles(own, "x", YEAR)[0] == "marie"


def test_nothing_is_planned_of_nothing() -> None:
    agenda = _plan(INFO, Subject(), 100)
    assert (agenda.calls, agenda.dropped, agenda.unsearched) == (0, 0, 0)


@pytest.mark.parametrize("calls", [0, 1, 2, 5, 20, 500])
@pytest.mark.parametrize("size", [1, 25])
def test_no_more_calls_than_the_budget_and_the_rest_is_told(calls: int, size: int) -> None:
    agenda = _plan(replace(INFO, lookup_size=size), MARIE, calls)
    assert agenda.calls <= calls
    assert all(len(batch) <= size for batch in agenda.batches)
    assert sum(map(len, agenda.batches)) + agenda.dropped == MAX_HANDLES
    assert len(agenda.queries) + agenda.unsearched == len(plan_queries(MARIE))


def test_money_bounds_what_costs_money() -> None:
    paid = replace(INFO, money_per_search=0.5, money_per_handle=0.01, lookup_size=10)
    assert _plan(paid, MARIE, 100).calls == 0
    some = _plan(paid, MARIE, 100, 0.65)
    assert (len(some.queries), len(some.batches)) == (1, 1)


def test_a_source_is_asked_only_what_it_can_answer() -> None:
    assert _plan(replace(INFO, looks_up=False), MARIE, 100).batches == ()
    assert _plan(replace(INFO, searches=False), MARIE, 100).queries == ()
