"""Checks: one account against a hundred thousand protected people; how fast, how many copies found, how many false.

Run: python -m benchmarks.checks                                   100,000 subjects, test people's pictures
     python -m benchmarks.checks --subjects 5000 --checks 500      a small one
     python -m benchmarks.checks --profile                         where the time goes

Pictures come from CLONECHECK_TEST_DATA (real portraits); without it they are drawn. The times are of one thread from
the body of a request to the body of the answer, without sockets; avatars are sent as hashes. Then many accounts at once
and the real service over HTTP (`benchmarks.check_rates`). The last figures compare what a scan and a check retrieve by
pictures alone, on portraits changed in 55 ways.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image
from sqlalchemy import select

from app.accounts.scope import Scope
from app.checks.schemas import CheckIn, CheckOut
from app.checks.service import CheckService
from app.demo.portraits import draw_portrait
from app.photos.hashing import account_photo, subject_photo
from app.photos.intake import decode
from app.settings import Settings
from app.storage import Database
from app.storage.migrate import upgrade
from app.subjects.models import SubjectRow
from app.subjects.rows import draft_subject
from app.subjects.schemas import SubjectIn
from app.subjects.store import add_subjects
from benchmarks.check_rates import write_rates
from benchmarks.people import Half, find_data, load_people, read_picture
from benchmarks.protected import COPYING, STRANGER, Checked, Faces, Protected, draw_checked, draw_protected
from benchmarks.transforms import TRANSFORMS, transform
from matchers.keys import account_keys, subject_probes
from matchers.photos import nearest, photo_usable
from matchers.profile import Account, Subject
from matchers.subject_keys import account_probes, subject_keys

_BATCH = 500
_PICTURES = 250
_COPYING = 0.1
# Strangers by whom checks a second are measured.
MOST_RATED = 1_500
# Copies at which no hash is nearer are found by nothing that compares hashes (matchers/photos.py).
WITHIN = 58


class Taken(NamedTuple):
    """Seconds of one check by the clock, and those of the processor; a busy machine lengthens the first."""

    clock: float
    processor: float


@dataclass(slots=True)
class Measured:
    """How long each check took, and by kind how many there were and how many were matched."""

    taken: list[Taken] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    by_kind: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def percentile(seconds: Sequence[float], share: float) -> str:
    """Milliseconds within which this share of the checks was answered."""
    return f"{sorted(seconds)[int(len(seconds) * share)] * 1000:.2f}"


def open_pictures(half: Half, most: int = _PICTURES) -> list[Image.Image]:
    """Real portraits of one half; drawn ones where there are none."""
    try:
        people = [who for who in load_people(find_data()) if who.half == half][:most]
    except SystemExit:
        return [draw_portrait(f"protected:{number}") for number in range(min(most, 60))]
    return [read_picture(who.portrait) for who in people]


def draw_people(count: int, faces: Faces, seed: int) -> Iterator[list[Protected]]:
    """Draw people in batches, the same ones for the same seed."""
    rng = random.Random(f"people:{seed}")
    for start in range(0, count, _BATCH):
        yield [draw_protected(rng, faces) for _ in range(min(_BATCH, count - start))]


def fill(database: Database, settings: Settings, batches: Iterable[list[Protected]]) -> None:
    """Store people."""
    scope, given = Scope.of(settings), SubjectIn(name="unused")
    for people in batches:
        drafts = [draft_subject(one.subject, given, scope.key_space) for one in people]
        with database.write() as session:
            add_subjects(session, scope, drafts)


def sample(database: Database, batches: Iterable[list[Protected]]) -> dict[str, Protected]:
    """Some thousands of the stored people, by the public id of their subject."""
    with database.read() as session:
        ids = session.scalars(select(SubjectRow.public_id).order_by(SubjectRow.id)).all()
    kept: dict[str, Protected] = {}
    stored, seen = iter(ids), set()
    for number, people in enumerate(batches):
        for one in people:
            # Two people of whom nothing is known but the same name are one subject.
            content = (one.subject.names, one.subject.handles, one.subject.photos and one.mask)
            if content in seen:
                continue
            seen.add(content)
            public_id = next(stored)
            if number % 10 == 0:
                kept[public_id] = one
    return kept


def body_of(account: Checked) -> bytes:
    """The body of the request."""
    return json.dumps({"account": account.wire}, ensure_ascii=False).encode()


def answer(service: CheckService, body: bytes) -> tuple[CheckOut, Taken]:
    """Answer one request, from body to body."""
    start = time.perf_counter(), time.thread_time()
    told = service.check(CheckIn.model_validate_json(body))
    told.model_dump_json()
    taken = Taken(time.perf_counter() - start[0], time.thread_time() - start[1])
    assert isinstance(told, CheckOut)
    return told, taken


def check_all(service: CheckService, accounts: Sequence[tuple[Checked, str | None]]) -> Measured:
    """Check accounts, each with the public id of the subject that it copies."""
    measured = Measured()
    for account, copied in accounts:
        told, taken = answer(service, body_of(account))
        measured.taken.append(taken)
        measured.by_kind[account.kind].append(taken.processor)
        matched = {match.subject_id for match in told.matches}
        measured.asked[account.kind] += 1
        measured.found[account.kind] += copied in matched
        measured.false[account.kind] += len(matched - {copied}) > 0
    return measured


def draw_accounts(kept: dict[str, Protected], faces: Faces, count: int, seed: int) -> list[tuple[Checked, str | None]]:
    """Accounts to check, most of them copying nobody."""
    ids = list(kept)
    people = dict(enumerate(kept.values()))
    drawn = islice(draw_checked(random.Random(f"checked:{seed}"), people, faces, _COPYING), count)
    return [(one, None if one.copies is None else ids[one.copies]) for one in drawn]


@dataclass(slots=True)
class Directions:
    """How many changed pictures within `WITHIN` bits a scan finds by them alone, and a check."""

    pairs: int = 0
    scan: int = 0
    check: int = 0
    either: int = 0


def compare_directions(pictures: Sequence[Image.Image], changes: Sequence[str] = tuple(TRANSFORMS)) -> Directions:
    """Retrieve each changed picture both ways, by its keys alone."""
    told, settings = Directions(), Settings()
    rng = np.random.default_rng(0)
    for at, picture in enumerate(pictures):
        photo = subject_photo(picture)
        subject = Subject(photos=(photo,))
        probes = {probe.key for probe in subject_probes(subject, "")}
        stored = subject_keys(subject, "")
        for change in changes:
            avatar = account_photo(decode(transform(change, picture, rng, pictures[at - 1]), settings))
            if not photo_usable(avatar)[0] or nearest(photo.probes, avatar).distance > WITHIN:
                continue
            account = Account("x", avatar=avatar)
            scan = not probes.isdisjoint(account_keys(account, ""))
            check = not stored.isdisjoint(account_probes(account, "").photos)
            told.pairs += 1
            told.scan += scan
            told.check += check
            told.either += scan or check
    return told


def write_figures(measured: Measured) -> Iterator[str]:
    """The figures, a line each."""
    for told, seconds in zip(("clock", "processor"), zip(*measured.taken, strict=True), strict=True):
        rate = len(seconds) / sum(seconds)
        p50, p95 = percentile(seconds, 0.5), percentile(seconds, 0.95)
        yield f"a check by the {told}: p50 {p50} ms, p95 {p95} ms, {rate:.0f} checks/s in one thread"
    for kind, asked in sorted(measured.asked.items()):
        middle = statistics.median(measured.by_kind[kind]) * 1000
        right = f"{measured.found[kind]} found, " if kind in COPYING else ""
        yield f"{kind}: {asked}, {right}{measured.false[kind]} with a false match; p50 {middle:.2f} ms of the processor"


def make_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=100_000)
    parser.add_argument("--checks", type=int, default=4_000)
    parser.add_argument("--half", choices=("test", "development"), default="test")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, help="a folder for the database; one filled with the same options is used again"
    )
    parser.add_argument("--profile", action="store_true")
    return parser


def main() -> None:
    """Run the benchmark and print its figures."""
    chosen = make_parser().parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        run(chosen, chosen.keep or Path(temporary))


def run(chosen: argparse.Namespace, folder: Path) -> None:
    """Fill the database, check, and print what is seen."""
    file = folder / "checks.db"
    url, is_new = f"sqlite:///{file}", not file.exists()
    settings = Settings(database_url=url)
    database = Database(url)
    pictures = open_pictures(chosen.half)
    faces = Faces(pictures)
    if is_new:
        upgrade(database)
        start = time.perf_counter()
        fill(database, settings, draw_people(chosen.subjects, faces, chosen.seed))
        print(f"{chosen.subjects:,} subjects stored in {time.perf_counter() - start:.0f} s", flush=True)
    kept = sample(database, draw_people(chosen.subjects, faces, chosen.seed))
    print(f"{os.path.getsize(file) / chosen.subjects / 1000:.1f} kB a subject")
    accounts = draw_accounts(kept, faces, chosen.checks, chosen.seed)
    service = CheckService(database, settings)
    check_all(service, accounts[:200])
    if chosen.profile:
        profiler = cProfile.Profile()
        profiler.runcall(check_all, service, accounts[:1000])
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)
        return
    for line in write_figures(check_all(service, accounts)):
        print(line, flush=True)
    strangers = [account.wire for account, _ in accounts if account.kind == STRANGER]
    for line in write_rates(url, strangers[:MOST_RATED], chosen.workers):
        print(line, flush=True)
    told = compare_directions(pictures[:60])
    print(
        f"by pictures alone, {told.pairs} copies within {WITHIN} bits: a scan retrieves {told.scan / told.pairs:.3f}, "
        f"a check {told.check / told.pairs:.3f}, either {told.either / told.pairs:.3f}"
    )


if __name__ == "__main__":
    main()
