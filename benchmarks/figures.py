"""The figures of the end-to-end benchmark: shares with their intervals, false alarms, calibration, times."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.plants import CLONES, OWN_LISTED, OWN_UNLISTED, PARODY, RIGHT_VERDICTS
from benchmarks.scanning import STEPS, Outcome, Pair, Scanned

_Z = 1.959964  # 95 %
_BINS = 10
Figures = dict[str, Any]


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share, scale = hits / of, 1 + _Z**2 / of
    centre = (share + _Z**2 / (2 * of)) / scale
    half = _Z * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def rate(hits: int, of: int) -> Figures:
    """A share with its interval, ready for JSON."""
    low, high = interval(hits, of)
    return {"hits": hits, "of": of, "share": hits / of if of else None, "low": low, "high": high}


def count_kinds(outcomes: Sequence[Outcome]) -> dict[str, Figures]:
    """Per kind of planted account: listed at 50 % or more, rank 1, rank 5 or better, right verdict, all verdicts."""
    return {kind: _count_kind(kind, [o for o in outcomes if o.label.kind == kind]) for kind in RIGHT_VERDICTS}


def _count_kind(kind: str, outcomes: Sequence[Outcome]) -> Figures:
    def share(holds: Callable[[Outcome], bool]) -> Figures:
        return rate(sum(map(holds, outcomes)), len(outcomes))

    right = RIGHT_VERDICTS[kind]
    return {
        "listed": share(lambda o: o.listed),
        "rank_1": share(lambda o: o.rank == 1),
        "rank_5": share(lambda o: o.rank is not None and o.rank <= 5),
        "retrieved": share(lambda o: o.verdict is not None),
        # An account that retrieval left out was told apart as having nothing to do with the person.
        "right_verdict": share(lambda o: (o.verdict or "unrelated") == right) if right else None,
        "verdicts": dict(Counter(o.verdict or "not retrieved" for o in outcomes).most_common()),
    }


def count_group(outcomes: Iterable[Outcome], kinds: Iterable[str], picture: str | None = None) -> Figures:
    """Listed at 50 % or more among some kinds, perhaps with one kind of picture only."""
    wanted = set(kinds)
    chosen = [o for o in outcomes if o.label.kind in wanted and picture in (None, o.label.picture)]
    found = rate(sum(o.listed for o in chosen), len(chosen))
    ranked = rate(sum(o.rank is not None and o.rank <= 5 for o in chosen), len(chosen))
    return {**found, "rank_5": ranked}


def count_alarms(results: Sequence[Scanned], background: Counter[tuple[str, str]]) -> list[Figures]:
    """False alarms among strangers per 100,000 pairs of a scan and an account, by what the account shows."""
    alarms = Counter((label.kind, label.picture) for result in results for label in result.alarms)
    rows = []
    for (kind, picture), accounts in sorted(background.items()):
        counted = rate(alarms[kind, picture], accounts * len(results))
        rows.append({"kind": kind, "picture": picture, "accounts": accounts, **counted})
    return rows


def measure_calibration(pairs: Sequence[Pair], person: Callable[[Pair], str]) -> Figures:
    """Expected calibration error over ten equal bins; own accounts and declared parodies are categories, left out."""
    left_out = {OWN_LISTED, OWN_UNLISTED, PARODY}
    rows = [
        (float(pair.body["probability"]), pair.label.kind in CLONES and pair.label.person == person(pair))
        for pair in pairs
        if pair.label.kind not in left_out
    ]
    bins = []
    for number in range(_BINS):
        inside = [row for row in rows if min(int(row[0] * _BINS), _BINS - 1) == number]
        if inside:
            predicted, observed = statistics.fmean(p for p, _ in inside), sum(c for _, c in inside) / len(inside)
            bins.append({"from": number / _BINS, "pairs": len(inside), "predicted": predicted, "observed": observed})
    error = sum(abs(b["predicted"] - b["observed"]) * b["pairs"] for b in bins) / max(1, len(rows))
    middle = [b for b in bins if 0 < b["from"] < 0.9]
    uncertain = sum(b["pairs"] for b in middle)
    gap = sum(abs(b["predicted"] - b["observed"]) * b["pairs"] for b in middle) / uncertain if uncertain else None
    clones = sum(clone for _, clone in rows)
    return {"error": error, "error_between": gap, "pairs": len(rows), "clones": clones, "bins": bins}


def measure_times(results: Sequence[Scanned]) -> dict[str, Figures]:
    """Median and 95th percentile of a scan and its steps, in milliseconds."""
    times: dict[str, Figures] = {}
    for step in ("total", *STEPS, "rest"):
        values = sorted(r.milliseconds[step] for r in results if step in r.milliseconds)
        if values:
            times[step] = {"p50": statistics.median(values), "p95": values[math.ceil(0.95 * len(values)) - 1]}
    return times
