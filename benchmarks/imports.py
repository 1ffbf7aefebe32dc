"""Imports of a file into SQLite, durable: accounts a second with one process and with one a core, in turns.

Run: python -m benchmarks.imports [--accounts 20000] [--rounds 3] [--into 1000000]

Each round imports the same made-up accounts (a third with hashes of a picture) into a new database, once with one
process and once with as many readers as there are cores. `--into` fills the database before with so many accounts:
rows without content, and 30 random keys each written in their order. `--beside FOLDER` puts the
code of another checkout, run by this one's Python, in the same turns. A batch is one write transaction; the time
between two commits bounds how long it can have lasted. Processor time is that of the importer and its readers.
At the end one more account is imported and looked for over another connection until it is found.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from app.storage import Database
from app.storage.migrate import upgrade
from benchmarks.engines import draw_accounts
from matchers.keys import KEY_BITS

_ROOT = Path(__file__).resolve().parent.parent
# Keys of each account that the database is filled with, and the parts of the table that are written at a time.
_KEYS = 30
_PARTS = 64
_LAST = {"platform": "x", "handle": "zephyrine_quill", "display_name": "Zephyrine Quillfeather"}
_RUN = """
import json, resource, sys, time
from pathlib import Path
from app.accounts.importer import import_file
from app.accounts.retrieval import find_candidates
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
from matchers.profile import Handle, Subject

def spend():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)

def find(database):
    with database.read() as session:
        asked = Subject(names=("Zephyrine Quillfeather",), handles=(Handle("zephyrine_quil", "x"),))
        found = find_candidates(session, asked, "default", 200).candidates
        return any(one.account.handle == "zephyrine_quill" for one in found)

if __name__ == "__main__":
    settings = Settings(database_url=sys.argv[2])
    database, other = Database.of(settings), Database.of(settings)
    upgrade(database)
    assert not find(other)
    moments, busy = [time.perf_counter()], spend()
    result = import_file(Path(sys.argv[1]), database, settings, lambda _: moments.append(time.perf_counter()),
                         workers=int(sys.argv[3]))
    busy = spend() - busy
    assert not result.rejected
    began = time.perf_counter()
    import_file(Path(sys.argv[4]), database, settings)
    returned = time.perf_counter()
    while not find(other):
        pass
    found = time.perf_counter()
    print(json.dumps({"moments": moments, "busy": busy, "one": returned - began, "findable": found - returned}))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One import: moments of its start and of each commit, processor seconds, and seconds for the one account behind.

    `one` is how long its import took, `findable` how long after that it was found.
    """

    moments: list[float]
    busy: float
    one: float
    findable: float


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--into", type=int, default=0, help="accounts that the database holds before")
    parser.add_argument("--beside", type=Path, help="another checkout, measured with one process")
    chosen = parser.parse_args()
    if chosen.into and chosen.beside is not None:
        parser.error("--into fills the tables of this checkout: no other one can be measured beside it")
    cores = os.cpu_count() or 1
    ways: dict[str, tuple[Path, int]] = {"one process": (_ROOT, 1), f"{cores} cores": (_ROOT, cores)}
    if chosen.beside is not None:
        ways = {"other checkout": (chosen.beside.resolve(), 1), **ways}
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        file, filled = folder / "accounts.ndjson", folder / "filled.db"
        with file.open("w", encoding="utf-8") as out:
            for account in draw_accounts(chosen.accounts):
                out.write(json.dumps(account) + "\n")
        (folder / "last.ndjson").write_text(json.dumps(_LAST), encoding="utf-8")
        if chosen.into:
            _fill(filled, chosen.into)
        for number in range(chosen.rounds):
            for at, (way, (root, workers)) in enumerate(ways.items()):
                database = folder / f"{number}-{at}.db"
                if chosen.into:
                    shutil.copy(filled, database)
                runs[way].append(_import(root, file, database, workers))
                for left in folder.glob(f"{database.name}*"):
                    left.unlink()
    for way, measured in runs.items():
        print(_tell(way, measured, runs[next(iter(ways))], chosen.accounts))


def _tell(way: str, runs: list[Run], base: list[Run], accounts: int) -> str:
    seconds, first = ([run.moments[-1] - run.moments[0] for run in each] for each in (runs, base))
    ratio = statistics.median(one / this for one, this in zip(first, seconds, strict=True))
    rates = ", ".join(f"{accounts / each:,.0f}" for each in seconds)
    # The first gap holds the start of the workers.
    gaps = [later - earlier for run in runs for earlier, later in pairwise(run.moments[1:])]
    busy = statistics.median(run.busy for run in runs) / accounts * 1e6
    p50, p95 = (statistics.quantiles(gaps, n=20)[at] * 1000 for at in (9, 18))
    one, found = (max(getattr(run, name) for run in runs) * 1000 for name in ("one", "findable"))
    return (
        f"{way}: {rates} accounts/s; {ratio:.2f} times the first way (median); {busy:.0f} microseconds of processor an "
        f"account; commits p50 {p50:.0f} p95 {p95:.0f} ms apart; one account more: imported in {one:.0f} ms, found "
        f"{found:.0f} ms after that (longest)"
    )


def _fill(database: Path, accounts: int) -> None:
    """Make a migrated database with accounts and random keys, written in the order of the keys."""
    opened = Database(f"sqlite:///{database}")
    upgrade(opened)
    opened.dispose()
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    told = "tenant_id, corpus, platform, source, observed_at, inserted_at, updated_at, key_version, public_id"
    row = "'local', 'default', 'x', 'import', :now, :now, :now, 0, value"
    numbers = "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < :accounts)"
    connection.execute(
        f"{numbers} INSERT INTO accounts ({told}) SELECT {row} FROM n",  # noqa: S608
        {"now": "2026-11-01 00:00:00.000000", "accounts": accounts},
    )
    values = ("local", "default", accounts, b"0" * 32)
    connection.execute("INSERT INTO corpora (tenant_id, corpus, accounts, secret) VALUES (?,?,?,?)", values)
    drawn = np.random.default_rng(1)
    for part in range(_PARTS):
        width = (1 << KEY_BITS) // _PARTS
        keys = np.unique(drawn.integers(part * width, (part + 1) * width, accounts * _KEYS // _PARTS))
        holders = drawn.integers(1, accounts + 1, len(keys))
        pairs = zip(keys.tolist(), holders.tolist(), strict=True)
        connection.executemany("INSERT INTO account_keys (key, account) VALUES (?, ?)", pairs)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _import(root: Path, file: Path, database: Path, workers: int) -> Run:
    last = file.with_name("last.ndjson")
    command = [sys.executable, "-c", _RUN, str(file), f"sqlite:///{database}", str(workers), str(last)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True, timeout=900)
    return Run(**json.loads(run.stdout))


if __name__ == "__main__":
    main()
