"""Imports of a file into SQLite, durable: accounts a second with one process and with one a core, in turns.

Run: python -m benchmarks.imports [--accounts 20000] [--rounds 3]

Each round imports the same made-up accounts (a third with hashes of a picture) into a new database, once with one
process and once with as many readers as there are cores. `--beside FOLDER` puts the code of another checkout, run by
this one's Python, in the same turns. A batch is one write transaction; the time between two commits bounds how long it
can have lasted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from benchmarks.engines import draw_accounts

_ROOT = Path(__file__).resolve().parent.parent
_RUN = """
import json, sys, time
from pathlib import Path
from app.accounts.importer import import_file
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
if __name__ == "__main__":
    settings = Settings(database_url=sys.argv[2])
    database = Database.of(settings)
    upgrade(database)
    moments = [time.perf_counter()]
    result = import_file(Path(sys.argv[1]), database, settings, lambda _: moments.append(time.perf_counter()),
                         workers=int(sys.argv[3]))
    assert not result.rejected
    print(json.dumps(moments))
"""


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beside", type=Path, help="another checkout, measured with one process")
    chosen = parser.parse_args()
    cores = os.cpu_count() or 1
    ways: dict[str, tuple[Path, int]] = {"one process": (_ROOT, 1), f"{cores} cores": (_ROOT, cores)}
    if chosen.beside is not None:
        ways = {"other checkout": (chosen.beside.resolve(), 1), **ways}
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    gaps: dict[str, list[float]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accounts.ndjson"
        with file.open("w", encoding="utf-8") as out:
            for account in draw_accounts(chosen.accounts):
                out.write(json.dumps(account) + "\n")
        for number in range(chosen.rounds):
            for at, (way, (root, workers)) in enumerate(ways.items()):
                moments = _import(root, file, Path(folder) / f"{number}-{at}.db", workers)
                seconds[way].append(moments[-1] - moments[0])
                # The first gap holds the start of the workers.
                gaps[way] += [later - earlier for earlier, later in pairwise(moments[1:])]
    base = seconds[next(iter(ways))]
    for way, took in seconds.items():
        ratio = statistics.median(first / this for first, this in zip(base, took, strict=True))
        rates = ", ".join(f"{chosen.accounts / each:,.0f}" for each in took)
        p95 = statistics.quantiles(gaps[way], n=20)[-1] * 1000
        print(f"{way}: {rates} accounts/s; {ratio:.2f} times the first way (median); commits p95 {p95:.0f} ms apart")


def _import(root: Path, file: Path, database: Path, workers: int) -> list[float]:
    """Moments of the start and of each commit, in seconds."""
    command = [sys.executable, "-c", _RUN, str(file), f"sqlite:///{database}", str(workers)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True, timeout=600)
    moments: list[float] = json.loads(run.stdout)
    return moments


if __name__ == "__main__":
    main()
