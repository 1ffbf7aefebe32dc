"""Speed and size: microseconds a pair from parsed features, beside rapidfuzz in the same run; import time; memory."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from PIL.Image import Image
from rapidfuzz import fuzz

from app.demo.population import draw_person, make_handle
from app.photos.hashing import account_photo, subject_photo
from app.photos.matching import match_photos
from benchmarks.matching_rows.measures import digest as hash_text
from benchmarks.matching_rows.name_rows import read_legislators
from benchmarks.matching_rows.row import OURS, Row
from benchmarks.people import ROOT, find_data, load_people, read_picture
from matchers.model import judge
from matchers.profile import Account, Handle, Photo, Subject
from matchers.world import World

BATCH = 200
_IMPORT = "import time; t = time.perf_counter(); import matchers.model, matchers.keys; print(time.perf_counter() - t)"
_PORTRAITS = 24

Pair = tuple[Subject, Account]


def check_speed(folder: Path, repeat: int = 5) -> Iterator[Row]:
    """Time whole judgements; the best of `repeat` runs, since what else the machine does only ever adds."""
    subjects = [
        _subject(row["official_full"], row["twitter"]) for row in read_legislators(folder, "test") if row["twitter"]
    ][:BATCH]
    strangers = _draw_strangers(BATCH)
    random_pairs = [(subject, account) for subject in subjects[:20] for account in strangers]
    clones = [(subject, _clone(subject)) for subject in subjects]
    rival, clone = _time(_compare_names, random_pairs, repeat), _time(_judge, clones, repeat)
    ours = min(_time_batches(subjects[:20], strangers) for _ in range(repeat))
    for told, taken, pairs, reach in (
        (f"random pair, name, handle and photo, in batches of {BATCH}", ours, random_pairs, "15 us"),
        ("true clone with explanation", clone, clones, "300 us"),
    ):
        figures = {OURS: f"{taken:.1f} us, {taken / rival:.0f} x WRatio", "WRatio": f"{rival:.2f} us (names alone)"}
        split = f"features parsed before, best of {repeat} runs of {len(pairs):,}"
        yield Row(f"speed: {told}", f"{len(pairs):,}", figures, split=split, reach=reach)
    imported = statistics.median(_time_import() for _ in range(repeat))
    yield Row("import of the matchers", str(repeat), {OURS: f"{imported:.2f} s"}, split="median", reach="0.30 s")
    yield Row("memory of the tables", "1", {OURS: f"{_measure_tables():.0f} MB"}, split="tracemalloc", reach="100 MB")


def _subject(name: str, handle: str) -> Subject:
    return Subject(names=(name,), handles=(Handle(handle, "x"),), photos=(_portrait(name, subject_photo),))


def _portrait(seed: str, hashed: Callable[[Image], Photo]) -> Photo:
    """One of a few real portraits, since how long they take depends on them; subjects and accounts wear others."""
    shift = 0 if hashed is subject_photo else _PORTRAITS
    return _hash(hash_text(seed) % _PORTRAITS + shift, hashed)


def _wear(seed: str) -> Photo:
    return _portrait(seed, account_photo)


@lru_cache(maxsize=2 * _PORTRAITS)
def _hash(at: int, hashed: Callable[[Image], Photo]) -> Photo:
    return hashed(read_picture(load_people(find_data())[at].portrait))


def _draw_strangers(count: int) -> list[Account]:
    rng = random.Random("speed")
    people = [draw_person(rng) for _ in range(count)]
    return [
        Account("x", make_handle(rng, person, "x"), display_name=person.full, avatar=_touch(rng, _wear(person.full)))
        for person in people
    ]


def _touch(rng: random.Random, photo: Photo) -> Photo:
    """Change a bit of each view, so that no two accounts wear the same picture."""
    return replace(photo, views={name: value ^ 1 << rng.randrange(256) for name, value in photo.views.items()})


def _clone(subject: Subject) -> Account:
    avatar = Photo(views={"whole": subject.photos[0].probes[0] ^ 0b1011}, side=400)
    handle, name = subject.handles[0].text, subject.names[0]
    return Account("x", f"{handle[:-1]}_{handle[-1]}", display_name=name.replace("a", "а", 1), avatar=avatar)


def _time_batches(subjects: Sequence[Subject], accounts: Sequence[Account]) -> float:
    """Microseconds a pair, as a scan judges its candidates: photos first, all at once, then each account."""
    avatars = [account.avatar for account in accounts if account.avatar]
    start = time.perf_counter()
    for subject in subjects:
        world = World(photo_matches=match_photos(subject, avatars))
        for account in accounts:
            judge(subject, account, world)
    return (time.perf_counter() - start) / (len(subjects) * len(accounts)) * 1e6


def _judge(pair: Pair) -> object:
    return judge(*pair)


def _compare_names(pair: Pair) -> object:
    return fuzz.WRatio(pair[0].names[0], pair[1].display_name or "")


def _time(work: Callable[[Pair], object], pairs: Sequence[Pair], repeat: int) -> float:
    taken = []
    for _ in range(repeat + 1):
        start = time.perf_counter()
        for pair in pairs:
            work(pair)
        taken.append((time.perf_counter() - start) / len(pairs) * 1e6)
    # The first run parses names and handles.
    return min(taken[1:])


def _time_import() -> float:
    told = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True, cwd=ROOT)
    return float(told.stdout)


_TABLES = """import tracemalloc
import matchers.model, matchers.keys
from matchers.profile import Account, Handle, Subject
tracemalloc.start()
subject = Subject(names=("Robert Иванов",), handles=(Handle("robertdoe", "x"),))
matchers.model.judge(subject, Account("x", "realr0bertdoe", display_name="Bob Ivanov"))
matchers.keys.subject_probes(subject, "default")
print(tracemalloc.get_traced_memory()[0] / 1e6)
"""


def _measure_tables() -> float:
    told = subprocess.run([sys.executable, "-c", _TABLES], capture_output=True, text=True, check=True, cwd=ROOT)
    return float(told.stdout)
