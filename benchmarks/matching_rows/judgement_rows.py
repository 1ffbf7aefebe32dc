"""The whole judgement: how many clones pass at a fixed false-positive rate, and whether its probabilities are true."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.photos.hashing import account_photo
from benchmarks.cases import Case, plant, read_mix
from benchmarks.matching_rows.measures import count_above, threshold_at
from benchmarks.matching_rows.row import OURS, Row, say_share
from benchmarks.people import Half, Legislator, load_people, read_picture
from matchers.model import judge, probability
from matchers.world import DEFAULT_PRIOR_BITS

FPR = 1e-3
# The default, and that of a queue of accounts which somebody found suspicious: one clone in 1,024.
PRIORS = (DEFAULT_PRIOR_BITS, -10.0)
# The range in which a probability is not all but certain.
UNSURE = (0.05, 0.95)
_BINS = 10
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Judged:
    """One pair and the case that it stands for: its bits, and what they summed to before calibration."""

    bits: float
    summed: float
    case: Case

    def weigh(self, prior_bits: float) -> float:
        """How many pairs of the deployment with this prior it stands for."""
        scale = 1.0 if self.case.clone else 2.0 ** (DEFAULT_PRIOR_BITS - prior_bits)
        return scale * self.case.weight / self.case.sampled


def check_judgement(data: Path, people: int = 400, strangers: int | None = None) -> Iterator[Row]:
    """Judge everything around the first `people` with a handle; thresholds on development people, figures on test."""
    able = [who for who in load_people(data) if who.handle][:people]
    mix = tuple(_resize(case, strangers) for case in read_mix())
    halves = {half: list(judge_half(able, half, mix)) for half in ("development", "test")}
    yield _check_rate(halves["development"], halves["test"])
    for prior_bits in PRIORS:
        yield _check_calibration(halves["test"], prior_bits)


def _resize(case: Case, strangers: int | None) -> Case:
    if strangers is None or case.name != "stranger":
        return case
    return Case(case.name, case.clone, case.weight, strangers, case.shown, case.handle, case.picture)


def judge_half(people: Sequence[Legislator], half: Half, mix: Sequence[Case]) -> Iterator[Judged]:
    """Judge everything around the people of one half."""
    chosen = [who for who in people if who.half == half]
    portraits = {who.id: account_photo(read_picture(who.portrait)) for who in chosen}
    for who in chosen:
        others = [photo for person, photo in portraits.items() if person != who.id]
        for planted in plant(who, mix, others):
            found = judge(planted.subject, planted.account)
            yield Judged(found.bits, found.summed, planted.case)


def _check_rate(choose: Sequence[Judged], test: Sequence[Judged]) -> Row:
    limit = threshold_at([pair.bits for pair in choose if not pair.case.clone], FPR)
    clones = [pair for pair in test if pair.case.clone]
    rest = [pair.bits for pair in test if not pair.case.clone]
    found = sum(pair.case.weight for pair in clones if pair.bits > limit) / sum(pair.case.weight for pair in clones)
    plain = say_share(sum(pair.bits > limit for pair in clones), len(clones))
    false = count_above(rest, limit)
    return Row(
        "whole judgement: clones found at FPR 1e-3",
        f"{len(clones):,}",
        {OURS: f"{found:.3f} by the mix; {plain} of all".replace("0.", ".", 1)},
        f"{len(rest):,}: namesakes and relatives 1 in 25 each, strangers; false {say_share(false, len(rest))}",
        f"threshold ({limit:.1f} bits): development people; figure: test people; mix: benchmarks/data/case_mix.csv",
        ".970",
    )


def _check_calibration(pairs: Sequence[Judged], prior_bits: float) -> Row:
    rows = [(probability(prior_bits + pair.bits), pair.case.clone, pair.weigh(prior_bits)) for pair in pairs]
    unsure = [row for row in rows if UNSURE[0] < row[0] < UNSURE[1]]
    error, loss = measure_error(unsure), measure_loss(rows)
    return Row(
        f"calibration, prior 2^{prior_bits:g}: error where .05 < p < .95; log loss",
        f"{len(unsure):,} unsure",
        {OURS: f"{error:.3f}; {loss:.2e} nats a pair"},
        f"{len(rows):,} pairs weighed by the mix",
        "nothing fitted here; test people",
        ".030",
    )


Weighed = tuple[float, bool, float]


def measure_error(rows: Sequence[Weighed]) -> float:
    """Expected calibration error over ten equal bins; rows are (probability, truth, weight). 0 of nothing."""
    total = sum(weight for _, _, weight in rows)
    error = 0.0
    for number in range(_BINS):
        inside = [row for row in rows if min(int(row[0] * _BINS), _BINS - 1) == number]
        error += abs(sum(weight * (p - truth) for p, truth, weight in inside))
    return error / total if total else 0.0


def measure_loss(rows: Sequence[Weighed]) -> float:
    """Mean log loss in nats, weighed."""
    total = sum(weight for _, _, weight in rows)
    return sum(-weight * math.log(max(p if truth else 1 - p, _LEAST)) for p, truth, weight in rows) / total
