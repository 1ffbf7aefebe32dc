"""Who may speak to the service, checked before any route sees the request.

On loopback without keys every web page the user visits can reach us through his own browser. Three things keep it
out: only allowed `Host` names are answered (DNS rebinding), cross-site requests that change anything are refused
(`Sec-Fetch-Site`, `Origin`), and bodies must be JSON, NDJSON or a form that passed those checks.

With keys, every request but the health checks needs one. A session stands for its key on the pages; since a browser
sends its cookie by itself, whatever changes something must then prove that it comes from a page of ours.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.failures import Show, as_document, bug_response, problem_response
from app.problems import (
    ForbiddenError,
    MisdirectedError,
    ProblemError,
    TooLargeError,
    UnauthorisedError,
    describe_fault,
)
from app.sessions import Sessions, find_key, read_keys, takes_session
from app.settings import Settings

log = logging.getLogger("clonecheck.access")

BAD_REQUEST = 400
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN_PATHS = frozenset({"/livez", "/readyz"})
# What people reach who have not given their key yet: where they give it, in which language, and how that page looks.
SIGN_PATHS = frozenset({"/sign-in", "/sign-out", "/language"})
STATIC = "/static/"
SIGN_BYTES = 16 * 1024


def is_loopback(host: str) -> bool:
    """Say whether an address or name is this machine's own."""
    if host in {"localhost", ""}:
        return host == "localhost"
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_name(value: str) -> str:
    """The name in a Host header, without the port; brackets of an IPv6 address stay."""
    if value.startswith("["):
        return value.partition("]")[0].lower() + "]"
    return value.partition(":")[0].rstrip(".").lower()


class Guard:
    """ASGI middleware: checks, a bound on the body, security headers, and one log line a request without content."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        sessions: Sessions | None = None,
        ask_key: Callable[[Request], Response] | None = None,
        show: Show = as_document,
    ) -> None:
        """`sessions` open the pages where there are keys; `ask_key` makes the page that asks a person for one.

        `show` makes a page of a problem where a person shall see it.
        """
        self._app = app
        self._keys = read_keys(settings)
        self._sessions = sessions
        self._ask_key = ask_key
        self._show = show
        self._hosts = frozenset(name.lower() for name in settings.allowed_hosts)
        self._limit = settings.max_request_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, let it through, and answer what went wrong."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 500
        answered = False

        limit = self._bound(scope)
        meter = _Meter(receive, limit)
        replaced = False

        async def send_on(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                given = {name.lower() for name, _ in message["headers"]}
                missing = [pair for pair in _SECURITY_HEADERS if pair[0] not in given]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        async def answer(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and meter.exceeded and message["status"] == BAD_REQUEST:
                # A parser called it malformed.
                replaced = True
                await self._show(Request(scope), problem_response(_too_large(limit)))(scope, receive, send_on)
            elif not replaced:
                await send_on(message)

        try:
            self._check(scope, limit)
            await self._app(scope, meter, answer)
        except UnauthorisedError as problem:
            await self._refuse(scope, problem)(scope, receive, answer)
        except ProblemError as problem:
            await self._show(Request(scope), problem_response(problem))(scope, receive, answer)
        except ClientDisconnect:
            # Nobody is left to answer; proxies log this as 499.
            status = 499
        except Exception as fault:  # noqa: BLE001  # the server would log a traceback, and with it what users sent
            log.error("unexpected %s", describe_fault(fault))
            if not answered:
                await self._show(Request(scope), bug_response())(scope, receive, answer)
        finally:
            # The template of the route, never the path: a path may carry an identifier.
            route = getattr(scope.get("route"), "path", "-")
            milliseconds = (time.perf_counter() - start) * 1000
            log.info("method=%s route=%s status=%d ms=%.1f", scope["method"], route, status, milliseconds)

    def _bound(self, scope: Scope) -> int:
        """The largest body: who has given no key yet has little to say."""
        return min(SIGN_BYTES, self._limit) if self._keys and scope["path"] in SIGN_PATHS else self._limit

    def _check(self, scope: Scope, limit: int) -> None:
        headers = Headers(scope=scope)
        if _declared_length(headers) > limit:
            raise _too_large(limit)
        if self._keys:
            if scope["path"] not in OPEN_PATHS:
                self._check_caller(scope, headers)
            return
        self._check_local(scope, headers)

    def _check_caller(self, scope: Scope, headers: Headers) -> None:
        """A key in the header decides by itself; without one, what a browser may open with its session or without."""
        method, path = scope["method"], scope["path"]
        if _gives_key(headers) or self._sessions is None or not takes_session(method, path):
            self._check_key(headers)
            return
        request = Request(scope)
        request.state.signed_in = self._sessions.opens(request)
        if not request.state.signed_in and path not in SIGN_PATHS and not path.startswith(STATIC):
            raise _key_required()
        if method not in SAFE_METHODS:
            _check_own_page(headers)

    def _check_key(self, headers: Headers) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if find_key(self._keys, given) is None or scheme.lower() != "bearer":
            raise _key_required()

    def _refuse(self, scope: Scope, problem: ProblemError) -> Response:
        """A person in a browser gets a page that asks for the key; everybody else the problem."""
        headers = Headers(scope=scope)
        wants_page = "text/html" in headers.get("accept", "") and takes_session(scope["method"], scope["path"])
        if self._ask_key is None or _gives_key(headers) or not wants_page:
            return problem_response(problem)
        response = self._ask_key(Request(scope))
        response.headers.update(problem.headers)
        return response

    def _check_local(self, scope: Scope, headers: Headers) -> None:
        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            raise ForbiddenError("Without API keys this service answers its own machine only.")
        hosts = headers.getlist("host")
        if len(hosts) != 1 or host_name(hosts[0]) not in self._hosts:
            raise MisdirectedError(
                "This service answers to localhost only; CLONECHECK_ALLOWED_HOSTS names further hosts."
            )
        if scope["method"] not in SAFE_METHODS:
            _check_same_site(headers)


def _check_same_site(headers: Headers) -> None:
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise ForbiddenError("Requests from other web sites are refused.", slug="cross_site")
    if any(_origin_host(origin) != headers.get("host", "").lower() for origin in headers.getlist("origin")):
        raise ForbiddenError("Requests from other web sites are refused.", slug="cross_site")


def _check_own_page(headers: Headers) -> None:
    """Every browser says from where a form or a call comes. Who does not is none, and can send a key."""
    _check_same_site(headers)
    if "origin" not in headers and headers.get("sec-fetch-site") != "same-origin":
        raise ForbiddenError("A session is for browsers, which say from where they ask: send a key.", slug="cross_site")


def _gives_key(headers: Headers) -> bool:
    return headers.get("authorization", "").partition(" ")[0].lower() == "bearer"


def _key_required() -> UnauthorisedError:
    return UnauthorisedError(
        "Send one of the configured keys as `Authorization: Bearer KEY`.",
        headers={"WWW-Authenticate": 'Bearer realm="clonecheck"'},
    )


class _Meter:
    """Counts the body as it comes in and refuses what is too much.

    Parsers of forms turn any error into one of their own, so that it is remembered here.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._received = 0

    @property
    def exceeded(self) -> bool:
        """Whether more came than is allowed."""
        return self._received > self._limit

    async def __call__(self) -> Message:
        """Pass on the next message; raises `TooLargeError`."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self.exceeded:
            raise _too_large(self._limit)
        return message


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"The request has more than {limit:,} bytes; send it in parts.")


def _origin_host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _declared_length(headers: Headers) -> int:
    value = headers.get("content-length", "")
    return int(value) if value.isdecimal() else 0


def _encode(pairs: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in pairs]


_SECURITY_HEADERS = _encode(
    (
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
    )
)
