"""How a source asks: every request paced, repeated where that is safe, cached, and counted against the budget."""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

from app.net.budget import Ledger
from app.net.client import Call, NetClient, Rules
from app.net.conversing import converse
from app.net.reply import Reply
from app.net.robots import Robots
from app.settings import Settings

# Servers asked at the same moment; each thread mostly waits.
MAX_THREADS = 32

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
        """Fetch a picture: not paced, since such hosts are made for it, and not repeated."""
        call = Call("GET", url, {"Accept": "image/*", **headers}, None, max_bytes)
        return self._net.call(call, self.ledger, repeat=False)

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

    def call(self, call: Call, ledger: Ledger, *, repeat: bool) -> Reply:
        """Send a call; `repeat` says that it may be sent again."""
        del repeat
        return self._client.send(
            call, seconds=ledger.seconds_left(), is_stopped=lambda: ledger.stopped, count=ledger.take_call
        )

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
