"""A lock between processes; the system lets go of it when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.01


@contextmanager
def lock_file(path: Path, seconds: float) -> Iterator[bool]:
    """Hold the lock of a path for the block; gives False, and holds nothing, where others kept it for so long."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _take(handle, time.monotonic() + seconds)
    finally:
        # Closing lets go of the lock. The file stays: two processes must never lock two files of one name.
        os.close(handle)


def _take(handle: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)
        else:
            return True
