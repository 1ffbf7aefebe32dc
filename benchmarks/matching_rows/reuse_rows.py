"""Real reuse: a portrait of 2021 that is the photograph of the 2014 directory, in colour and uncropped.

The labels were made by eye (benchmarks/data/README.md). Wrong pairs are each 2014 picture with every other person's
portrait.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from app.photos.hashing import account_photo, subject_photo
from app.photos.keypoints import Pixels, make_pixels, verify
from benchmarks.matching_rows.measures import FPR, threshold_at
from benchmarks.matching_rows.row import OURS, Row, say_share
from benchmarks.people import Half, Legislator, half_of, load_people
from benchmarks.pixel_pairs import read_picture
from matchers.photos import compare_photos
from matchers.pixels import SAME_DETAILS
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD

LABELS = Path(__file__).parents[1] / "data" / "real_reuse.csv"

# How much speaks for one photograph, by person whose portrait it is; of one 2014 picture.
Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Label:
    """What was seen of one person's two pictures: same, different or unsure, at first and after a second look."""

    first_look: str
    label: str


def read_labels() -> dict[str, Label]:
    """The committed labels by person."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        return {row["person"]: Label(row["first_look"], row["label"]) for row in csv.DictReader(file)}


def check_reuse(data: Path, people: int | None = None) -> Iterator[Row]:
    """Pixels at their committed threshold, all people; hashes at FPR 1e-4, test people."""
    labels = read_labels()
    everybody = [who for who in load_people(data) if who.older is not None][:people]
    ids = [who.id for who in everybody]
    yield _tell_pixels(dict(zip(ids, _run(partial(_score_pixels, data), ids), strict=True)), labels)
    yield _tell_hashes(dict(zip(ids, _run(partial(_score_hashes, data), ids), strict=True)), labels)


def _run(work: Callable[[str], Scores], ids: Sequence[str]) -> list[Scores]:
    if len(ids) < 16:
        return [work(person) for person in ids]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, ids, chunksize=4))


@lru_cache(maxsize=1)
def _people(data: Path) -> dict[str, Legislator]:
    return {who.id: who for who in load_people(data)}


@lru_cache(maxsize=1)
def _make_points(data: Path) -> dict[str, Pixels]:
    return {who.id: make_pixels(read_picture(who.portrait), mirror=True) for who in load_people(data)}


@lru_cache(maxsize=1)
def _make_subjects(data: Path) -> dict[str, Subject]:
    return {who.id: Subject(photos=(subject_photo(read_picture(who.portrait)),)) for who in load_people(data)}


def _older(data: Path, person: str) -> Path:
    older = _people(data)[person].older
    assert older is not None
    return older


def _score_pixels(data: Path, person: str) -> Scores:
    seen = make_pixels(read_picture(_older(data, person)))
    return {other: float(verify(points, seen).inliers) for other, points in _make_points(data).items()}


def _score_hashes(data: Path, person: str) -> Scores:
    account = Account("x", avatar=account_photo(read_picture(_older(data, person))))
    found = {other: compare_photos(subject, account, DEFAULT_WORLD) for other, subject in _make_subjects(data).items()}
    return {other: finding.bits if finding else 0.0 for other, finding in found.items()}


def _right(scores: Mapping[str, Scores], chosen: Sequence[str]) -> list[float]:
    return [scores[person][person] for person in chosen if person in scores]


def _wrong(scores: Mapping[str, Scores], half: Half | None = None) -> list[float]:
    return [
        score
        for person, row in scores.items()
        if half in {None, half_of(person)}
        for other, score in row.items()
        if other != person and half in {None, half_of(other)}
    ]


def _tell_pixels(scores: Mapping[str, Scores], labels: Mapping[str, Label]) -> Row:
    right = _right(scores, [person for person, seen in labels.items() if seen.label == "same"])
    first = _right(scores, [person for person, seen in labels.items() if seen.first_look == "same"])
    other = _right(scores, [person for person, seen in labels.items() if seen.label == "different"])
    wrong = _wrong(scores)
    found, at_first, alike = (sum(s >= SAME_DETAILS for s in part) for part in (right, first, other))
    return Row(
        f"real reuse, pixels: at least {SAME_DETAILS} details agree",
        f"{len(right)} of the same photograph",
        {OURS: f"{say_share(found, len(right))}; by the labels of the first look {say_share(at_first, len(first))}"},
        f"{len(wrong):,} other people: {sum(s >= SAME_DETAILS for s in wrong)} false, the highest has "
        f"{max(wrong):.0f} details; {alike} of {len(other)} other photographs of the same person",
        "all people; threshold: copies of development people; labels by eye, again where the pixels disagreed",
        ".970, 0 false",
    )


def _tell_hashes(scores: Mapping[str, Scores], labels: Mapping[str, Label]) -> Row:
    limit = threshold_at(_wrong(scores, "development"), FPR)
    same = [person for person, seen in labels.items() if seen.label == "same" and half_of(person) == "test"]
    right, wrong = _right(scores, same), _wrong(scores, "test")
    return Row(
        "real reuse, hashes, FPR 1e-4",
        f"{len(right)} of the same photograph",
        {OURS: say_share(sum(score > limit for score in right), len(right))},
        f"{len(_wrong(scores, 'development')):,} other people; of {len(wrong):,} test pairs "
        f"{sum(score > limit for score in wrong)} false",
        f"threshold ({limit:.1f} bits): development people; figure: test people",
        ".600",
    )
