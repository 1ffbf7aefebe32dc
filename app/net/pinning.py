"""Connections that go to the address that was checked, and end when the time is over.

A name is resolved once, every answer is checked, and the connection goes to one of those answers: a name server that
says something else a moment later changes nothing. TLS still asks for, and proves, the name.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

from app.net.addresses import Resolver, is_public, resolve_in_time
from app.net.errors import RefusedAddressError, UnreachableError
from app.net.watch import Watch

# How long a wait lasts before it looks whether the scan was cancelled, in seconds.
SLICE_SECONDS = 0.2
MAX_CONNECTIONS = 64
KEEP_SECONDS = 10.0

# How a connection ends that the other side has given up, and the event that tells of a new one.
_BROKEN = (httpcore2.RemoteProtocolError, httpcore2.ReadError, httpcore2.WriteError)
_CONNECTED = "connection.connect_tcp.started"


class _BoundedStream(httpcore2.NetworkStream):
    """A stream on which no single byte can keep us waiting beyond the deadline of the call."""

    def __init__(self, stream: httpcore2.NetworkStream, watch: Watch) -> None:
        self._stream = stream
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        patience = time.monotonic() + (timeout or 0.0)
        while True:
            left = min(self._watch.seconds_left(), patience - time.monotonic())
            try:
                return self._stream.read(max_bytes, max(0.001, min(SLICE_SECONDS, left)))
            except httpcore2.ReadTimeout:
                if time.monotonic() >= patience:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(self._watch.seconds_left(), timeout or 0.001))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = min(self._watch.seconds_left(), timeout or 0.001)
        return _BoundedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class PinnedBackend(httpcore2.NetworkBackend):
    """Connects by name to an address that was checked."""

    def __init__(self, resolver: Resolver, allowed: Collection[str], watch: Watch) -> None:
        self._resolver = resolver
        self._allowed = frozenset(allowed)
        self.watch = watch
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve, check every address, connect to the first that answers.

        Raises `RefusedAddressError`, `TimedOutError`, `UnreachableError` and what httpcore2 raises.
        """
        patience = time.monotonic() + min(self.watch.seconds_left(), timeout or 0.001)
        addresses = resolve_in_time(self._resolver, host, port, patience - time.monotonic())
        if f"{host}:{port}" not in self._allowed and not all(map(is_public, addresses)):
            raise RefusedAddressError
        for place, address in enumerate(addresses, 1):
            left = max(0.001, patience - time.monotonic())
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if place == len(addresses):
                    raise
            else:
                return _BoundedStream(stream, self.watch)
        raise UnreachableError


class PinnedTransport(httpx2.BaseTransport):
    """An httpx2 transport over pinned connections: no proxy, nothing taken from the environment.

    A server may close a connection that it kept just as the next request is under way (RFC 9112, 9.5). GET and HEAD are
    then sent again at once on another one: that says nothing about the server, and is no failure of it.
    """

    def __init__(self, backend: PinnedBackend, tls: ssl.SSLContext) -> None:
        self._watch = backend.watch
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=MAX_CONNECTIONS,
            keepalive_expiry=KEEP_SECONDS,
            network_backend=backend,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; what goes wrong is raised as httpcore2 raises it, or by the bounds' `count`."""
        while True:
            events: list[str] = []
            try:
                reply = self._pool.handle_request(_as_told(request, events))
            except _BROKEN:
                if _CONNECTED in events or request.method not in {"GET", "HEAD"}:
                    raise
                self._watch.bounds.count()
                continue
            return httpx2.Response(
                reply.status, headers=reply.headers, stream=_Stream(reply.stream), extensions=reply.extensions
            )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def _as_told(request: httpx2.Request, events: list[str]) -> httpcore2.Request:
    """The request for the pool, which then names in `events` what it does."""
    url = httpcore2.URL(
        scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
    )
    return httpcore2.Request(
        method=request.method,
        url=url,
        headers=request.headers.raw,
        content=request.stream,
        extensions={**request.extensions, "trace": lambda event, _info: events.append(event)},
    )


class _Stream(httpx2.SyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        yield from self._inner

    def close(self) -> None:
        self._inner.close()
