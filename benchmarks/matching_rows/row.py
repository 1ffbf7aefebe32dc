"""One row of the table, and how it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.figures import interval

RIVALS = ("WRatio", "ratio", "Jaro-Winkler", "logic-v2", "phash 8", "phash 16", "dhash 8", "dhash 16", "PDQ")
OURS = "ours"


@dataclass(frozen=True, slots=True)
class Row:
    """A measure: figures by scorer (`OURS` and rivals), what was counted, and which split it comes from."""

    measure: str
    n: str
    figures: Mapping[str, str]
    negatives: str = "–"
    split: str = "–"
    reach: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows with the notes that stand below them."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def write(self) -> Iterator[str]:
        """The lines of the Markdown table."""
        head = ("measure", "n", OURS, "reach", *RIVALS, "negatives", "split")
        yield f"| {' | '.join(head)} |"
        yield "|" + "---|" * len(head)
        for row in self.rows:
            figures = (row.figures.get(name, "–") for name in RIVALS)
            cells = (row.measure, row.n, row.figures.get(OURS, "–"), row.reach, *figures, row.negatives, row.split)
            yield f"| {' | '.join(cells)} |"
        if self.notes:
            yield ""
            yield from (f"- {note}" for note in self.notes)


def say_share(hits: int, of: int) -> str:
    """A share with Wilson's 95 % interval: ".968 (.951–.980)"."""
    low, high = interval(hits, of)
    return f"{_short(hits / of)} ({_short(low)}–{_short(high)})" if of else "–"


def say_figures(figures: Iterable[float]) -> str:
    """Figures between 0 and 1 with three places: ".863 / .885"."""
    return " / ".join(map(_short, figures))


def _short(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")
