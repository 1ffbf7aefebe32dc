"""What the cache keeps: replies that can be used again, and no others."""

from __future__ import annotations

import sqlite3

import httpx2
import pytest

from app.net.caching import cached_transport

URL = "http://a.example/"


@pytest.mark.parametrize(
    ("headers", "rows"),
    [
        ({}, 0),
        ({"Content-Type": "application/json"}, 0),
        ({"Cache-Control": "no-store"}, 0),
        ({"Cache-Control": "max-age=60"}, 1),
        ({"Expires": "Thu, 01 Dec 2050 16:00:00 GMT"}, 1),
        ({"ETag": '"1"'}, 1),
        ({"Last-Modified": "Tue, 01 Dec 2020 16:00:00 GMT"}, 1),
    ],
)
@pytest.mark.parametrize("status", [200, 404])
def test_replies_that_can_never_be_used_again_are_not_kept(headers: dict[str, str], rows: int, status: int) -> None:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    inner = httpx2.MockTransport(lambda _request: httpx2.Response(status, headers=headers, content=b"{}"))
    with httpx2.Client(transport=cached_transport(inner, database), trust_env=False) as client:
        reply = client.get(URL)
        assert (reply.status_code, reply.content) == (status, b"{}")
        [[kept]] = database.execute("SELECT count(*) FROM entries")
    assert kept == rows
