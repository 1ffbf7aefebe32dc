"""Speed changes no bit: what each golden case is worth without its photo is written down in bits.csv.

Who changes the judgement on purpose writes the file anew and reads what changed: `python -m tests.golden.test_bits`.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from matchers.model import judge
from tests.golden.test_verdicts import ROWS, read_row

FILE = Path(__file__).parent / "bits.csv"
FIELDS = ("note", "signal", "code", "bits")
Line = tuple[str, str, str, float]


def list_bits() -> list[Line]:
    """What each piece of evidence of each case is worth, the cases' photos left out."""
    lines: list[Line] = []
    for row in ROWS:
        subject, account = read_row(row)
        found = judge(subject, replace(account, avatar=None))
        lines += [(row["note"], one.signal, one.code, one.bits) for one in found.evidence]
    return lines


def test_every_golden_case_has_the_bits_that_it_had() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        kept = [tuple(line) for line in csv.reader(file)][1:]
    found = list_bits()
    assert [line[:3] for line in found] == [line[:3] for line in kept]
    assert [line[3] for line in found] == pytest.approx([float(line[3]) for line in kept], rel=1e-12)


if __name__ == "__main__":
    with FILE.open("w", encoding="utf-8", newline="") as written:
        csv.writer(written, lineterminator="\n").writerows([FIELDS, *list_bits()])
