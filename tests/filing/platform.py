"""A platform at the other end of a socket: answers by path as told, and keeps every request with its body."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode("ascii"), strict_parsing=True)


@dataclass(frozen=True)
class Says:
    """An answer; `before` is done when the request has come, and may raise to hang up."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Platform:
    """A server that runs. `answers` may be changed while it does."""

    url: str
    answers: dict[str, Says]
    seen: list[Seen] = field(default_factory=list)

    def posted(self, path: str) -> list[Seen]:
        """What was posted to a path."""
        return [one for one in self.seen if (one.method, one.path) == ("POST", path)]


@contextmanager
def run_platform(answers: Mapping[str, Says]) -> Iterator[Platform]:
    """Run a platform for the time of the block; what it is not told of is a 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            platform.seen.append(Seen(self.command, parts.path, parse_qs(parts.query), headers, body))
            said = platform.answers.get(parts.path, Says({"error": "Record not found"}, 404))
            self.close_connection = True
            try:
                said.before()
            except ConnectionError:
                return
            content = said.content()
            self.send_response(said.status)
            for name, value in {"Content-Type": "application/json", **said.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815  # names of the standard library

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    platform = Platform(f"http://127.0.0.1:{server.server_address[1]}", dict(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
