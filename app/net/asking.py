"""How a source asks: every request paced, repeated where that is safe, cached, and counted against the budget."""

from __future__ import annotations

import json as json_module
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from app.net.budget import Ledger
from app.net.client import Call, NetClient, Rules
from app.net.conversing import converse
from app.net.errors import RateLimitedError, TimedOutError, UnreachableError
from app.net.limits import read_limit
from app.net.reply import Reply
from app.net.robots import Robots
from app.net.watch import Bounds
from app.settings import Settings

# Servers asked at the same moment; each thread mostly waits.
MAX_THREADS = 64
# A call that changes nothing is made this often at most.
ATTEMPTS = 3
BACKOFF_SECONDS = 0.5
_AGAIN = frozenset({429, 502, 503, 504})

Params = Mapping[str, str | int | Sequence[str]]


class Asker:
    """What a connector is given to ask with. Its methods raise the errors of `app.net.errors`.

    Replies of any status come back, save 429 and its like: those are waited for and repeated, and then raised as
    `RateLimitedError`. `Reply.expect` refuses a status.
    """

    def __init__(self, net: Net, ledger: Ledger) -> None:
        self._net = net
        self.ledger = ledger

    def get(
        self,
        url: str,
        params: Params | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        """Ask with GET. `params` become the query; a list repeats its name."""
        return self._net.call(Call("GET", _join(url, params), headers or {}, None, max_bytes), self.ledger, repeat=True)

    def post(
        self,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeat: bool = False,
        max_bytes: int | None = None,
    ) -> Reply:
        """Ask with POST, with a JSON body or a form. `repeat`: the call changes nothing and may be made again."""
        if form is not None:
            body, kind = urlencode(form).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = json_module.dumps(json).encode(), "application/json"
        call = Call("POST", url, {"Content-Type": kind, **(headers or {})}, body, max_bytes)
        return self._net.call(call, self.ledger, repeat=repeat)

    def converse(self, url: str, texts: Sequence[str], is_last: Callable[[str], bool]) -> list[str]:
        """Send texts over a WebSocket (ws: or wss:) and return what comes back, up to and with the last one.

        One call of the budget. The other side may hang up after it has said something.
        """
        return self._net.converse(url, texts, is_last, self.ledger)

    def fetch_picture(self, url: str, headers: Mapping[str, str], max_bytes: int) -> Reply:
        """Fetch a picture: not paced, since such hosts are made for it, and past the cache: pictures are not kept."""
        call = Call("GET", url, {"Accept": "image/*", **headers}, None, max_bytes, cached=False)
        return self._net.call(call, self.ledger, repeat=True, paced=False)

    def may_visit(self, url: str) -> bool:
        """Say whether the site's robots.txt lets us fetch a page (RFC 9309). Not for APIs, which have terms instead.

        Costs a call where the file is not known yet. Raises what goes wrong in reading it.
        """
        return self._net.robots.allows(url, self)


class Net:
    """The way out, one for the whole service. `threads` is where sources wait for others, apart from our own work."""

    def __init__(self, client: NetClient) -> None:
        self._client = client
        self.threads = ThreadPoolExecutor(MAX_THREADS, "net")
        self.robots = Robots(client.rules.user_agent)

    @classmethod
    def of(cls, settings: Settings) -> Net:
        """The way out under the operator's settings."""
        return cls(NetClient(Rules.of(settings)))

    def asker(self, ledger: Ledger) -> Asker:
        """Something to ask with, on account of one scan."""
        return Asker(self, ledger)

    def close(self) -> None:
        """Close all connections."""
        self.threads.shutdown(wait=True, cancel_futures=True)
        self._client.close()

    def call(self, call: Call, ledger: Ledger, *, repeat: bool, paced: bool = True) -> Reply:
        """Send a call; `repeat` says that it may be sent again, after a wait.

        Raises `RateLimitedError` where the other side still asks to wait in the end.
        """
        bounds = self._bounds(ledger, paced)
        for attempt in range(ATTEMPTS):
            last = attempt + 1 == ATTEMPTS or not repeat
            ledger.check()
            retry_at = None
            try:
                reply = self._client.send(call, replace(bounds, total_seconds=ledger.seconds_left()))
            except (UnreachableError, TimedOutError):
                ledger.check()
                if last or not self._wait(attempt, None, ledger):
                    raise
                continue
            if reply.status not in _AGAIN:
                return reply
            retry_at = read_limit(reply.headers, datetime.now(UTC)).retry_at
            if last or not self._wait(attempt, retry_at, ledger):
                break
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise RateLimitedError(retry_at)
        return reply

    def _bounds(self, ledger: Ledger, paced: bool) -> Bounds:
        seconds = self._client.rules.call_seconds
        return Bounds(seconds, seconds, lambda: ledger.stopped, ledger.take_call, paced)

    def _wait(self, attempt: int, retry_at: datetime | None, ledger: Ledger) -> bool:
        """Wait before the next attempt; False where that is too long, or the budget does not reach.

        Full jitter (Brooker, "Exponential Backoff And Jitter", 2015). Where the other side said how long, that long;
        `Hosts` sees to it that nobody else asks before.
        """
        if retry_at is not None:
            asked = max(0.0, (retry_at - datetime.now(UTC)).total_seconds())
            seconds = asked + random.uniform(0, BACKOFF_SECONDS)  # noqa: S311  # spreads load, guards nothing
        else:
            seconds = random.uniform(0, BACKOFF_SECONDS * 2**attempt)  # noqa: S311
        if seconds > min(self._client.rules.longest_wait, ledger.seconds_left()) or not ledger.calls_left():
            return False
        ledger.wait(seconds)
        return True

    def converse(self, url: str, texts: Sequence[str], is_last: Callable[[str], bool], ledger: Ledger) -> list[str]:
        """Talk over a WebSocket as `Asker.converse` says."""
        ledger.take_call()
        rules = self._client.rules
        seconds = min(rules.call_seconds, ledger.seconds_left())
        line = self._client.dial(url, seconds)
        try:
            return converse(
                line, url, self._client.tls, rules.user_agent, texts, is_last, lambda: ledger.stopped, seconds,
                rules.max_bytes,
            )  # fmt: skip
        finally:
            line.close()


def _join(url: str, params: Params | None) -> str:
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params, doseq=True)}"
