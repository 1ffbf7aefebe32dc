"""How well names are compared, beside rapidfuzz: labelled pairs, real variants, spellings of one name, speed.

Run: python -m benchmarks.names [--data DIR]      (DIR or CLONECHECK_TEST_DATA holds names/)

Split: rows and people fall into development and test by a hash of their text; thresholds are chosen on development
rows, or on the pairs of different legislators, and reported on test rows.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import random
import time
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

from rapidfuzz import fuzz, utils

from benchmarks.foreign_names import other_people
from matchers.names import compare_names
from matchers.profile import Account, Subject
from matchers.world import DEFAULT_WORLD

Pair = tuple[str, str]
Scorer = Callable[[str, str], float]


def ours(one: str, other: str) -> float:
    """Score by raw bits, ties by the confirmed share."""
    finding = compare_names(Subject(names=(one,)), Account("x", display_name=other), DEFAULT_WORLD)
    if finding is None:
        return -9.0
    share = finding.params["share"]
    return finding.bits + 0.001 * (share if isinstance(share, float) else 0.0)


def wratio(one: str, other: str) -> float:
    """Score by rapidfuzz's WRatio after its own default processing."""
    return float(fuzz.WRatio(one, other, processor=utils.default_process))


SCORERS: dict[str, Scorer] = {"ours": ours, "WRatio": wratio}


def in_test(text: str) -> bool:
    """Put half of everything into the test part, by a hash."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with a head line."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def auc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Compute the chance that a match scores above a non-match; ties count half."""
    right = [s for s, label in zip(scores, labels, strict=True) if label]
    wrong = [s for s, label in zip(scores, labels, strict=True) if not label]
    wins = sum((r > w) + 0.5 * (r == w) for r in right for w in wrong)
    return wins / (len(right) * len(wrong))


def f1(scores: Sequence[float], labels: Sequence[bool], threshold: float) -> float:
    """Compute F1 when everything from the threshold up is called a match."""
    hits = sum(label and s >= threshold for s, label in zip(scores, labels, strict=True))
    called = sum(s >= threshold for s in scores)
    return 2 * hits / (called + sum(labels)) if called else 0.0


def check_labelled(folder: Path) -> None:
    """Report F1 and AUC on the labelled pairs of persons."""
    rows = [r for r in read_rows(folder / "opensanctions_name_checks.csv") if r["schema"] == "Person"]
    parts = {False: [], True: []}  # type: dict[bool, list[dict[str, str]]]
    for row in rows:
        parts[in_test(row["name1"] + "|" + row["name2"])].append(row)
    print(f"labelled pairs: {len(parts[False])} development, {len(parts[True])} test (threshold from development)")
    for name, scorer in SCORERS.items():
        scores = {
            k: [max(scorer(r["name1"], r["name2"]), scorer(r["name2"], r["name1"])) for r in v]
            for k, v in parts.items()
        }
        labels = {k: [r["is_match"] == "true" for r in v] for k, v in parts.items()}
        best = max(set(scores[False]), key=lambda t: f1(scores[False], labels[False], t))
        told = ", ".join(
            f"{'test' if k else 'dev'} F1 {f1(scores[k], labels[k], best):.3f} AUC {auc(scores[k], labels[k]):.3f}"
            for k in (False, True)
        )
        print(f"  {name:8} {told} (threshold {best:.2f})")


def read_people(folder: Path) -> list[dict[str, str]]:
    """Read the legislators."""
    return read_rows(folder / "congress_handles.csv")


def variants(row: dict[str, str]) -> set[str]:
    """List the forms in which a legislator's name is used, from the file's own columns."""
    first, last, official = row["first"], row["last"], row["official_full"]
    forms = {f"{first} {last}", f"{last}, {first}", f"{first} {row['middle']} {last}".replace("  ", " ")}
    if row["nickname"]:
        forms.add(f"{row['nickname']} {last}")
    return {form for form in forms if form != official}


def threshold_at(scores: Sequence[float], rate: float) -> float:
    """Find the score that at most this share of the negatives exceeds."""
    ranked = sorted(scores, reverse=True)
    return ranked[int(rate * len(ranked))]


def check_variants(folder: Path) -> None:
    """Report how many real variants pass at fixed false-positive rates among pairs of different legislators."""
    people = read_people(folder)
    negatives = [(a["official_full"], b["official_full"]) for a, b in combinations(people, 2)]
    positives = [(row["official_full"], form) for row in people for form in variants(row)]
    # In a good variant a part is replaced, not only left out or moved.
    hard = [(row["official_full"], f"{row['nickname']} {row['last']}") for row in people if row["nickname"]]
    hard += [(row["official_full"], f"{row['first']} {row['last']}") for row in people]
    hard = [(a, b) for a, b in hard if a != b]
    report("legislators' variants", positives, negatives)
    report("  of these, short or nickname", hard, negatives)


def check_spellings(folder: Path) -> None:
    """Report one name in 80 spellings, against 1,500 people of its own script and 537 legislators under each."""
    lines = (folder / "opensanctions_one_person_80_names.txt").read_text(encoding="utf-8").splitlines()
    spellings = [line for line in lines if line.strip()]
    legislators = [row["official_full"] for row in read_people(folder)]
    negatives = other_people(spellings) + [(s, n) for s in spellings for n in legislators]
    report(
        "spellings, from the English name",
        [("Vladimir Putin", s) for s in spellings if s != "Vladimir Putin"],
        negatives,
    )
    report("spellings, every pair", list(combinations(spellings, 2)), negatives)


def report(title: str, positives: Sequence[Pair], negatives: Sequence[Pair]) -> None:
    """Print the share of positives above the thresholds that the negatives set."""
    print(f"{title}: {len(positives)} pairs, {len(negatives)} negatives")
    for name, scorer in SCORERS.items():
        against = [scorer(a, b) for a, b in negatives]
        scores = [scorer(a, b) for a, b in positives]
        told = []
        for rate in (1e-3, 1e-4):
            limit = threshold_at(against, rate)
            told.append(f"FPR {rate:g}: {sum(s > limit for s in scores) / len(scores):.3f} (> {limit:.1f})")
        print(f"  {name:8} {'   '.join(told)}")


def time_pairs(scorer: Callable[[Subject, Account], object], pairs: Sequence[tuple[Subject, Account]]) -> float:
    """Measure microseconds a pair."""
    start = time.perf_counter()
    for subject, account in pairs:
        scorer(subject, account)
    return (time.perf_counter() - start) / len(pairs) * 1e6


def check_speed(folder: Path) -> None:
    """Report microseconds a pair: random pairs of parsed names, real matches, and parsing."""
    names = [row["official_full"] for row in read_people(folder)]
    random.Random(1).shuffle(names)
    pairs = [(Subject(names=(a,)), Account("x", display_name=b)) for a in names[:50] for b in names[50:]]
    matches = [(Subject(names=(n,)), Account("x", display_name=n.replace("a", "а", 1))) for n in names[:200]]

    def judge(subject: Subject, account: Account) -> object:
        return compare_names(subject, account, DEFAULT_WORLD)

    def rival(subject: Subject, account: Account) -> object:
        return wratio(subject.names[0], account.display_name or "")

    unseen = time_pairs(judge, matches)
    time_pairs(judge, pairs)
    told = {
        "random pair": time_pairs(judge, pairs),
        "(WRatio)": time_pairs(rival, pairs),
        "match": time_pairs(judge, matches),
        "match of an unseen name": unseen,
    }
    print("speed, us: " + ", ".join(f"{what} {each:.1f}" for what, each in told.items()))


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("CLONECHECK_TEST_DATA", "../shared/data")))
    folder = parser.parse_args().data / "names"
    check_labelled(folder)
    check_variants(folder)
    check_spellings(folder)
    check_speed(folder)


if __name__ == "__main__":
    main()
