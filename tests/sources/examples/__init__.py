"""Examples of what platforms answer, one module a source. Every source that is registered needs one.

`SETTINGS` make the source ready; `EXAMPLES` hold a question, the exchanges it leads to and the accounts it must bring.
Bodies are written for the tests in the shape of the platform's documents or of what its real server sent; `origin`
says which. A reply that was made up may test errors, but proves no mapping.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2

from app.net.asking import Net
from app.net.client import NetClient, Rules
from app.settings import Settings
from matchers.profile import Account


@dataclass(frozen=True)
class Exchange:
    """One request and its reply. `path` is that of the address; `query` holds parameters that must be there."""

    path: str
    body: Any
    query: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    host: str | None = None

    def matches(self, request: httpx2.Request) -> bool:
        url = request.url
        same = (self.method, self.path) == (request.method, url.path) and self.host in (None, url.host)
        return same and all(url.params.get(name) == value for name, value in self.query.items())

    def answer(self) -> httpx2.Response:
        if isinstance(self.body, bytes):
            return httpx2.Response(self.status, headers=dict(self.headers), content=self.body)
        kind = {"Content-Type": "application/json", **self.headers}
        return httpx2.Response(self.status, headers=kind, content=json.dumps(self.body).encode())


@dataclass(frozen=True)
class Example:
    """A question to a source and what it must bring. `what` is a name, or handles."""

    ask: Literal["search", "lookup"]
    what: str | tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    accounts: tuple[Account, ...]
    origin: Literal["documents", "recorded", "made up"] = "documents"
    status: str = "ok"
    cursor: str | None = None
    withheld: int = 0
    pictures: tuple[str | None, ...] | None = None


@dataclass(frozen=True)
class Examples:
    """The examples of one source."""

    settings: Mapping[str, Any]
    examples: tuple[Example, ...]


def load_examples(name: str) -> Examples:
    """The examples of a source, from the module of its name."""
    module = importlib.import_module(f"tests.sources.examples.{name}")
    return Examples(module.SETTINGS, module.EXAMPLES)


class Replay(httpx2.MockTransport):
    """Answers as the exchanges say; anything else is a failed test, told as a 599."""

    def __init__(self, exchanges: tuple[Exchange, ...]) -> None:
        self.requests: list[httpx2.Request] = []
        self.unexpected: list[str] = []

        def handle(request: httpx2.Request) -> httpx2.Response:
            self.requests.append(request)
            found = next((one for one in exchanges if one.matches(request)), None)
            if found is None:
                self.unexpected.append(f"{request.method} {request.url}")
                return httpx2.Response(599)
            return found.answer()

        super().__init__(handle)


def replay_net(transport: httpx2.BaseTransport, settings: Settings | None = None) -> Net:
    """A way out that leads to a replay."""
    rules = Rules.of(settings) if settings else Rules()
    return Net(
        NetClient(Rules(rules.allowed, rules.ports, calls_per_second=1_000, longest_wait=0), transport=transport)
    )
