"""What becomes of a source's servers: budgets, faults, pages, money, cancelling, and what coverage says of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from app.net.asking import Asker, Net
from app.net.budget import Budget, Ledger
from app.net.client import NetClient, Rules
from app.net.errors import BadReplyError, RateLimitedError, TimedOutError
from app.sources.contract import Answer, Candidate, Gathered, Plan, Questions, Remote, Sighting, SourceInfo
from app.sources.gathering import MAX_FAULTS, Gatherer
from matchers.profile import Account, Handle, Subject

SUBJECT = Subject(names=("Marie Okafor",), handles=(Handle("marie_okafor", "x"),))
PLENTY = Budget()
INFO = SourceInfo("s", "S", "a", "b", leaves_machine=True, platforms=("x",))
LATER = datetime(2026, 11, 24, 13, tzinfo=UTC)
Reaction = Callable[[str, str | None], Answer]


def _found(*handles: str, **more: object) -> Answer:
    return Answer(tuple(Sighting(Account("x", handle)) for handle in handles), **more)  # type: ignore[arg-type]


@dataclass
class FakeServer:
    """A connector that reacts as told and remembers what it was asked; each question is one call."""

    search_reaction: Reaction = lambda _name, _cursor: _found("a")
    lookup_reaction: Callable[[Sequence[str]], Answer] = lambda _handles: _found()
    place: str = "one.example"
    asked: list[str] = field(default_factory=list)

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        ask.ledger.take_call()
        self.asked.append(f"{name}|{cursor}")
        return self.search_reaction(name, cursor)

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        ask.ledger.take_call()
        self.asked.append(",".join(handles))
        return self.lookup_reaction(handles)


@pytest.fixture
def net() -> Iterator[Net]:
    way = Net(NetClient(Rules()))
    yield way
    way.close()


def _gather(
    net: Net, *servers: FakeServer, info: SourceInfo = INFO, budget: Budget = PLENTY, subject: Subject = SUBJECT
) -> tuple[Gathered, list[Candidate]]:
    told: list[Candidate] = []
    plan = Plan(subject, 100, budget, Ledger(budget), told.extend)
    return asyncio.run(Gatherer(Remote(info, servers), net).gather(plan)), told


def test_what_is_found_is_told_at_once_and_counted(net: Net) -> None:
    server = FakeServer()
    done, told = _gather(net, server)
    assert (done.status, done.detail) == ("ok", None)
    assert done.told == len(told) == 2
    assert {candidate.source for candidate in told} == {"s"}
    assert done.calls == len(server.asked) == 42


def test_what_was_planned_before_is_not_planned_again(net: Net) -> None:
    server = FakeServer()
    source = Gatherer(Remote(INFO, (server,)), net)
    assert source.plan(SUBJECT).names == ("Marie Okafor", "marie_okafor")
    questions = Questions(("Somebody Else",), ("somebody",))
    asyncio.run(source.gather(Plan(SUBJECT, 100, PLENTY, questions=questions)))
    assert server.asked == ["Somebody Else|None", "somebody"]
    assert source.wanted_calls(questions) >= len(server.asked)


def test_servers_are_asked_at_the_same_time(net: Net) -> None:
    together = threading.Barrier(3, timeout=5)

    def meet(_name: str, _cursor: str | None) -> Answer:
        if not together.broken and together.n_waiting < 3:
            together.wait()
            together.abort()
        return _found("a")

    def once(name: str, cursor: str | None) -> Answer:
        try:
            return meet(name, cursor)
        except threading.BrokenBarrierError:
            return _found("a")

    info = replace(INFO, looks_up=False)
    done, _ = _gather(net, *(FakeServer(once, place=f"{i}.example") for i in range(3)), info=info)
    assert done.status == "ok"


def test_a_broken_server_costs_its_own_part(net: Net) -> None:
    def broken(_name: str, _cursor: str | None) -> Answer:
        raise KeyError("marie")

    def refuse(_handles: Sequence[str]) -> Answer:
        raise BadReplyError

    bad = FakeServer(broken, refuse, "bad.example")
    done, told = _gather(net, FakeServer(), bad)
    assert done.status == "partial"
    assert "bad.example" in (done.detail or "")
    assert "marie" not in (done.detail or "")
    assert len(told) == 2
    assert len(bad.asked) == MAX_FAULTS


def test_nothing_heard_is_unknown_and_never_clean(net: Net) -> None:
    def silent(_name: str, _cursor: str | None) -> Answer:
        raise TimedOutError

    done, _ = _gather(net, FakeServer(silent), info=replace(INFO, looks_up=False))
    assert (done.status, done.detail) == ("unknown", TimedOutError.detail)


def test_a_platform_that_asks_to_wait_is_left_alone(net: Net) -> None:
    def busy(_handles: Sequence[str]) -> Answer:
        raise RateLimitedError(LATER)

    server = FakeServer(lookup_reaction=busy)
    done, told = _gather(net, server)
    assert (done.status, done.retry_at) == ("rate_limited", LATER)
    assert len(told) == 2
    assert len(server.asked) == 3


@pytest.mark.parametrize("calls", [0, 1, 7])
def test_the_budget_of_calls_holds_and_the_rest_is_told(net: Net, calls: int) -> None:
    server = FakeServer()
    done, _ = _gather(net, server, budget=Budget(calls))
    assert len(server.asked) == done.calls == calls
    assert done.status == ("partial" if calls else "skipped")
    assert "budget" in (done.detail or "")


def test_the_seconds_of_the_budget_end_a_source(net: Net) -> None:
    def slow(_handles: Sequence[str]) -> Answer:
        time.sleep(0.1)
        return _found()

    start = time.monotonic()
    done, told = _gather(net, FakeServer(lookup_reaction=slow), budget=Budget(seconds=0.35))
    assert time.monotonic() - start < 1.5
    assert done.status == "partial"
    assert told


def test_pages_are_followed_a_little_and_a_loop_is_not(net: Net) -> None:
    def paged(_name: str, cursor: str | None) -> Answer:
        return _found(f"p{cursor}", cursor=str(int(cursor or 0) + 1))

    def looping(_name: str, _cursor: str | None) -> Answer:
        return _found("p", cursor="same")

    info = replace(INFO, looks_up=False)
    server = FakeServer(paged)
    done, told = _gather(net, server, info=info, subject=Subject(names=("Marie Okafor",)))
    assert [c.account.handle for c in told] == ["pNone", "p1"]
    assert (done.status, done.detail) == ("partial", "The platform has further results that were not read")
    server = FakeServer(looping)
    done, _ = _gather(net, server, info=info, subject=Subject(names=("Marie Okafor",)))
    assert len(server.asked) == 2
    assert "same page" in (done.detail or "")


def test_money_is_set_aside_before_and_given_back_after(net: Net) -> None:
    paid = replace(INFO, looks_up=False, money_per_search=0.10)
    server = FakeServer(lambda _name, _cursor: _found("a", cost=0.02))
    done, _ = _gather(net, server, info=paid, budget=Budget(money=1.0))
    assert done.cost == pytest.approx(0.02 * len(server.asked))
    server = FakeServer(lambda _name, _cursor: _found("a", cost=0.10))
    done, _ = _gather(net, server, info=paid, budget=Budget(money=0.15))
    assert done.cost == pytest.approx(0.10)
    assert done.status == "partial"
    done, _ = _gather(net, FakeServer(), info=paid)
    assert (done.status, done.cost) == ("skipped", 0.0)
    assert "$0.10" in (done.detail or "")


def test_what_asks_not_to_be_shown_is_told(net: Net) -> None:
    info = replace(INFO, looks_up=False)
    done, _ = _gather(net, FakeServer(lambda _name, _cursor: _found("a", withheld=2)), info=info)
    assert done.status == "partial"
    assert "ask not to be shown" in (done.detail or "")


@pytest.mark.parametrize(
    ("protected", "may_keep", "kept"),
    [(None, True, True), (False, True, True), (True, True, False), (None, False, False)],
)
def test_who_is_protected_or_asks_not_to_be_indexed_is_compared_and_not_kept(
    net: Net, protected: bool | None, may_keep: bool, kept: bool
) -> None:
    answer = Answer((Sighting(Account("x", "a", protected=protected), may_keep=may_keep),))
    _, told = _gather(net, FakeServer(lambda _name, _cursor: answer), info=replace(INFO, looks_up=False))
    assert {candidate.may_keep for candidate in told} == {kept}


def test_a_source_that_is_not_set_up_says_what_is_missing(net: Net) -> None:
    done, _ = _gather(net, FakeServer(), info=replace(INFO, ready=False, not_ready="A key is needed"))
    assert (done.status, done.detail) == ("skipped", "A key is needed")
    done, _ = _gather(net, info=INFO)
    assert done.status == "skipped"


def test_cancelling_stops_the_servers(net: Net) -> None:
    def slow(_handles: Sequence[str]) -> Answer:
        time.sleep(0.05)
        return _found()

    server = FakeServer(lookup_reaction=slow)

    async def work() -> None:
        plan = Plan(SUBJECT, 100, Budget(), Ledger(Budget()))
        task = asyncio.create_task(Gatherer(Remote(INFO, (server,)), net).gather(plan))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        seen = len(server.asked)
        await asyncio.sleep(0.3)
        assert len(server.asked) <= seen + 1

    asyncio.run(work())
