"""The memory of the service while it serves a large index: its own, and with the pages of files that it maps.

Run: python -m benchmarks.index_memory --size 100k       also 1m, 3m, 10m; --folder keeps the database for another run
     python -m benchmarks.index_memory --folder F --reuse       also what `benchmarks.index --folder F` left there

The index is that of `benchmarks.index`. The real service, one process, is scanned over HTTP for planted people in turn,
by name, handle and the file of a drawn portrait: pictures are decoded, hashed and compared with every stored one.
Own memory is what the system cannot take back (RssAnon of Linux); the rest of what is resident are pages of the
database and of the file of picture hashes, which it drops where it needs them. The limit of a container counts both.
"""

from __future__ import annotations

import argparse
import pickle
import sys
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import httpx2
import numpy as np

from app.accounts.photo_hashes import PhotoHashes
from app.demo.portraits import draw_portrait, encode_jpeg
from app.demo.service import open_client, read_answer, start_service, stop_service
from app.settings import MEBIBYTE, Settings
from app.storage import Database
from app.storage.migrate import upgrade
from benchmarks.index import SIZES
from benchmarks.index_build import build
from benchmarks.index_corpus import Corpus, Planted
from benchmarks.scanning import read_memory
from benchmarks.source_memory import Growth

FIRST_PORT = 18_700
WARM_UP = 20
_PICTURES = 20
_HASHES_SECONDS = 600.0


def prepare_index(folder: Path, size: int, *, reuse: bool) -> tuple[int, Sequence[Planted], Settings]:
    """Build the index, or take what is there, with its file of hashes: how many accounts, whom to ask for, settings."""
    database, plants = folder / "index.db", folder / "plants.pickle"
    if not (reuse and plants.exists()):
        corpus = Corpus(size)
        built = build(database, corpus, 2)
        # Written and read by the benchmarks alone.
        plants.write_bytes(pickle.dumps((size, built, corpus.planted)))
    size, _, planted = pickle.loads(plants.read_bytes())  # noqa: S301
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{database.resolve()}")
    opened = Database.of(settings)
    upgrade(opened)
    hashes = PhotoHashes.of(settings, opened)
    end = perf_counter() + _HASHES_SECONDS
    while hashes is not None and hashes.refresh(10) != "ready":
        if perf_counter() > end:
            raise SystemExit("the file of picture hashes does not get ready")
        sleep(0.5)
    opened.dispose()
    return size, planted, settings


def scan_all(client: httpx2.Client, planted: Sequence[Planted], scans: int) -> Iterator[float]:
    """Scan for one person after the other; yields the seconds of each scan."""
    pictures = [encode_jpeg(draw_portrait(f"memory {number}")) for number in range(_PICTURES)]
    for number, plant in enumerate(islice(cycle(planted), scans)):
        own = plant.own
        began = perf_counter()
        answer = client.post(
            "/v1/scans",
            data={"name": own.name, "handle": own.handle, "platform": own.platform},
            files={"photo": ("me.jpg", pictures[number % _PICTURES], "image/jpeg")},
            headers={"Prefer": "wait=60"},
        )
        body = read_answer(answer)
        if body["status"] != "completed" or not body["coverage"][0]["accounts"]:
            raise SystemExit(f"a scan ended as {body['status']}, with {body['coverage']}")
        yield perf_counter() - began


def measure(folder: Path, size: int, scans: int, *, reuse: bool) -> Iterator[str]:
    """The lines of the table."""
    size, planted, settings = prepare_index(folder, size, reuse=reuse)
    service = start_service(folder, FIRST_PORT, settings={"CLONECHECK_DATABASE_URL": settings.url})
    try:
        started, readings, seconds = read_memory(service), [], []
        with open_client(service) as client:
            for number, took in enumerate(scan_all(client, planted, WARM_UP + scans), 1):
                if number >= WARM_UP:
                    readings.append(read_memory(service))
                    seconds.append(took)
                if number % 10 == 0:
                    print(f"\rscan {number} of {WARM_UP + scans}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    finally:
        stop_service(service)
    yield f"{size:,} accounts; memory in MiB"
    yield ""
    yield "| when | own | resident, with mapped files | peak of the latter |"
    yield "|---|---|---|---|"
    told = (("started", started), (f"after {WARM_UP} scans", readings[0]), (f"after {scans} more", readings[-1]))
    for when, reading in told:
        yield f"| {when} | {reading['own']:.0f} | {reading['resident']:.0f} | {reading['peak']:.0f} |"
    yield ""
    growth = Growth(tuple(reading["own"] for reading in readings)).half(1)
    yield f"Own memory grew by {growth.slope:.1f} (+- {growth.error:.1f}) KiB a scan over the second half of the scans."
    files = sorted(file for file in folder.iterdir() if file.name.startswith("index.db") and file.is_file())
    yield "Files: " + ", ".join(f"{file.name} {file.stat().st_size / MEBIBYTE:,.0f}" for file in files) + "."
    middle, late = np.percentile(seconds, (50, 95)) * 1e3
    yield f"A scan took {middle:.0f} ms p50, {late:.0f} ms p95."


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=tuple(SIZES), default="100k")
    parser.add_argument("--scans", type=int, default=200, help="scans after the warm-up")
    parser.add_argument("--folder", type=Path, help="where the database is kept; default: a temporary folder")
    parser.add_argument("--reuse", action="store_true", help="take the database that is in the folder")
    chosen = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder: Path = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for line in measure(folder, SIZES[chosen.size], chosen.scans, reuse=chosen.reuse):
            print(line, flush=True)


if __name__ == "__main__":
    main()
