"""Are drawn portraits as different from each other as photographs of different people are?

Run: python -m benchmarks.spread [--drawn 1500]

Prints, for drawn and for real portraits: the Hamming distances (of 256 bits) between the whole-picture hashes of
different people, the distance to the nearest other person, and the share of pixels with detail.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.demo.portraits import draw_portrait
from app.photos.hashing import account_photo
from benchmarks.people import find_data
from matchers.profile import Photo


def main() -> None:
    """Measure and print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawn", type=int, default=1500, help="how many portraits to draw")
    chosen = parser.parse_args()
    real = sorted((find_data() / "avatars" / "portraits").glob("*.jpg"))
    print(
        "| portraits | n | median | 1 % of pairs under | nearest: median | nearest under 80 | detail: least, median |"
    )
    print("|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor() as pool:
        print(describe("drawn", list(pool.map(hash_drawn, range(chosen.drawn), chunksize=50))))
        print(describe("real", list(pool.map(hash_file, real, chunksize=50))))


def hash_drawn(seed: int) -> Photo:
    """Draw and hash a portrait."""
    return account_photo(draw_portrait(seed))


def hash_file(path: Path) -> Photo:
    """Hash a picture file."""
    return account_photo(Image.open(path))


def describe(name: str, photos: Sequence[Photo]) -> str:
    """One row of the table."""
    distances = measure_distances([photo.views["whole"] for photo in photos])
    pairs = distances[np.triu_indices(len(photos), 1)]
    nearest = np.sort(distances, axis=1)[:, 1]  # the first is the picture itself
    gates = [photo.gate for photo in photos]
    cells = (
        name,
        f"{len(photos):,}",
        f"{np.median(pairs):.0f}",
        f"{np.percentile(pairs, 1):.0f}",
        f"{np.median(nearest):.0f}",
        f"{(nearest < 80).mean():.1%}",
        f"{min(gates):.2f}, {np.median(gates):.2f}",
    )
    return "| " + " | ".join(cells) + " |"


def measure_distances(hashes: Sequence[int]) -> npt.NDArray[np.int16]:
    """Hamming distances between all hashes, as a square."""
    packed = np.array([np.frombuffer(value.to_bytes(32, "big"), np.uint8) for value in hashes])
    rows = [np.bitwise_count(row ^ packed).sum(axis=1, dtype=np.int16) for row in packed]
    return np.array(rows)


if __name__ == "__main__":
    main()
