"""Handles: labels that real attackers registered to be taken for five known names.

Which rows are lookalikes was settled before anything was scored, by this rule alone: both texts in lower case, without
separators, and with letters that look alike written as one; then some run of letters of the label, as long as the name
or up to two letters shorter or longer, lies within one edit (optimal string alignment) for every four letters of the
name. A label that holds the name with words around it is at distance 0. The other rows copy only a part of the name
("tradecommunity"), and what nobody would take for it is no lookalike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rapidfuzz.distance import OSA

from app.demo.population import draw_person, draw_platform, make_handle
from benchmarks.matching_rows.measures import count_above, threshold_at
from benchmarks.matching_rows.name_rows import read_rows
from benchmarks.matching_rows.row import OURS, Row, say_figures
from benchmarks.matching_rows.scorers import Scorer, handle_scorers
from benchmarks.people import Half, half_of

# The bound of the rule: edits for each letter of the name.
BOUND = 0.25
_SLACK = 2
NEGATIVES = 100_000
_PAIRS_THAT_LOOK = (("rn", "m"), ("nn", "m"), ("vv", "w"), ("cl", "d"))
_LETTERS_THAT_LOOK = str.maketrans("1i0534@$!|", "llosealsll")


def is_lookalike(target: str, label: str) -> bool:
    """The committed rule: see the head of this file."""
    own, seen = _fold(target), _fold(label)
    bound = int(BOUND * len(own))
    sizes = range(max(1, len(own) - _SLACK), len(own) + _SLACK + 1)
    runs = {seen[at : at + size] for size in sizes for at in range(max(1, len(seen) - size + 1))}
    return any(OSA.distance(own, run, score_cutoff=bound) <= bound for run in runs)


def _fold(text: str) -> str:
    folded = "".join(char for char in text.lower() if char not in "-_.").translate(_LETTERS_THAT_LOOK)
    for two, one in _PAIRS_THAT_LOOK:
        folded = folded.replace(two, one)
    return folded


def draw_handles(folder: Path, half: Half, count: int) -> list[str]:
    """Distinct handles: those of the legislators of one half on all platforms, the rest made of drawn names."""
    columns = ("twitter", "facebook", "instagram", "youtube", "threads")
    rows = [row for row in read_rows(folder / "congress_handles.csv") if half_of(row["bioguide"]) == half]
    handles = dict.fromkeys(row[column] for row in rows for column in columns if row[column])
    rng = random.Random(f"handles:{half}")
    while len(handles) < count:
        handles.setdefault(make_handle(rng, draw_person(rng), draw_platform(rng)))
    return list(handles)[:count]


def check_lookalikes(folder: Path, negatives: int = NEGATIVES, every: int = 1) -> Iterator[Row]:
    """The share of real lookalikes that pass at one threshold for all five names: mean and least of the names.

    The second row is the same for every row of the file, lookalike or not.
    """
    rows = read_rows(folder / "phish_lookalike_labels.csv")[::every]
    whole = _group(rows)
    kept = _group([row for row in rows if is_lookalike(row["target"], row["lookalike"])])
    choose, control = (draw_handles(folder, half, negatives) for half in ("development", "test"))
    figures: dict[str, tuple[str, str]] = {}
    false = 0
    for name, scorer in handle_scorers().items():
        limit = threshold_at(_score(scorer, list(whole), choose))
        figures[name] = (_say_above(scorer, kept, limit), _say_above(scorer, whole, limit))
        if name == OURS:
            false = count_above(_score(scorer, list(whole), control), limit)
    counted = f"{len(choose):,} handles x {len(whole)} names: legislators' and made of drawn names"
    split = f"one threshold for all names, on development handles; ours on as many test handles: {false} false"
    size = sum(map(len, kept.values()))
    told = ", ".join(f"{target} {len(found):,}" for target, found in kept.items())
    for at, (measure, n) in enumerate(
        (
            ("real lookalikes of five names", f"{size:,} kept, {len(rows) - size:,} dropped by rule ({told})"),
            ("every row of that file", f"{len(rows):,}"),
        )
    ):
        by_scorer = {name: found[at] for name, found in figures.items()}
        reach = "" if at else ".970 / .900"
        yield Row(f"{measure}, FPR 1e-4: mean / least of the five", n, by_scorer, counted, split, reach)


def _group(rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    labels: dict[str, list[str]] = {}
    for row in rows:
        labels.setdefault(row["target"], []).append(row["lookalike"])
    return labels


def _say_above(scorer: Scorer, labels: Mapping[str, Sequence[str]], limit: float) -> str:
    shares = [count_above(_score(scorer, [target], found), limit) / len(found) for target, found in labels.items()]
    return say_figures((sum(shares) / len(shares), min(shares)))


def _score(scorer: Scorer, targets: Sequence[str], handles: Sequence[str]) -> list[float]:
    # Handle by handle, so that one is taken apart once for all names.
    return [scorer(target, handle) for handle in handles for target in targets]
