"""New files that only their owner may read: the signing key, and bundles."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_new(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, whole or not at all; raises `FileExistsError` where there is one already."""
    # `mkstemp` makes the file for its owner alone; a link, unlike a rename, never replaces what another has put there.
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}")
    except OSError as fault:
        # Its own words name a file that nobody asked for.
        raise OSError(fault.errno, fault.strerror, str(path)) from None
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(fresh)
    except FileExistsError as fault:
        raise FileExistsError(
            fault.errno, "There is a file of that name already, which is left alone", str(path)
        ) from None
    finally:
        fresh.unlink()
