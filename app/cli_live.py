"""How a running scan stands, a line for each source, on a terminal; nothing anywhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from app.plain_text import plain

if TYPE_CHECKING:
    from app.scans.judging import Judged
    from app.scans.progress import Progress
    from app.sources.contract import Gathered

_PER_SECOND = 4
_ENDS = {
    "ok": "done",
    "partial": "done in part",
    "rate_limited": "asked to wait",
    "manual": "to be searched by hand",
    "skipped": "NOT looked at",
}


class ScanTeller(AbstractContextManager["ScanTeller"]):
    """Shows what each source has been asked and has found so far, and the most seconds that are left."""

    def __init__(
        self, console: Console, seconds: float, *, silent: bool = False, clock: Callable[[], float] = monotonic
    ) -> None:
        self._console = console
        self._seconds = seconds
        self._shown = not silent and console.file.isatty() and not console.is_dumb_terminal
        self._clock = clock
        self._live: Live | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def follow(self, progress: Progress, sources: tuple[str, ...]) -> None:
        """Show this scan from now on."""
        if not self._shown:
            return
        began = self._clock()
        seen: list[Judged] = []

        def draw() -> Group:
            # Emptied once all is stored: the last that was there is shown until the end.
            seen[:] = progress.judged or seen
            return draw_progress(seen, dict(progress.coverage), sources, self._seconds - (self._clock() - began))

        self._live = Live(console=self._console, get_renderable=draw, refresh_per_second=_PER_SECOND, transient=True)
        self._live.start()


def draw_progress(
    judged: Sequence[Judged], coverage: Mapping[str, Gathered], sources: Sequence[str], left: float
) -> Group:
    """One line for the whole scan, and one a source, each as wide as the terminal at most."""
    compared = Counter(source for item in judged for source in item.sources)
    found = Counter(source for item in judged if item.comparison.is_suspect for source in item.sources)
    waiting = sum(name not in coverage for name in sources)
    rest = f"{max(0, round(left))} s left at most" if waiting else "comparing the last ones"
    head = f"Looking: {len(sources) - waiting} of {len(sources)} done, {rest}"
    lines = [Text(head, style="bold", no_wrap=True, overflow="ellipsis")]
    for name in dict.fromkeys((*sources, *coverage)):
        done = coverage.get(name)
        state = _ENDS.get(done.status, "could not tell") if done else "asking"
        calls = f", {done.calls} call{'' if done.calls == 1 else 's'}" if done and done.calls else ""
        suspected = f", {found[name]} suspected" if judged else ""
        told = f"  {plain(name, 32)}: {state}{calls}, {done.told if done else compared[name]} compared{suspected}"
        style = "" if done and done.status == "ok" else "yellow" if done else "dim"
        lines.append(Text(told, style=style, no_wrap=True, overflow="ellipsis"))
    return Group(*lines)
