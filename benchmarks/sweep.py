"""How long the sweep of all stored hashes takes, beside faiss used plainly, in one run on the same hashes.

Run: python -m benchmarks.sweep                 1 million accounts, less than a minute
     python -m benchmarks.sweep --accounts 10000000   10 million: 1 GB of disk, 1.3 GB of memory for faiss

faiss (`pip install -e '.[bench]'`) as one would use it first: an IndexBinaryFlat for each of two views, all of 60
probes searched in each at once for their 100 nearest. Ours compares three views with all that the judgement compares.
Half of the hashes are random, half in clusters of near duplicates. Processor time is told beside elapsed time, since
machines are shared; the least of several runs in turn counts.
"""

from __future__ import annotations

import argparse
import importlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.accounts.hash_file import SHAPES, SQUARE, Block, Hashes, HashFile
from app.accounts.sweep import Sweep, Swept
from app.photos.matching import pack_hashes
from matchers.photo_scheme import BITS, PROBES
from matchers.profile import Photo

ROUNDS = 5
BATCH = 100_000
FAISS_PROBES = 60
WANTED = 100


def make_hashes(rng: np.random.Generator, accounts: int) -> Hashes:
    """Hashes (accounts, views, 32): random, and every other one a near duplicate of one of a few hundred."""
    made = rng.integers(0, 256, (accounts, len(SHAPES[SQUARE]), 32), np.uint8)
    models = rng.integers(0, 256, (300, *made.shape[1:]), np.uint8)
    copies = models[rng.zipf(1.3, (accounts + 1) // 2) % len(models)]
    noise = rng.integers(0, 256, copies.shape, np.uint8) & rng.integers(0, 256, copies.shape, np.uint8)
    noise &= rng.integers(0, 256, copies.shape, np.uint8)
    made[::2] = copies ^ noise
    return made


def make_photo(rng: random.Random) -> Photo:
    """A made-up subject."""
    probes = tuple(rng.getrandbits(BITS) for _ in PROBES)
    return Photo(views={"whole": probes[0]}, probes=probes, gate=0.5)


def fill(path: Path, accounts: int) -> Iterator[Hashes]:
    """Write the file; yields the hashes as they go in."""
    rng = np.random.default_rng(1)
    file = HashFile.create(path, bytes(32))
    for first in range(0, accounts, BATCH):
        made = make_hashes(rng, min(BATCH, accounts - first))
        file.append(SQUARE, np.arange(first + 1, first + 1 + len(made)), made)
        yield made
    file.commit(1, "")
    file.close()


def take(work: Callable[[], object]) -> tuple[float, float]:
    """Elapsed and processor seconds of one run."""
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used


def sweep_once(photo: Photo, blocks: list[Block]) -> Swept:
    """One sweep, without a bound on its time."""
    return Sweep([photo], WANTED).run(blocks, 600)


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    accounts = parser.parse_args().accounts
    faiss: Any = importlib.import_module("faiss")
    photo = make_photo(random.Random(2))
    asked = np.frombuffer(pack_hashes(photo.probes[:FAISS_PROBES]), np.uint8).reshape(FAISS_PROBES, 32)
    indexes = [faiss.IndexBinaryFlat(BITS) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hashes"
        for made in fill(path, accounts):
            for view, index in enumerate(indexes):
                index.add(np.ascontiguousarray(made[:, view]))
        blocks = HashFile.open(path).blocks()
        works: dict[str, Callable[[], object]] = {"sweep": lambda: sweep_once(photo, blocks)}
        for threads in (1, 2):
            works[f"faiss, {threads} threads"] = _search(faiss, threads, indexes, asked)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        for _ in range(ROUNDS):
            for name, work in works.items():
                times[name].append(take(work))
    least = {name: tuple(min(run[part] for run in runs) for part in (0, 1)) for name, runs in times.items()}
    for name, (elapsed, used) in least.items():
        ratios = [least["sweep"][part] / value for part, value in enumerate((elapsed, used))]
        print(f"{name}: {elapsed * 1000:.0f} ms elapsed, {used * 1000:.0f} ms of processor; ", end="")
        print(f"sweep to this {ratios[0]:.2f} elapsed, {ratios[1]:.2f} of processor")


def _search(faiss: Any, threads: int, indexes: list[Any], asked: Hashes) -> Callable[[], object]:
    def work() -> None:
        faiss.omp_set_num_threads(threads)
        for index in indexes:
            index.search(asked, WANTED)

    return work


if __name__ == "__main__":
    main()
