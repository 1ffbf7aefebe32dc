"""The cache of replies (RFC 9111), by `hishel`: in memory only, bounded, forgotten with the process.

Replies hold what platforms show of persons; they are kept for an hour at most, however long the platform allows.
"""

from __future__ import annotations

import sqlite3

import httpx2
from hishel import CacheOptions, SqliteStorage
from hishel.httpx2 import CacheTransport

MAX_BYTES = 32 * 1024 * 1024
MAX_REPLY_BYTES = 2 * 1024 * 1024
KEEP_SECONDS = 3600.0


def cached_transport(inner: httpx2.BaseTransport) -> httpx2.BaseTransport:
    """Put a private cache before a transport."""
    storage = SqliteStorage(
        connection=sqlite3.connect(":memory:", check_same_thread=False),
        default_ttl=KEEP_SECONDS,
        max_size=MAX_BYTES,
        max_stream_size=MAX_REPLY_BYTES,
    )
    return CacheTransport(inner, storage, rfc=CacheOptions(shared=False))
