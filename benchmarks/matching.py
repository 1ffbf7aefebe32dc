"""How well names, handles and whole accounts are matched: one table, ours beside the rivals, in one run.

Run: python -m benchmarks.matching                  all rows, about fifteen minutes
     python -m benchmarks.matching --quick          a small form of every row, for a look and for the tests
     python -m benchmarks.matching --only names     some rows: names, lookalikes, photos, defaults, pixels, ...

The data is found through CLONECHECK_TEST_DATA. nomenklatura's logic-v2 joins where it is installed: it is not among
the pins; `pip install -e '.[bench]'` in an environment of its own adds it (PyICU needs libicu-dev where it has no
wheel). PDQ joins
where pdqhash is installed.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from app.photos.exchange import load_pdq
from benchmarks.matching_rows.default_rows import check_defaults
from benchmarks.matching_rows.judgement_rows import check_judgement
from benchmarks.matching_rows.lookalike_rows import check_lookalikes
from benchmarks.matching_rows.name_rows import check_labelled, check_spellings, check_variants
from benchmarks.matching_rows.photo_rows import check_photos
from benchmarks.matching_rows.retrieval_rows import check_retrieval
from benchmarks.matching_rows.row import Row, Table
from benchmarks.matching_rows.scorers import load_logic_v2
from benchmarks.matching_rows.speed_rows import check_speed
from benchmarks.people import find_data
from matchers.model import VERSION

Check = Callable[[Path, bool], Iterator[Row]]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small samples: the figures mean little")
    parser.add_argument("--only", choices=tuple(CHECKS), action="append", help="these rows; may be repeated")
    chosen = parser.parse_args()
    for line in measure(find_data(), tuple(chosen.only or CHECKS), quick=chosen.quick).write():
        print(line)


def measure(data: Path, parts: tuple[str, ...], *, quick: bool) -> Table:
    """All rows of these parts, with the notes that belong to them."""
    rows = [row for part in parts for row in CHECKS[part](data, quick)]
    return Table(rows, list(_note(quick)))


def _names(data: Path, quick: bool) -> Iterator[Row]:
    folder, drawn = data / "names", {"drawn": 5} if quick else {}
    yield check_labelled(folder)
    yield from check_variants(folder, **drawn)
    yield from check_spellings(folder, **drawn)


def _lookalikes(data: Path, quick: bool) -> Iterator[Row]:
    small = {"negatives": 1_500, "every": 20} if quick else {}
    yield from check_lookalikes(data / "names", **small)


def _retrieval(data: Path, quick: bool) -> Iterator[Row]:
    small = {"size": 1_000, "labels_each": 50} if quick else {}
    yield from check_retrieval(data / "names", **small)


def _judgement(data: Path, quick: bool) -> Iterator[Row]:
    small = {"people": 8, "strangers": 40} if quick else {}
    yield from check_judgement(data, **small)


def _photos(data: Path, quick: bool) -> Iterator[Row]:
    yield from check_photos(data, **({"people": 12, "copied": 2} if quick else {}))


def _defaults(data: Path, quick: bool) -> Iterator[Row]:
    yield from check_defaults(data, **({"each": 2, "copied": 1} if quick else {}))


def _speed(data: Path, quick: bool) -> Iterator[Row]:
    yield from check_speed(data / "names", **({"repeat": 1} if quick else {}))


def _pixels(data: Path, quick: bool) -> Iterator[Row]:
    # OpenCV is loaded where it is asked for.
    from benchmarks.matching_rows.pixel_rows import check_pixels  # noqa: PLC0415

    if quick:
        yield from check_pixels(data, people=2, changes=("mirror", "off_centre_30", "screenshot"), timed=4)
    else:
        yield from check_pixels(data)


def _reuse(data: Path, quick: bool) -> Iterator[Row]:
    from benchmarks.matching_rows.reuse_rows import check_reuse  # noqa: PLC0415

    yield from check_reuse(data, people=5 if quick else None)


CHECKS: dict[str, Check] = {
    "names": _names,
    "lookalikes": _lookalikes,
    "retrieval": _retrieval,
    "pixels": _pixels,
    "reuse": _reuse,
    "judgement": _judgement,
    "photos": _photos,
    "defaults": _defaults,
    "speed": _speed,
}


def _note(quick: bool) -> Iterator[str]:
    if quick:
        yield "Quick form: the samples are far too small for the rates that the rows are named after."
    yield "People fall into halves by a hash of their id, labelled rows into folds by a hash of the row."
    yield "In brackets 95 % intervals (Wilson); pairs of one person are not independent, so that they are narrow."
    yield "FPR 1e-4: the threshold is set per scorer on the negatives named, none of which belongs to a test person."
    told = ", ".join(f"{name} {_version(name)}" for name in ("rapidfuzz", "nomenklatura", "imagehash", "pdqhash"))
    yield f"clonecheck model {VERSION}, {told}, Python {platform.python_version()}."
    if load_pdq() is None:
        yield "pdqhash is not installed here: `pip install -e '.[bench]'` fills the column PDQ."
    if load_logic_v2() is None:
        yield "logic-v2 is not installed here: `pip install -e '.[bench]'` fills its column."


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    main()
