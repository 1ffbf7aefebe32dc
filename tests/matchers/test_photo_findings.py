from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchers.photo_findings import SAME_BITS, discount, tell_photo


@pytest.mark.parametrize(
    ("bits", "wearers", "code", "left"),
    [
        (-3.5, 1000, "photo.differs", -3.5),
        (0.0, 3, "photo.differs", 0.0),
        (SAME_BITS - 0.1, 0, "photo.similar", 7.9),
        (SAME_BITS, 0, "photo.same", 8.0),
        (SAME_BITS, 15, "photo.same", 4.0),
        (SAME_BITS, 31, "photo.stock", 3.0),
        (SAME_BITS, 1 << 30, "photo.stock", 0.0),
    ],
)
def test_bits_and_wearers_decide_what_is_told(bits: float, wearers: int, code: str, left: float) -> None:
    finding = tell_photo(bits, wearers, ("photo.same", "The same"), {"distance": 9})
    assert (finding.code, finding.bits) == (code, left)
    assert finding.params == {"distance": 9, "wearers": wearers}


@given(st.floats(-40, 40), st.integers(0, 10**9))
def test_wearers_never_turn_a_picture_against_anybody(bits: float, wearers: int) -> None:
    assert 0 <= discount(bits, wearers) <= max(bits, 0)
