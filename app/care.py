"""Care of the whole index: what each part of it counts, checks, mends and rebuilds, in one place."""

from __future__ import annotations

import logging
import shutil
from typing import Any

from sqlalchemy.exc import DatabaseError

from app.accounts.key_check import check_keys
from app.accounts.key_rebuild import Progress, count_outdated, rebuild_keys
from app.accounts.key_repair import repair_keys
from app.accounts.key_stats import count_index
from app.accounts.keyed_rows import ACCOUNTS
from app.accounts.photo_hashes import ERASE_WAIT, IMPORT_WAIT, PhotoHashes, find_path
from app.settings import Settings
from app.storage import Database, find_sqlite_file
from app.storage.engine_check import check_engine, measure_tables
from app.subjects.keyed_rows import SUBJECTS

KINDS = (ACCOUNTS, SUBJECTS)
# Up to so many rows are rebuilt when the service starts: some seconds. More wait until somebody asks.
REBUILT_AT_START = 10_000

log = logging.getLogger("clonecheck")


def gather_stats(database: Database, settings: Settings) -> dict[str, Any]:
    """What the index holds and how much room it takes."""
    with database.read(unbounded=True) as session:
        counted = count_index(session, KINDS)
    file = find_sqlite_file(settings.url)
    folder = settings.data_dir if file is None else file.parent
    path = find_path(settings)
    hashes = {
        "state": _refresh_hashes(database, settings, IMPORT_WAIT),
        "bytes": path.stat().st_size if path is not None and path.exists() else 0,
    }
    free = shutil.disk_usage(folder).free if folder.exists() else None
    sizes = measure_tables(database)
    return counted | {"table_bytes": sizes, "hash_file": hashes, "free_disk_bytes": free}


def check_index(database: Database, settings: Settings, *, everything: bool, repair: bool) -> list[str]:
    """Check the database and the index in it; returns the findings. `repair` mends what can be made from the rows."""
    try:
        told = check_engine(database, everything=everything)
    except DatabaseError as fault:
        return [f"The database's own check failed ({type(fault.orig).__name__})."]
    if told:
        # What stands in damaged files is no ground to mend the rest by.
        return told
    for rows in KINDS:
        found = check_keys(database, rows, everything=everything or repair)
        told += found.tell()
        if repair:
            repair_keys(database, rows, found)
    state = _refresh_hashes(database, settings, ERASE_WAIT)
    if state not in {"off", "ready"}:
        told.append(f"The file of picture hashes is not in step: {state}.")
    return told


def _refresh_hashes(database: Database, settings: Settings, wait: float) -> str:
    hashes = PhotoHashes.of(settings, database)
    return "off" if hashes is None else hashes.refresh(wait)


def rebuild_index(database: Database, on_progress: Progress | None = None) -> dict[str, int]:
    """Bring all keys to today's version; returns how many rows of each kind were rebuilt."""
    return {rows.name: rebuild_keys(database, rows, on_progress) for rows in KINDS}


def rebuild_at_start(database: Database, most: int = REBUILT_AT_START) -> None:
    """Rebuild keys of another version where they are at most so many, and say so where they are more."""
    for rows in KINDS:
        outdated = count_outdated(database, rows)
        if 0 < outdated <= most:
            log.info("keys of %d %s rebuilt", rebuild_keys(database, rows), rows.name)
        elif outdated:
            log.warning(
                "keys of %d %s are of another version and find less: run `clonecheck index rebuild`",
                outdated,
                rows.name,
            )
