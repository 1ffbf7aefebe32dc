"""Dump the evidence of every judged pair of the development people, one JSON object a line, to fit weights on.

Run: python -m benchmarks.fit --out pairs.ndjson [--people N] [--background N] [--seed N]

Each line: person, kind (what the account was planted as, or what stranger it is), picture, clone (true for the six
planted kinds), probability, verdict, prior_bits, and evidence as [{signal, code, bits, params}]. The bits are those
after weighting; divided by the weights of matchers/model.py they are the raw ones. People of the test half are in the
index, but never scanned here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.end_to_end import make_parser, open_index, scan_half
from benchmarks.plants import CLONES
from benchmarks.scanning import Scanned

_KEPT = ("signal", "code", "bits", "params")


def main() -> None:
    """Scan the development people and write their pairs."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    with open_index(chosen) as index:
        results = scan_half(index, "development")
    lines = [json.dumps(row, ensure_ascii=False) for result in results for row in list_pairs(result)]
    chosen.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines):,} pairs of {len(results)} people written to {chosen.out}", file=sys.stderr)


def list_pairs(result: Scanned) -> Iterator[dict[str, Any]]:
    """The judged pairs of one person as flat rows."""
    for pair in result.pairs:
        label, body = pair.label, pair.body
        own = label.person == result.who.id
        yield {
            "person": result.who.id,
            "kind": label.kind if own or label.person is None else f"planted for somebody else: {label.kind}",
            "picture": label.picture,
            "clone": own and label.kind in CLONES,
            "probability": body["probability"],
            "verdict": body["verdict"],
            "prior_bits": body["prior_bits"],
            "handle": body["account"].get("handle"),
            "name": body["account"].get("display_name"),
            "evidence": [{name: item[name] for name in _KEPT} for item in body["evidence"]],
        }


if __name__ == "__main__":
    main()
