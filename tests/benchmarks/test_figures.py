"""The benchmark's arithmetic: intervals, ranks, calibration; and that planted accounts are what they are said to be."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.crowd import gather_crowd
from benchmarks.disguises import disguise, imitate
from benchmarks.figures import count_kinds, interval, measure_calibration, rate
from benchmarks.people import load_people
from benchmarks.plants import CLONES, OTHERS, REENCODED, Label
from benchmarks.report import say
from benchmarks.scanning import Outcome, Pair
from matchers.text import skeleton


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (1, 1000, 0.00018, 0.00564), (0, 0, 0, 1)],
)
def test_wilson_intervals_agree_with_published_values(hits: int, of: int, low: float, high: float) -> None:
    assert interval(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_shares_are_written_with_their_interval() -> None:
    assert say(rate(5, 10)) == "50.0 % (23.7-76.3 %)"
    assert say(rate(0, 0)) == "-"


def test_an_account_that_was_not_retrieved_counts_against_finding_it() -> None:
    found = Outcome(Label(REENCODED, "real", "p"), 2, "clone", 0.9)
    missed = Outcome(Label(REENCODED, "real", "p"), None, None, None)
    row = count_kinds([found, missed])[REENCODED]
    assert (row["listed"]["hits"], row["rank_1"]["hits"], row["rank_5"]["hits"]) == (1, 0, 1)
    assert row["right_verdict"]["hits"] == 1
    assert row["verdicts"] == {"clone": 1, "not retrieved": 1}


def test_calibration_is_perfect_when_the_odds_are_and_counts_a_stranger_s_clone_as_wrong() -> None:
    mine, strangers = Label(REENCODED, "real", "p"), Label("stranger", "drawn")
    pairs = [Pair(mine, {"probability": 1.0}), Pair(strangers, {"probability": 0.0})]
    assert measure_calibration(pairs, lambda _: "p")["error"] == 0
    assert measure_calibration(pairs, lambda _: "q")["error"] == pytest.approx(0.5)


def test_imitations_change_a_handle_little_and_disguises_nothing_to_the_eye() -> None:
    rng = random.Random(3)  # noqa: S311
    for _ in range(300):
        assert imitate(rng, "repjanedoe") != "repjanedoe"
        assert abs(len(imitate(rng, "repjanedoe")) - len("repjanedoe")) <= 1
        assert skeleton(disguise(rng, "Jane Doe")) == skeleton("Jane Doe")


@pytest.mark.data
def test_each_person_has_every_kind_of_plant_and_each_picture_is_used_once(data_dir: Path) -> None:
    crowd = gather_crowd(load_people(data_dir), scanned=4, background=50, seed=2)
    accounts = list(crowd.accounts())
    assert len(accounts) == crowd.size == len(crowd.labels)
    kinds = Counter(label.kind for label in crowd.labels.values() if label.person == crowd.scanned[0].id)
    assert kinds == dict.fromkeys((*CLONES, *OTHERS), 1) | {"namesake": 4, "relative": 4}
    pictures = [a["avatar"]["base64"] for a in accounts if _is_real_stranger(crowd.labels[a["account_id"]])]
    assert len(pictures) == len(set(pictures)) > 500
    handles = Counter((a["platform"], a["handle"].lower()) for a in accounts)
    assert handles.most_common(1)[0][1] == 1


def _is_real_stranger(label: Label) -> bool:
    return label.picture == "real" and (label.person is None or label.kind in {"namesake", "relative"})


@pytest.mark.data
def test_the_halves_never_change(data_dir: Path) -> None:
    people = load_people(data_dir)
    assert [(who.id, who.half) for who in people[:4]] == [
        ("G000552", "development"),
        ("S001199", "test"),
        ("B001295", "development"),
        ("P000523", "development"),
    ]
    assert {who.half for who in people} == {"development", "test"}
    assert 0.4 < sum(who.half == "test" for who in people) / len(people) < 0.6
