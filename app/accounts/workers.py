"""Worker processes: they end with their parent, and one may be killed at any moment, even while it answers.

The standard library notices a dead worker unless it died amid its answer: then the reader of the pool waits for the
rest for ever, since the pool itself holds the other end of the pipe open (seen with Python 3.11).
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Answer = TypeVar("Answer")

# Seconds between two looks whether all workers live.
_PATIENCE = 1.0


def await_answer(pool: ProcessPoolExecutor, future: Future[Answer]) -> Answer:
    """What a task answers; raises what it raises, and `BrokenProcessPool` where a worker of the pool died."""
    while True:
        try:
            return future.result(_PATIENCE)
        except TimeoutError:
            # The task's own, or ours.
            if future.done():
                return future.result()
            if _has_lost_one(pool):
                _break(pool)
                raise BrokenProcessPool("A worker died while it answered.") from None


def _workers(pool: ProcessPoolExecutor) -> list[Any]:
    # There is no public way to the processes of a pool.
    return list((getattr(pool, "_processes", None) or {}).values())


def _has_lost_one(pool: ProcessPoolExecutor) -> bool:
    return any(not worker.is_alive() for worker in _workers(pool))


def _break(pool: ProcessPoolExecutor) -> None:
    """End all workers and close our end of the pipe, so that its reader meets the end and the pool can be shut down."""
    for worker in _workers(pool):
        worker.kill()
    writer = getattr(getattr(pool, "_result_queue", None), "_writer", None)
    if writer is not None and not writer.closed:
        writer.close()


def end_with_parent() -> None:
    """Let a worker process die with the one that started it and was killed; it would wait for work for ever."""
    threading.Thread(target=_await_parent, daemon=True).start()


def _await_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
