from __future__ import annotations

import gzip
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from matchers.background import SYMBOLS, letter_bits

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_table_is_what_its_script_makes() -> None:
    """Counts are repeatable, so the committed table must be the script's, byte for byte."""
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, 'scripts'); import handle_background as h; "
            "sys.stdout.buffer.write(h.weigh(h.count(h.make_handles())))",
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    table = gzip.decompress(files("matchers").joinpath("data/handle_trigrams.gz").read_bytes())
    assert len(table) == len(SYMBOLS) ** 2 * (len(SYMBOLS) - 1)
    assert made.stdout == table


def test_common_endings_say_less_than_rare_ones() -> None:
    assert sum(letter_bits("smith")) < sum(letter_bits("xqzjk"))


def test_digits_carry_at_least_their_ten_choices() -> None:
    assert all(bits >= 3.3 for bits in letter_bits("jane84")[4:])
