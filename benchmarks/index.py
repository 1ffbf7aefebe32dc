"""The index of accounts at scale: what retrieval finds, what it costs, how large it is.

Run: python -m benchmarks.index --size 100k          also 1m, 3m, 10m; --folder keeps the database for another run
     python -m benchmarks.index --folder F --reuse --split development      for choosing

The database holds made-up accounts (`benchmarks.index_corpus`) and is filled by a fast way of its own
(`benchmarks.index_build`); `--import` imports 100,000 of them the way users do, for its speed. Queries are the plants
of the split; half of them are for choosing, the figures are those of the other half. Times are of `find_candidates`
with its candidates loaded; processor time beside them, since other work on the machine lengthens the rest.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import resource
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np

from app.accounts.importer import import_file
from app.accounts.probing import Prober
from app.accounts.retrieval import find_candidates, grow_limit, rank_accounts
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
from benchmarks.index_build import GATE, SCOPE, SIDE, Built, build
from benchmarks.index_corpus import PLANTS, SPLITS, VIEWS, Corpus, Planted
from matchers.photo_scheme import BITS, PROBES
from matchers.profile import Handle, Photo, Subject

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000, "3m": 3_000_000, "10m": 10_000_000}
LIMIT = 200
ASKED = ("name and handle", "name, handle and photo", "photo alone")
_DISTANCES = ((0, 8), (9, 16), (17, 24), (25, 31), (32, 40))
_WARM = 30
_IMPORTED = 100_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one query: whether the clone was found among how many, and whether it was cut short.

    `ranking` are processor seconds until candidates are ranked, `busy` those until they are loaded, `seconds` elapsed.
    """

    planted: Planted
    found: bool
    candidates: int
    seconds: float
    busy: float
    ranking: float
    partial: bool


def make_subject(planted: Planted, asked: str) -> Subject:
    """The person as a user would describe him, by what is asked with.

    Only the first of the probes is the picture as it is; the others resemble nothing, and cost what real ones cost.
    """
    own, photos = planted.own, tuple[Photo, ...]()
    if "photo" in asked:
        rng = random.Random(own.number)
        probes = (own.views[0], *(rng.getrandbits(BITS) for _ in PROBES[1:]))
        photos = (Photo(dict(zip(VIEWS, own.views, strict=True)), probes=probes, gate=GATE, side=SIDE),)
    if asked == "photo alone":
        return Subject(photos=photos)
    return Subject(names=(own.name,), handles=(Handle(own.handle, own.platform),), photos=photos)


def ask_all(database: Database, planted: Sequence[Planted], asked: str) -> list[Answer]:
    """Ask for every planted person; the first queries warm up and do not count."""
    answers: list[Answer] = []
    with database.read() as session:
        for at, plant in enumerate((*planted[:_WARM], *planted)):
            subject = make_subject(plant, asked)
            began, busy = perf_counter(), process_time()
            found = find_candidates(session, subject, SCOPE.corpus, LIMIT, SCOPE.tenant)
            spent = perf_counter() - began, process_time() - busy
            busy = process_time()
            rank_accounts(Prober(session, SCOPE), subject, LIMIT)
            ranking = process_time() - busy
            if at >= _WARM:
                hit = any(candidate.row_id == plant.clone.number for candidate in found.candidates)
                answers.append(Answer(plant, hit, len(found.candidates), *spent, ranking, found.left_out > 0))
    return answers


def write_answers(asked: str, answers: Sequence[Answer]) -> Iterator[str]:
    """The rows of the table for one way to ask."""
    seconds = np.percentile([answer.seconds for answer in answers], (50, 95)) * 1e3
    busy = np.percentile([answer.busy for answer in answers], (50, 95)) * 1e3
    ranking = np.percentile([answer.ranking for answer in answers], (50, 95)) * 1e3
    yield f"| {asked}: recall | {_share(answers)} |"
    if asked == "photo alone":
        for least, most in _DISTANCES:
            chosen = [answer for answer in answers if least <= answer.planted.flips <= most]
            yield f"| {asked}, {least} to {most} bits changed: recall | {_share(chosen)} |"
    else:
        for told, unrelated in (("handle changed", False), ("unrelated handle", True)):
            chosen = [answer for answer in answers if (answer.planted.change == "unrelated handle") is unrelated]
            yield f"| {asked}, {told}: recall | {_share(chosen)} |"
    yield f"| {asked}: milliseconds p50 / p95 | {seconds[0]:.2f} / {seconds[1]:.2f} |"
    yield f"| {asked}: processor milliseconds p50 / p95 | {busy[0]:.2f} / {busy[1]:.2f} |"
    yield f"| {asked}: of these until they are ranked, pages read before | {ranking[0]:.2f} / {ranking[1]:.2f} |"
    yield f"| {asked}: candidates, mean | {np.mean([answer.candidates for answer in answers]):.0f} |"
    yield f"| {asked}: answers that are partial | {np.mean([answer.partial for answer in answers]):.3f} |"


def _share(answers: Sequence[Answer]) -> str:
    if not answers:
        return "none asked"
    return f"{np.mean([answer.found for answer in answers]):.4f} (n = {len(answers):,})"


def write_size(built: Built, size: int) -> Iterator[str]:
    """The rows about what was built."""
    yield f"| keys an account | {built.keys / size:.1f} |"
    yield f"| bytes an account: the account | {built.bytes_accounts / size:.0f} |"
    yield f"| bytes an account: keys, clustered by key | {built.bytes_keys / size:.0f} |"
    yield f"| common keys | {built.common:,} |"
    yield f"| built by the benchmark's own way, accounts a second | {size / built.seconds:,.0f} |"


def time_import(folder: Path) -> Iterator[str]:
    """Import accounts without pictures through the importer."""
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder / 'imported.db'}")
    file = folder / "accounts.ndjson"
    with file.open("w", encoding="utf-8") as stream:
        for drawn in Corpus(_IMPORTED):
            record = {"platform": drawn.platform, "handle": drawn.handle, "display_name": drawn.name}
            stream.write(json.dumps(record) + "\n")
    database = Database(settings.url)
    upgrade(database)
    began = perf_counter()
    import_file(file, database, settings)
    database.dispose()
    rate = _IMPORTED / (perf_counter() - began)
    yield f"| import of {_IMPORTED:,} accounts without pictures, accounts a second | {rate:,.0f} |"


def measure(folder: Path, size: int, split: str, queries: int, workers: int, *, reuse: bool) -> Iterator[str]:
    """Build, or take what an earlier run left in the folder, and measure: the lines of a table."""
    database, plants = folder / "index.db", folder / "plants.pickle"
    if not (reuse and plants.exists()):
        corpus = Corpus(size)
        built = build(database, corpus, workers)
        # Written and read by this benchmark alone.
        plants.write_bytes(pickle.dumps((size, built, corpus.planted)))
    size, built, planted = pickle.loads(plants.read_bytes())  # noqa: S301
    yield f"{size:,} accounts, {split} half of the plants, first {grow_limit(LIMIT, size):,} candidates"
    yield ""
    yield "| measure | figure |"
    yield "|---|---|"
    yield from write_size(built, size)
    opened = Database(f"sqlite:///{database}")
    chosen = [plant for plant in planted if plant.split == split][:queries]
    for asked in ASKED:
        yield from write_answers(asked, ask_all(opened, chosen, asked))
    opened.dispose()
    greatest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"| greatest memory of this process, building included, megabytes | {greatest:.0f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=tuple(SIZES), default="100k")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--queries", type=int, default=PLANTS, help="how many plants are asked for")
    parser.add_argument("--workers", type=int, default=2, help="processes that make keys")
    parser.add_argument("--folder", type=Path, help="where the database is kept; default: a temporary folder")
    parser.add_argument("--reuse", action="store_true", help="take the database that is in the folder")
    parser.add_argument("--import", dest="importing", action="store_true", help="also time an import")
    chosen = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder: Path = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        size = SIZES[chosen.size]
        for line in measure(folder, size, chosen.split, chosen.queries, chosen.workers, reuse=chosen.reuse):
            print(line, flush=True)
        for line in time_import(Path(temporary)) if chosen.importing else ():
            print(line)


if __name__ == "__main__":
    main()
