"""Generate matchers/data/name_frequencies.tsv.gz from the `names` package (US census 1990, public domain).

Run: python scripts/name_frequencies.py
"""

from __future__ import annotations

import argparse
import gzip
from collections import defaultdict
from pathlib import Path

import names

TARGET = Path(__file__).resolve().parents[1] / "matchers" / "data" / "name_frequencies.tsv.gz"
# Half of the people are women, half men: a given name's frequency is the mean of the two lists.
SOURCES = (("dist.female.first", 0, 0.5), ("dist.male.first", 0, 0.5), ("dist.all.last", 1, 1.0))
# The census rounds to a thousandth of a per cent: one person in 100,000.
PER = 100_000


def read_census() -> dict[str, list[float]]:
    """Read how many of 100,000 people bear a name: as a given name, as a surname."""
    folder = Path(names.__file__).parent
    counts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for file, column, weight in SOURCES:
        for line in (folder / file).read_text(encoding="ascii").splitlines():
            name, percent, *_ = line.split()
            counts[name.lower()][column] += float(percent) / 100 * PER * weight
    return counts


def write_table(target: Path) -> int:
    """Write the table, the most frequent first, and return its number of rows; the bytes depend on the data alone."""
    rows = [(name, given, surname) for name, (given, surname) in read_census().items() if given + surname >= 0.5]
    rows.sort(key=lambda row: (-row[1] - row[2], row[0]))
    lines = [f"{name}\t{given:g}\t{surname:g}\n" for name, given, surname in rows]
    head = "# name, bearers per 100,000 people as a given name and as a surname; see README.md\n"
    target.write_bytes(gzip.compress((head + "".join(lines)).encode("ascii"), compresslevel=9, mtime=0))
    return len(rows)


def main() -> None:
    """Write the table to its place or to --out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TARGET)
    target = parser.parse_args().out
    print(f"{write_table(target)} names, {target.stat().st_size} bytes: {target}")  # noqa: T201


if __name__ == "__main__":
    main()
