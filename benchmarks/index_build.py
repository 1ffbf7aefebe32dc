"""Fills an empty database with the corpus of the index benchmark, by a way of its own that no user takes.

Keys are made in worker processes, spilled into files by their highest bits, sorted file by file and written in key
order; counts of common keys come from the sorted files. The tables are those of the migrations, the rows those that an
import would have written, but that an import checks every account and keeps every table right after every batch.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from app.accounts.key_store import COMMON
from app.accounts.rows import pack_views
from app.accounts.scope import Scope
from app.platforms.catalogue import load_catalogue
from app.storage import Database
from app.storage.migrate import upgrade
from benchmarks.index_corpus import VIEWS, Corpus, Drawn
from matchers.keys import KEY_BITS, KEY_VERSION, account_keys
from matchers.photo_scheme import SCHEME
from matchers.profile import Account, Photo

SCOPE = Scope("default")
_CHUNK = 10_000
_PARTS = 64
_PART_SHIFT = KEY_BITS - 6
_ROW = np.dtype([("key", "<i8"), ("account", "<i4")])
_MOMENT = "2026-11-01 00:00:00.000000"
_ACCOUNT_COLUMNS = (
    "id", "public_id", "tenant_id", "corpus", "platform", "handle", "handle_key", "display_name", "avatar_scheme",
    "avatar_views", "avatar_gate", "avatar_side", "source", "observed_at", "inserted_at", "updated_at", "key_version",
)  # fmt: skip
GATE, SIDE = 0.5, 400

Keys = NDArray[np.void]


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: rows of keys, common keys, seconds it took, and bytes of the file after each step."""

    keys: int
    common: int
    seconds: float
    bytes_accounts: int
    bytes_keys: int


def to_account(drawn: Drawn) -> Account:
    """The account that is compared."""
    return Account(drawn.platform, drawn.handle, display_name=drawn.name, avatar=to_photo(drawn.views))


def to_photo(views: tuple[int, ...]) -> Photo | None:
    """The photo with these views; None for none."""
    return Photo(dict(zip(VIEWS, views, strict=True)), gate=GATE, side=SIDE) if views else None


def make_keys(chunk: list[Drawn]) -> Keys:
    """The rows of keys of some accounts, in key order."""
    rows = [(key, drawn.number) for drawn in chunk for key in account_keys(to_account(drawn), SCOPE.key_space)]
    made = np.array(rows, dtype=_ROW)
    return made[np.argsort(made["key"], kind="stable")]


def build(database: Path, corpus: Corpus, workers: int) -> Built:
    """Fill a new database."""
    began = perf_counter()
    _migrate(database)
    spill = database.with_suffix(".keys")
    spill.mkdir()
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "secure_delete=OFF", "cache_size=-200000"):
        connection.execute(f"PRAGMA {pragma}")
    indexes = _drop_indexes(connection)
    total = _spill(connection, corpus, workers, spill)
    for sql in indexes:
        connection.execute(sql)
    sizes = [database.stat().st_size]
    common = _load_keys(connection, spill)
    sizes.append(database.stat().st_size)
    values = (SCOPE.tenant, SCOPE.corpus, corpus.size, b"0" * 32)
    connection.execute("INSERT INTO corpora (tenant_id, corpus, accounts, secret) VALUES (?,?,?,?)", values)
    connection.execute("ANALYZE")
    connection.close()
    return Built(total, common, perf_counter() - began, sizes[0], sizes[1] - sizes[0])


def _migrate(database: Path) -> None:
    opened = Database(f"sqlite:///{database}")
    upgrade(opened)
    opened.dispose()


def _drop_indexes(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'accounts'"
    found = connection.execute(query).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def _spill(connection: sqlite3.Connection, corpus: Corpus, workers: int, folder: Path) -> int:
    """Write the accounts, and their keys into files by their highest bits; returns the number of keys."""
    total = 0
    files = [(folder / f"{part:02}").open("wb") for part in range(_PARTS)]
    for made in _make_all(connection, corpus, workers):
        edges = np.searchsorted(made["key"], np.arange(_PARTS + 1, dtype=np.uint64) << np.uint64(_PART_SHIFT))
        for part, file in enumerate(files):
            made[edges[part] : edges[part + 1]].tofile(file)
        total += len(made)
    for file in files:
        file.close()
    return total


def _make_all(connection: sqlite3.Connection, corpus: Corpus, workers: int) -> Iterator[Keys]:
    drawn = iter(corpus)
    waiting: deque[Future[Keys]] = deque()
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        while chunk := list(islice(drawn, _CHUNK)):
            waiting.append(pool.submit(make_keys, chunk))
            _insert_accounts(connection, chunk)
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _insert_accounts(connection: sqlite3.Connection, chunk: Iterable[Drawn]) -> None:
    fields = f"({','.join(_ACCOUNT_COLUMNS)}) VALUES ({','.join('?' * len(_ACCOUNT_COLUMNS))})"
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO accounts {fields}", map(_account_row, chunk))
    connection.execute("COMMIT")


def _account_row(drawn: Drawn) -> tuple[object, ...]:
    packed = pack_views(dict(zip(VIEWS, drawn.views, strict=True))) if drawn.views else None
    picture = (SCHEME, packed, GATE, SIDE) if packed else (None,) * 4
    key = load_catalogue().handle_key(drawn.platform, drawn.handle) or drawn.handle
    # A random public id would be as long.
    named = (drawn.number, f"{drawn.number:020d}", SCOPE.tenant, SCOPE.corpus, drawn.platform, drawn.handle, key)
    return (*named, drawn.name, *picture, "import", _MOMENT, _MOMENT, _MOMENT, KEY_VERSION)


def _load_keys(connection: sqlite3.Connection, folder: Path) -> int:
    """Write all keys in their order; returns how many are common."""
    common = 0
    for part in range(_PARTS):
        file = folder / f"{part:02}"
        rows = np.fromfile(file, dtype=_ROW)
        rows = rows[np.lexsort((rows["account"], rows["key"]))]
        connection.execute("BEGIN")
        pairs = zip(rows["key"].tolist(), rows["account"].tolist(), strict=True)
        connection.executemany("INSERT INTO account_keys (key, account) VALUES (?, ?)", pairs)
        keys, counts = np.unique(rows["key"], return_counts=True)
        held = counts > COMMON
        counted = zip(keys[held].tolist(), counts[held].tolist(), strict=True)
        connection.executemany("INSERT INTO key_counts (key, accounts) VALUES (?, ?)", counted)
        connection.execute("COMMIT")
        common += int(held.sum())
        file.unlink()
    folder.rmdir()
    return common
