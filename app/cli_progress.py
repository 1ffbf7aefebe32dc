"""How far a long command has come, with rate and time left: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from time import monotonic
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn

# Seconds between two plain lines, and over which the rate is taken.
INTERVAL = 10.0
_WINDOW = 30.0


class ProgressTeller(AbstractContextManager["ProgressTeller"]):
    """Tells on a console how far something has come, from `__enter__` on; `silent` says nothing at all.

    A console that is no terminal gets lines without control characters, also where colours are forced upon it.
    """

    def __init__(
        self,
        console: Console,
        verb: str,
        noun: str,
        *,
        silent: bool = False,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._console = console
        self._verb = verb
        self._noun = noun
        self._silent = silent
        self._clock = clock
        self._samples: deque[tuple[float, float, float]] = deque()
        self._began = self._last_line = clock()
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> ProgressTeller:
        self._began = self._last_line = self._clock()
        if not self._silent and self._console.file.isatty() and not self._console.is_dumb_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[told]}"),
            )
            self._bar = Progress(*columns, console=self._console)
            self._bar.start()
            self._task = self._bar.add_task(self._verb, total=None, told="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, count: int, done: float, total: float, before: int = 0) -> None:
        """Note that `count` things are done, `before` of them by earlier runs, which is `done` of the `total` work.

        A count that falls is that of another kind of things.
        """
        if self._silent:
            return
        now = self._clock()
        if self._samples and count < self._samples[-1][1]:
            # The next kind of things began where the one before ended.
            self._began = self._samples[-1][0]
            self._samples.clear()
        if not self._samples:
            self._samples.append((self._began, before, done * before / count if count else 0))
        self._samples.append((now, count, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > _WINDOW:
            self._samples.popleft()
        told = f"{self._say_rate()}, {self._say_rest(total - done)}"
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, told=told)
        elif now - self._last_line >= INTERVAL:
            self._last_line = now
            share = f"{100 * done / total:.0f} %" if total else "-"
            self._console.file.write(f"{self._verb}: {count:,} {self._noun}, {share}, {told}\n")
            self._console.file.flush()

    def _say_rate(self) -> str:
        (start, first, _), (end, last, _) = self._samples[0], self._samples[-1]
        rate = (last - first) / max(end - start, 1e-9)
        return f"{rate:,.0f} {self._noun}/s"

    def _say_rest(self, rest: float) -> str:
        (start, _, first), (end, _, last) = self._samples[0], self._samples[-1]
        if last <= first:
            return "time left unknown"
        return f"{timedelta(seconds=round(rest * (end - start) / (last - first)))} left"
