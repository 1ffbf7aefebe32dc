"""What is measured about scores: AUC, F1 with cross-validated thresholds, shares at a fixed false-positive rate."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

FOLDS = 5
FPR = 1e-4


def digest(text: str) -> int:
    """A number that depends on the text alone, for splitting."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def area(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The chance that a match scores above a non-match; ties count half."""
    wrong = sorted(s for s, label in zip(scores, labels, strict=True) if not label)
    right = [s for s, label in zip(scores, labels, strict=True) if label]
    wins = sum(bisect_left(wrong, s) + bisect_right(wrong, s) for s in right) / 2
    return wins / (len(right) * len(wrong))


def f1(called: Sequence[bool], labels: Sequence[bool]) -> float:
    """The harmonic mean of precision and recall."""
    hits = sum(c and label for c, label in zip(called, labels, strict=True))
    total = sum(called) + sum(labels)
    return 2 * hits / total if total else 0.0


def best_threshold(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The score from which on calling everything a match has the best F1; in the middle of the gap below it."""
    levels = sorted(set(scores))
    best = max(levels, key=lambda level: f1([s >= level for s in scores], labels))
    below = levels[max(0, levels.index(best) - 1)]
    return (best + below) / 2


def cross_validate(scores: Sequence[float], labels: Sequence[bool], folds: Sequence[int]) -> float:
    """F1 over all rows when each fold is called by the threshold that is best on the other folds."""
    called = [False] * len(scores)
    for fold in set(folds):
        rest = [at for at, other in enumerate(folds) if other != fold]
        limit = best_threshold([scores[at] for at in rest], [labels[at] for at in rest])
        for at, own in enumerate(folds):
            if own == fold:
                called[at] = scores[at] >= limit
    return f1(called, labels)


def threshold_at(scores: Sequence[float], rate: float = FPR) -> float:
    """The score that at most this share of the negatives exceeds."""
    ranked = sorted(scores, reverse=True)
    return ranked[min(int(rate * len(ranked)), len(ranked) - 1)]


def count_above(scores: Sequence[float], limit: float) -> int:
    """How many scores exceed the limit."""
    return sum(score > limit for score in scores)


def score_all(scorer: Callable[[str, str], float], pairs: Sequence[tuple[str, str]]) -> list[float]:
    """Score pairs in their order."""
    return [scorer(one, other) for one, other in pairs]
