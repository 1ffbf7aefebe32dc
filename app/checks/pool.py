"""Many accounts at once: checked in processes of their own, as many as there are cores, while the service goes on.

Threads would share one interpreter lock, which two thirds of a check hold. Each process has its own connection and
tables in memory, some 120 MB beside the database's, and comes up with the first large request.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from app.accounts.workers import await_answer, end_with_parent
from app.problems import UnavailableError

Task = TypeVar("Task")
Answer = TypeVar("Answer")


class WorkerPool:
    """Runs a function over tasks in `workers` processes, which start when first needed and stay until `close`."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def run(self, call: Callable[[Task], Answer], tasks: Iterable[Task]) -> Sequence[Answer]:
        """The answers in the order of the tasks; raises what `call` raises, `UnavailableError` where a process died."""
        pool = self._open()
        try:
            return _run_all(pool, call, tasks)
        except BrokenProcessPool as fault:
            self._forget(pool)
            raise UnavailableError(
                "A process that checked accounts died, perhaps for want of memory; send fewer at once, or try again.",
                headers={"Retry-After": "2"},
            ) from fault

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)
                self._pool = None

    def _open(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=_settle)
            return self._pool

    def _forget(self, broken: ProcessPoolExecutor) -> None:
        """Let the next request start anew."""
        with self._lock:
            if self._pool is broken:
                self._pool = None
        broken.shutdown(wait=False)


def _run_all(pool: ProcessPoolExecutor, call: Callable[[Task], Answer], tasks: Iterable[Task]) -> Sequence[Answer]:
    futures = [pool.submit(call, task) for task in tasks]
    try:
        return [await_answer(pool, future) for future in futures]
    finally:
        for future in futures:
            future.cancel()


def _settle() -> None:
    """A worker ends with its parent, not before: an interrupt from the keyboard reaches all processes at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
