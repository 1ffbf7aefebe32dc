"""Calibration: the curve rises, the bits still add up, and a shared name alone makes nobody a suspect."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchers.calibration import CURVE, calibrate, spread, total
from matchers.evidence import Evidence
from matchers.model import judge
from matchers.profile import Account, Handle, Subject
from matchers.world import World

BITS = st.floats(-60, 60)


def _evidence(*bits: float) -> tuple[Evidence, ...]:
    return tuple(Evidence("name", "name.same", one, "") for one in bits)


@given(BITS, BITS)
def test_more_never_says_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert calibrate(low) <= calibrate(high)


@pytest.mark.parametrize(("summed", "ratio"), CURVE)
def test_the_curve_runs_through_its_points(summed: float, ratio: float) -> None:
    assert calibrate(summed) == pytest.approx(ratio)


def test_beyond_its_ends_the_sum_goes_on() -> None:
    (low, below), (high, above) = CURVE[0], CURVE[-1]
    assert calibrate(low - 3) == pytest.approx(below - 3)
    assert calibrate(high + 20) == pytest.approx(above + 20)


@given(st.lists(BITS, max_size=6))
@example([2.2e-311])
def test_the_shares_add_up_to_the_total(bits: list[float]) -> None:
    evidence = _evidence(*bits)
    assert sum(e.bits for e in spread(evidence, total(evidence))) == pytest.approx(total(evidence), abs=1e-6)


@given(st.lists(BITS.filter(lambda one: abs(one) > 1e-6), min_size=1, max_size=6))
def test_what_speaks_for_a_copy_is_not_told_as_speaking_against(bits: list[float]) -> None:
    calibrated = total(_evidence(*bits))
    agreeing = any(one * calibrated > 0 for one in bits)
    for own, shared in zip(bits, spread(_evidence(*bits), calibrated), strict=True):
        assert not agreeing or own * shared.bits >= 0


def test_nothing_known_says_nothing() -> None:
    assert total(()) == 0
    assert spread((), 0.0) == ()
    assert total(_evidence(0.0)) == pytest.approx(calibrate(0.0))


@pytest.mark.parametrize("prior", [-17.0, -10.0, -3.0])
@pytest.mark.parametrize("handle", ["smithjohn77", "quietowl"])
def test_no_prior_makes_a_namesake_a_suspect(prior: float, handle: str) -> None:
    subject = Subject(names=("John Smith",), handles=(Handle("therealjs", "x"),))
    found = judge(subject, Account("x", handle, display_name="John Smith"), World(prior_bits=prior))
    assert found.verdict == "namesake"
