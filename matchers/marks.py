"""What a mark of verification means on each platform: somebody looked, somebody paid, or something else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

Meaning = Literal["vouched", "paid", "other"]

_ANY = "*"
_UNNAMED = "-"


@lru_cache(maxsize=1)
def load_marks() -> Mapping[tuple[str, str], Meaning]:
    """Read the table: (platform or "*", kind or "-") -> meaning."""
    lines = files("matchers").joinpath("data/verified_marks.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {(platform, kind): cast("Meaning", meaning) for platform, kind, meaning in rows}


def read_mark(platform: str, kind: str | None) -> Meaning:
    """Say what a mark of this kind on this platform means; "other" where nobody has written it down."""
    marks, named = load_marks(), (kind or _UNNAMED).casefold()
    return marks.get((platform, named)) or marks.get((_ANY, named)) or "other"
