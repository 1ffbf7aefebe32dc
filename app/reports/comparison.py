"""A comparison as it crosses the wire, and as an evidence bundle keeps it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from matchers.evidence import Evidence
from matchers.model import Comparison

# Bits are rounded for the wire; the last piece of evidence takes the rounding, so that the sum still holds.
BITS_DIGITS = 3


def comparison_body(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON."""
    evidence = [_evidence_body(e) for e in comparison.evidence]
    bits = round(sum(e["bits"] for e in evidence), BITS_DIGITS)
    hinge = comparison.hinges_on
    return {
        "probability": round(comparison.probability, 6),
        "bits": bits,
        "prior_bits": comparison.prior_bits,
        "verdict": comparison.verdict,
        "evidence": evidence,
        "hinges_on": {"signal": hinge.signal, "verdict_without": hinge.verdict_without} if hinge else None,
        "reason": comparison.reason,
        "declares_parody": comparison.declares_parody,
        "model": comparison.model,
    }


def _evidence_body(evidence: Evidence) -> dict[str, Any]:
    return {
        "signal": evidence.signal,
        "code": evidence.code,
        "bits": round(evidence.bits, BITS_DIGITS),
        "summary": evidence.summary,
        "spans": [asdict(span) for span in evidence.spans],
        "params": dict(evidence.params),
    }
