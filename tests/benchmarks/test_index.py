from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from benchmarks.index import measure
from benchmarks.index_corpus import Corpus
from benchmarks.index_memory import measure as measure_memory

pytestmark = pytest.mark.slow


def test_the_corpus_is_the_same_in_every_run_and_its_handles_are_unique() -> None:
    one, other = (list(islice(Corpus(3_000, plants=50), 1_000)) for _ in range(2))
    assert one == other
    assert [drawn.number for drawn in one] == list(range(1, 1_001))
    assert len({(drawn.platform, drawn.handle.lower()) for drawn in one}) == len(one)
    assert any(not drawn.name.isascii() for drawn in one)


def test_clones_are_found_in_a_small_index(tmp_path: Path) -> None:
    lines = list(measure(tmp_path, 3_000, "development", 60, 1, reuse=False))
    recall = {line.split(" | ")[0]: float(line.split(" | ")[1].split()[0]) for line in lines if ": recall |" in line}
    assert recall["| name, handle and photo: recall"] >= 0.98
    assert recall["| name and handle: recall"] >= 0.95
    again = list(measure(tmp_path, 3_000, "development", 40, 1, reuse=True))
    assert again[0] == lines[0]


def test_memory_is_read_while_the_index_is_served(tmp_path: Path) -> None:
    lines = list(measure_memory(tmp_path, 1_000, 6, reuse=False))
    assert lines[0] == "1,000 accounts; memory in MiB"
    own, resident, peak = map(float, lines[6].strip("| ").split(" | ")[1:])
    assert 50 < own < resident <= peak
