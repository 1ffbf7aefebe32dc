"""One call outside: checked, bounded in time and bytes, redirects rechecked. No cookies, no proxy, no trust."""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urljoin

import httpcore2
import httpx2

from app import __version__
from app.net.addresses import Resolver, check_url, resolve
from app.net.caching import cached_transport
from app.net.errors import (
    BadCertificateError,
    BadReplyError,
    NetError,
    RefusedAddressError,
    TimedOutError,
    TooBigError,
    TooManyRedirectsError,
    UnreachableError,
)
from app.net.hosts import Hosts
from app.net.pacing import PacedTransport
from app.net.pinning import PinnedBackend, PinnedTransport
from app.net.reply import Reply
from app.net.watch import Bounds, Watch
from app.settings import Settings

MAX_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
# What may follow a redirect to another host; anything else may be a credential.
_HARMLESS = frozenset({"accept", "accept-language"})
_PIECE = 65_536
USER_AGENT = f"clonecheck/{__version__} (looks for impersonation on behalf of the person concerned)"


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every call. `allowed` holds "host:port" that may be private and need no TLS.

    `calls_per_second` and `burst` hold for each host; `longest_wait` is the longest wait, in seconds, before a call is
    repeated.
    """

    allowed: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({443})
    user_agent: str = USER_AGENT
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    call_seconds: float = 20.0
    max_bytes: int = 4 * 1024 * 1024
    calls_per_second: float = 5.0
    burst: int = 20
    longest_wait: float = 15.0

    @classmethod
    def of(cls, settings: Settings) -> Rules:
        """The rules that the operator has set."""
        return cls(
            allowed=frozenset(settings.net_allow_private),
            ports=frozenset(settings.net_ports),
            user_agent=settings.net_user_agent or USER_AGENT,
            connect_seconds=settings.net_connect_seconds,
            read_seconds=settings.net_read_seconds,
            call_seconds=settings.net_call_seconds,
            max_bytes=settings.net_max_bytes,
            calls_per_second=settings.net_calls_per_second,
            burst=settings.net_burst,
            longest_wait=settings.net_longest_wait,
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `max_bytes` narrows what is read of the reply, before and after unpacking.

    `cached`: a reply may come from the cache, as far as the other side allows, and go there.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    max_bytes: int | None = None
    cached: bool = True


class NetClient:
    """Sends calls; safe to share among threads. `transport` and `resolver` are the seams for tests."""

    def __init__(
        self,
        rules: Rules,
        *,
        resolver: Resolver = resolve,
        tls: ssl.SSLContext | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.rules = rules
        self.tls = tls or httpx2.create_ssl_context(trust_env=False)
        self._watch = Watch()
        self._hosts = Hosts(rules.calls_per_second, rules.burst)
        self._backend = PinnedBackend(resolver, rules.allowed, self._watch)
        pinned = transport or PinnedTransport(self._backend, self.tls)
        self._plain = PacedTransport(pinned, self._hosts, self._watch)
        self._cached = cached_transport(self._plain)

    def close(self) -> None:
        """Close all connections and forget all replies."""
        self._cached.close()

    def send(self, call: Call, bounds: Bounds | None = None) -> Reply:
        """Send one call and read the reply in full, following redirects of GET and HEAD.

        Raises the errors of `app.net.errors`, and what the `count` of the bounds raises.
        """
        with self._watch.over(bounds or Bounds(self.rules.call_seconds, self.rules.call_seconds)), _translated():
            for _ in range(MAX_REDIRECTS + 1):
                check_url(call.url, self.rules.ports, self.rules.allowed)
                reply, location = self._send_once(call)
                if location is None:
                    return reply
                call = _redirect(call, location, reply.status)
        raise TooManyRedirectsError

    def dial(self, url: str, seconds: float) -> socket.socket:
        """Connect to the host of a ws: or wss: address, checked as any other; raises as `send` does."""
        if not url.startswith(("ws://", "wss://")):
            raise RefusedAddressError("The address is not one of a WebSocket")
        _, host, port = check_url("http" + url.removeprefix("ws"), self.rules.ports, self.rules.allowed)
        with self._watch.over(Bounds(seconds, seconds)), _translated():
            stream = self._backend.connect_tcp(host, port, min(self.rules.connect_seconds, seconds))
        line: socket.socket = stream.get_extra_info("socket")
        return line

    def _send_once(self, call: Call) -> tuple[Reply, str | None]:
        request = httpx2.Request(
            call.method,
            call.url,
            headers={**self._headers(), **call.headers},
            content=call.content,
            extensions={
                "timeout": {
                    "connect": self.rules.connect_seconds,
                    "read": self.rules.read_seconds,
                    "write": self.rules.read_seconds,
                    "pool": self.rules.call_seconds,
                }
            },
        )
        response = (self._cached if call.cached else self._plain).handle_request(request)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            if response.status_code in _MOVED and call.method in {"GET", "HEAD"} and "location" in headers:
                return Reply(response.status_code), headers["location"]
            limit = min(call.max_bytes or self.rules.max_bytes, self.rules.max_bytes)
            body = b"" if call.method == "HEAD" else self._read(response, headers, limit)
            return Reply(response.status_code, headers, body, call.url), None
        finally:
            response.close()

    def _headers(self) -> dict[str, str]:
        return {
            "User-Agent": self.rules.user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
        }

    def _read(self, response: httpx2.Response, headers: Mapping[str, str], limit: int) -> bytes:
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise TooBigError
        pieces = _unpack(_stream_of(response), headers.get("content-encoding", "identity"), limit)
        body = bytearray()
        for piece in pieces:
            self._watch.seconds_left()
            body += piece
            if len(body) > limit:
                raise TooBigError
        return bytes(body)


def _stream_of(response: httpx2.Response) -> Iterable[bytes]:
    if not isinstance(response.stream, httpx2.SyncByteStream):
        raise BadReplyError
    return response.stream


def _unpack(pieces: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """Unpack gzip by bounded pieces: one small piece may hold gigabytes."""
    if encoding.strip().lower() in {"", "identity"}:
        yield from pieces
        return
    if encoding.strip().lower() not in {"gzip", "x-gzip"}:
        raise BadReplyError("The reply was packed in a way that was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    packed = 0
    for piece in pieces:
        packed += len(piece)
        if packed > limit:
            raise TooBigError
        waiting = piece
        while waiting and not unpacker.eof:
            yield unpacker.decompress(waiting, _PIECE)
            waiting = unpacker.unconsumed_tail
    if not unpacker.eof:
        raise UnreachableError("The reply broke off")


def _redirect(call: Call, location: str, status: int) -> Call:
    try:
        target = urljoin(call.url, location)
    except ValueError:
        raise RefusedAddressError("The address leads to a place that is none") from None
    before, after = httpx2.URL(call.url), httpx2.URL(target)
    if before.scheme == "https" and after.scheme != "https":
        raise RefusedAddressError("The address leads away from https")
    headers = call.headers
    if (before.scheme, before.raw_host, before.port) != (after.scheme, after.raw_host, after.port):
        headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
    method = "GET" if status == HTTPStatus.SEE_OTHER and call.method != "HEAD" else call.method
    return Call(method, target, headers, None, call.max_bytes, call.cached)


class _translated:  # noqa: N801  # reads as a verb where it is used
    """Turn what the libraries below raise into our own errors, without their messages: those quote names."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, NetError):
            ours = _translate(error)
            if ours is not None:
                raise ours from None


def _translate(error: Exception) -> NetError | None:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return BadCertificateError()
        cause = cause.__cause__ or cause.__context__
    for kinds, make in _KINDS:
        if isinstance(error, kinds):
            return make()
    return None


_KINDS: tuple[tuple[tuple[type[Exception], ...], Callable[[], NetError]], ...] = (
    ((httpcore2.TimeoutException, httpx2.TimeoutException), TimedOutError),
    (
        (httpcore2.ProtocolError, httpx2.ProtocolError, zlib.error),
        lambda: UnreachableError("The reply broke off"),
    ),
    ((httpx2.InvalidURL, UnicodeError), lambda: RefusedAddressError("The address is not written as a web address")),
    (
        (httpcore2.NetworkError, httpcore2.UnsupportedProtocol, httpx2.TransportError, OSError),
        UnreachableError,
    ),
)
