"""A transport that waits for the host's turn, counts the call, and heeds what the reply says.

It stands under the cache: what the cache knows costs nothing and waits for nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

import httpx2

from app.net.errors import RefusedAddressError
from app.net.hosts import Hosts
from app.net.limits import read_limit
from app.net.watch import Watch


class PacedTransport(httpx2.BaseTransport):
    """Sends each request when it is its turn, within the bounds of the watch."""

    def __init__(self, inner: httpx2.BaseTransport, hosts: Hosts, watch: Watch) -> None:
        self._inner = inner
        self._hosts = hosts
        self._watch = watch

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; raises what `Hosts.enter` and the bounds' `count` raise, and what goes wrong outside."""
        host = request.url.netloc.decode("ascii", "replace")
        bounds = self._watch.bounds
        if bounds.paced:
            self._hosts.enter(host, self._watch.total_left, bounds.is_stopped)
        bounds.count()
        self._watch.begin()
        try:
            response = self._inner.handle_request(request)
        except RefusedAddressError:
            raise
        except Exception:
            if not bounds.is_stopped():
                self._hosts.report(host, well=False)
            raise
        now = datetime.now(UTC)
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._hosts.heed(host, read_limit(headers, now), now)
        self._hosts.report(host, well=response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR)
        return response

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()
