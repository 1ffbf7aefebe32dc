"""Real reuse: a portrait of 2021 that is the photograph of the 2014 directory, in colour and uncropped.

The labels were made by eye, by two raters (benchmarks/data/README.md). Wrong pairs are each 2014 picture with every
other person's portrait.
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
from benchmarks.people import Half, Legislator, half_of, load_people, read_picture
from matchers.photos import compare_photos
from matchers.pixels import SAME_DETAILS
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD

LABELS = Path(__file__).parents[1] / "data" / "real_reuse.csv"

# How much speaks for one photograph, by person whose portrait it is; of one 2014 picture.
Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Label:
    """What was seen of one person's two pictures: same, different or unsure.

    By the first rater at first and after a second look where the pixels disagreed; by a second rater, independently.
    """

    first_look: str
    label: str
    second_rater: str


def read_labels() -> dict[str, Label]:
    """The committed labels by person."""
    with LABELS.open(encoding="utf-8", newline="") as file:
        return {row.pop("person"): Label(**row) for row in csv.DictReader(file)}


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
    right, looked_again, at_first, both = (
        _right(scores, [person for person, seen in labels.items() if is_same(seen)]) for is_same in _READINGS
    )
    other = _right(scores, [person for person, seen in labels.items() if seen.second_rater == "different"])
    wrong = _wrong(scores)
    return Row(
        f"real reuse, pixels: at least {SAME_DETAILS} details agree",
        f"{len(right)} of the same photograph",
        {
            OURS: f"{_say_found(right)}; where both raters say same {_say_found(both)}; "
            f"first rater: at first {_say_found(at_first)}, after looking again {_say_found(looked_again)}"
        },
        f"{len(wrong):,} other people: {_count_found(wrong)} false, the highest has {max(wrong):.0f} details; "
        f"{_count_found(other)} of {len(other)} other photographs of the same person",
        "all people; threshold: copies of development people; labels by eye of the second rater, who saw no measure",
        ".970, 0 false",
    )


# How the labels are read: the second rater, the first one after looking again, the first one at first, both.
_READINGS: tuple[Callable[[Label], bool], ...] = (
    lambda seen: seen.second_rater == "same",
    lambda seen: seen.label == "same",
    lambda seen: seen.first_look == "same",
    lambda seen: seen.first_look == seen.second_rater == "same",
)


def _count_found(scores: Sequence[float]) -> int:
    return sum(score >= SAME_DETAILS for score in scores)


def _say_found(scores: Sequence[float]) -> str:
    return say_share(_count_found(scores), len(scores))


def _tell_hashes(scores: Mapping[str, Scores], labels: Mapping[str, Label]) -> Row:
    limit = threshold_at(_wrong(scores, "development"), FPR)
    same = [person for person, seen in labels.items() if seen.second_rater == "same" and half_of(person) == "test"]
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
