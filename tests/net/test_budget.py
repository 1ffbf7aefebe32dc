"""What a scan may spend, counted in one place."""

from __future__ import annotations

import threading

import pytest

from app.net.budget import Budget, Ledger, allot_calls
from app.net.errors import BudgetSpentError, StoppedError


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_calls_seconds_and_money_end() -> None:
    clock = Clock()
    ledger = Ledger(Budget(2, 10.0, 0.05), clock)
    ledger.take_call()
    ledger.take_call()
    with pytest.raises(BudgetSpentError, match="calls"):
        ledger.take_call()
    ledger.reserve(0.03)
    with pytest.raises(BudgetSpentError, match="money"):
        ledger.reserve(0.03)
    ledger.refund(0.02)
    ledger.reserve(0.03)
    assert ledger.money == pytest.approx(0.04)
    clock.now = 10.0
    with pytest.raises(BudgetSpentError, match="seconds"):
        ledger.check()


def test_a_share_spends_of_the_whole() -> None:
    whole = Ledger(Budget(10, 10.0, 0.05))
    one, two = whole.share(3), whole.share(9)
    for _ in range(3):
        one.take_call()
    with pytest.raises(BudgetSpentError):
        one.take_call()
    one.reserve(0.05)
    with pytest.raises(BudgetSpentError, match="money"):
        two.reserve(0.01)
    assert (whole.calls, two.calls_left(), two.money_left()) == (3, 7, 0.0)


def test_whoever_stops_the_whole_stops_its_shares() -> None:
    whole = Ledger(Budget())
    share = whole.share(5)
    other = whole.share(5)
    other.stop()
    share.check()
    whole.stop()
    with pytest.raises(StoppedError):
        share.take_call()
    share.wait(60)


def test_threads_do_not_overspend() -> None:
    ledger = Ledger(Budget(50, 10.0, 0.0))
    shares = [ledger.share(50) for _ in range(4)]
    made = []

    def spend(share: Ledger) -> None:
        for _ in range(50):
            try:
                share.take_call()
            except BudgetSpentError:
                return
            made.append(1)

    threads = [threading.Thread(target=spend, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == ledger.calls == 50


@pytest.mark.parametrize(
    ("calls", "wanted", "shares"),
    [
        (200, {"a": 10, "b": 500, "c": 500}, {"a": 10, "b": 95, "c": 95}),
        (30, {"a": 500, "b": 500, "c": 500}, {"a": 10, "b": 10, "c": 10}),
        (200, {"a": 12, "b": 80}, {"a": 12, "b": 80}),
        (2, {"a": 5, "b": 5, "c": 5}, {"a": 0, "b": 1, "c": 1}),
        (0, {"a": 5}, {"a": 0}),
        (5, {}, {}),
    ],
)
def test_calls_that_one_does_not_want_go_to_the_others(
    calls: int, wanted: dict[str, int], shares: dict[str, int]
) -> None:
    assert allot_calls(calls, wanted) == shares
