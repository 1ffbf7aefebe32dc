"""What the summed bits really say: their sum is read off a curve, so that the probability is the rate that was counted.

Pieces of evidence are added as if nothing but the verdict linked them. Names and handles are not like that, and
somewhere between "clearly a stranger" and "clearly a copy" the sum is off by some bits; the curve takes that out.
"""

from __future__ import annotations

from collections.abc import Sequence

from matchers.curves import read_off
from matchers.evidence import Evidence

# (sum of the weighed bits, log2 likelihood ratio counted there), straight lines between. Fitted by
# `python -m benchmarks.calibration` on development people under the mix of cases in benchmarks/data/case_mix.csv.
# Below the first and beyond the last point nothing could be counted; there the curve goes on as the sum does.
# From 7 to 15 it is nearly flat: those accounts share the name and little else, and the sum tells their names' rarity.
CURVE: tuple[tuple[float, float], ...] = (
    (-4.5, -7.8),
    (7.1, 11.8),
    (9.0, 12.8),
    (11.0, 13.5),
    (13.0, 13.6),
    (14.9, 14.2),
    (17.0, 16.0),
    (19.2, 19.8),
)

# Evidence that says less than this in all says nothing.
_NOTHING = 1e-9


def calibrate(bits: float) -> float:
    """Turn the sum of weighed bits into a log2 likelihood ratio; never falls as the sum rises."""
    (first, lowest), (last, highest) = CURVE[0], CURVE[-1]
    if bits <= first:
        return lowest + bits - first
    if bits > last:
        return highest + bits - last
    return read_off(CURVE, bits)


def total(evidence: Sequence[Evidence]) -> float:
    """The calibrated log2 likelihood ratio of weighed evidence together; 0 where there is none."""
    return calibrate(sum([e.bits for e in evidence])) if evidence else 0.0


def spread(evidence: Sequence[Evidence], calibrated: float) -> tuple[Evidence, ...]:
    """Share the correction out over the evidence, in proportion to what each says, so that the bits still add up.

    `calibrated` is the `total` of the evidence. What speaks for a copy is not turned into what speaks against one,
    nor the other way round: where the correction is larger than all that was said, one side is left with nothing.
    """
    bits = [e.bits for e in evidence]
    said = sum(map(abs, bits))
    correction = calibrated - sum(bits)
    if said < _NOTHING:
        return tuple([e._replace(bits=correction / len(evidence)) for e in evidence])
    share = correction / said
    if abs(share) > 1:
        return _give_to_one_side(evidence, calibrated)
    return tuple(
        [
            Evidence(signal, code, own + share * abs(own), summary, spans, params)
            for signal, code, own, summary, spans, params in evidence
        ]
    )


def _give_to_one_side(evidence: Sequence[Evidence], calibrated: float) -> tuple[Evidence, ...]:
    """Let those alone say it all that speak the way the total does; all in equal parts where none does."""
    agreeing = sum([e.bits for e in evidence if e.bits * calibrated > 0])
    if not agreeing:
        return tuple([e._replace(bits=calibrated / len(evidence)) for e in evidence])
    scale = calibrated / agreeing
    return tuple([e._replace(bits=e.bits * scale if e.bits * calibrated > 0 else 0.0) for e in evidence])
