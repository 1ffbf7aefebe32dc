"""Bins of summed evidence: joined until each has enough pairs and the ratios rise."""

from __future__ import annotations

import pytest

from benchmarks.calibration import Bin, fill_bins, join_bins
from benchmarks.cases import Case
from benchmarks.matching_rows.judgement_rows import Judged

CLONE = Case("a clone", clone=True, weight=0.5, sampled=1, shown="", handle="", picture="")
OTHER = Case("a namesake", clone=False, weight=2.0, sampled=4, shown="", handle="", picture="")


def test_pairs_above_every_other_account_are_left_out() -> None:
    bins = fill_bins([Judged(9, 9, CLONE), Judged(3, 3, CLONE), Judged(3.5, 3.5, OTHER)], people=10)
    assert [(one.clones, one.others) for one in bins] == [(1, 1)]
    assert bins[0].clone_share == pytest.approx(0.05)
    assert bins[0].other_share == pytest.approx(0.05 / 2**17)
    assert bins[0].centre == pytest.approx(3.25)


def test_weak_and_falling_bins_are_joined() -> None:
    strong, falling, weak = Bin(20, 20, 0.2, 0.1, 40), Bin(20, 20, 0.1, 0.1, 80), Bin(1, 1, 0.1, 0.001, 9)
    assert list(join_bins([strong, falling])) == [strong.join(falling)]
    assert list(join_bins([strong, weak])) == [strong.join(weak)]
    assert list(join_bins([weak, strong])) == [weak.join(strong)]
    assert list(join_bins([falling, strong])) == [falling, strong]
