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

# What makes a reply worth keeping: how long it is fresh, or by what it can be asked for again (RFC 9111, 4.2 and 4.3).
_REUSABLE = ("cache-control", "expires", "etag", "last-modified")


def cached_transport(inner: httpx2.BaseTransport, connection: sqlite3.Connection | None = None) -> httpx2.BaseTransport:
    """Put a private cache before a transport; its database is its own unless one is given."""
    storage = SqliteStorage(
        connection=connection or sqlite3.connect(":memory:", check_same_thread=False),
        default_ttl=KEEP_SECONDS,
        max_size=MAX_BYTES,
        max_stream_size=MAX_REPLY_BYTES,
    )
    return CacheTransport(_Forgetful(inner), storage, rfc=CacheOptions(shared=False))


class _Forgetful(httpx2.BaseTransport):
    """Keeps replies out of the cache that could never be used again; their rows alone would fill it within hours."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; raises what the transport below raises."""
        response = self._inner.handle_request(request)
        if not any(name in response.headers for name in _REUSABLE):
            response.headers["cache-control"] = "no-store"
        return response

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()
