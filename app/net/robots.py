"""What a site's robots.txt allows (RFC 9309), remembered for a while."""

from __future__ import annotations

import threading
import time
from typing import Protocol
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from app.net.reply import Reply

# Long enough for a day's scans, and RFC 9309 allows no more.
KEEP_SECONDS = 24 * 3600.0
MAX_SITES = 500
# RFC 9309, section 2.5: at least 500 kibibytes are read.
MAX_BYTES = 512 * 1024


class _Asks(Protocol):
    def get(self, url: str, *, max_bytes: int | None = None) -> Reply: ...


class Robots:
    """Remembers what sites allow; safe to share among threads."""

    def __init__(self, user_agent: str) -> None:
        self._name = user_agent.partition("/")[0]
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, RobotFileParser]] = {}

    def allows(self, url: str, ask: _Asks) -> bool:
        """Say whether a page may be fetched. A site in trouble (5xx) allows nothing, one without the file all."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            known = self._known.get(site)
        if known is None or known[0] < time.monotonic():
            parser = _read(ask.get(f"{site}/robots.txt", max_bytes=MAX_BYTES))
            with self._lock:
                while len(self._known) >= MAX_SITES:
                    del self._known[next(iter(self._known))]
                self._known[site] = (time.monotonic() + KEEP_SECONDS, parser)
        else:
            parser = known[1]
        return parser.can_fetch(self._name, url)


def _read(reply: Reply) -> RobotFileParser:
    parser = RobotFileParser()
    if reply.status == 200:
        parser.parse(reply.text.splitlines())
    elif 400 <= reply.status < 500:
        parser.parse([])
    else:
        parser.parse(["User-agent: *", "Disallow: /"])
    return parser
