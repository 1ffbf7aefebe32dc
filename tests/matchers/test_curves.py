from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.curves import read_off

CURVE = ((2, 10.0), (4, 6.0), (8, 7.0))


@pytest.mark.parametrize(
    ("x", "height"), [(-5, 10), (2, 10), (3, 8), (4, 6), (5, 6.25), (8, 7), (90, 7)], ids=lambda value: f"{value}"
)
def test_a_curve_is_straight_between_its_points_and_flat_beyond(x: float, height: float) -> None:
    assert read_off(CURVE, x) == height


@given(st.floats(-100, 100))
def test_no_height_is_outside_the_points(x: float) -> None:
    assert 6 <= read_off(CURVE, x) <= 10
    assert read_off(((3, 1.5),), x) == 1.5
