"""Platforms of one's own: HTTP servers on this machine that speak Bluesky's and Mastodon's APIs, as far as scans do.

Their search is a plain one over names and handles. They test scanning; what proves a mapping are the real servers.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Platform:
    """What a server holds and how it behaves. `accounts` are in the platform's own JSON; pictures by path.

    A `broken` one answers everything with an error of its own.
    """

    accounts: list[dict[str, Any]]
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    delay: float = 0.0
    broken: bool = False
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.name}"

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, Any]:
        if self.broken:
            return 500, {"error": "something went wrong"}
        wanted = query.get("q", [""])[0].casefold().split()
        match path:
            case "/xrpc/app.bsky.actor.searchActors" | "/xrpc/app.bsky.actor.searchActorsTypeahead":
                return 200, {"actors": [a for a in self.accounts if _matches(a, wanted, "displayName", "handle")]}
            case "/xrpc/app.bsky.actor.getProfiles":
                return 200, {"profiles": [a for a in self.accounts if a.get("handle") in query["actors"]]}
            case "/api/v2/search":
                return 200, {"accounts": [a for a in self.accounts if _matches(a, wanted, "display_name", "acct")]}
            case "/api/v1/accounts/lookup":
                found = [a for a in self.accounts if a.get("acct", "").casefold() == query["acct"][0].casefold()]
                return (200, found[0]) if found else (404, {"error": "Record not found"})
        return 404, {"error": "nothing here"}


def _matches(account: Mapping[str, Any], wanted: list[str], *names: str) -> bool:
    shown = " ".join(str(account.get(name, "")) for name in names).casefold()
    return bool(wanted) and all(word in shown for word in wanted)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    platform: Platform

    def do_GET(self) -> None:  # the name the library calls
        parts = urlsplit(self.path)
        self.platform.asked.append(self.path)
        time.sleep(self.platform.delay)
        picture = self.platform.pictures.get(parts.path)
        if picture is not None:
            self._send(200, "image/jpeg", picture)
            return
        status, body = self.platform.answer(parts.path, parse_qs(parts.query))
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Stay silent."""


@contextmanager
def run(platform: Platform) -> Iterator[Platform]:
    """Run a platform for the time of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"platform": platform}))
    server.daemon_threads = True
    platform.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join(2)
