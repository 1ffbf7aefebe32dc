from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from benchmarks.lookalikes import LABEL, read_labels, share
from matchers.lookalikes import lookalikes


def test_share_counts_what_was_generated() -> None:
    assert share(["a", "b", "x"], {"a", "b", "c", "d"}) == 0.5


@pytest.mark.data
def test_the_halves_are_apart_and_whole(data_dir: Path) -> None:
    development, test = (read_labels(data_dir / "names", test=half) for half in (False, True))
    assert development.keys() == test.keys()
    assert not any(development[target] & test[target] for target in test)
    assert sum(len(labels) for half in (development, test) for labels in half.values()) > 9_000


@pytest.mark.data
def test_real_attackers_labels_are_among_the_first(data_dir: Path) -> None:
    """A regression bar below the figures that benchmarks/lookalikes.py prints."""
    shares = [
        share((one.handle for one in lookalikes(target, None, 1_000, LABEL)), labels)
        for target, labels in read_labels(data_dir / "names", test=True).items()
    ]
    assert statistics.mean(shares) > 0.13
