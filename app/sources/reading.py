"""Reading hostile JSON: a field of the wrong kind is a field that was not told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

Json = Mapping[str, Any]

# As an import takes them (app.accounts.schemas).
MAX_NAME = 10_000
MAX_BIO = 100_000
MAX_URL = 2_000
MAX_ID = 512
MAX_COUNT = 2**63 - 1
MAX_ITEMS = 100
# Milliseconds since 1970 are a thousand times as many; no account is from after the year 2286 in seconds.
_MILLISECONDS = 10**10
_BLANK_LINES = re.compile(r"\n{3,}")


def text_of(value: Any, limit: int = MAX_NAME) -> str | None:
    """A text without control characters and lone surrogates, cut to `limit`; None if it is none or empty."""
    if not isinstance(value, str):
        return None
    text = value[:limit]
    if not text.isprintable():
        text = "".join(c for c in text if c in "\t\n" or unicodedata.category(c) not in {"Cc", "Cs"})
    return text.strip() or None


def id_of(value: Any) -> str | None:
    """A stable id, given as text or as a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_of(value, MAX_ID)


def count_of(value: Any) -> int | None:
    """A count, not negative; None for anything else, `true` too."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_COUNT:
        return value
    return None


def flag_of(value: Any) -> bool | None:
    """True, False, or None for anything else."""
    return value if isinstance(value, bool) else None


def moment_of(value: Any) -> datetime | None:
    """A moment in UTC, from ISO 8601 text or a number of (milli)seconds since 1970."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def address_of(value: Any) -> str | None:
    """A web address (http or https) of bounded length."""
    text = text_of(value, MAX_URL + 1)
    if text is None or len(text) > MAX_URL or any(c.isspace() for c in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.hostname else None


def object_of(value: Any) -> dict[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a JSON array, a bounded number; none for anything else."""
    return [item for item in value[:MAX_ITEMS] if isinstance(item, dict)] if isinstance(value, list) else []


def html_to_text(value: Any) -> str | None:
    """The text of a piece of HTML: paragraphs and breaks become lines, everything else but text goes."""
    if not isinstance(value, str):
        return None
    reader = _TextReader()
    reader.feed(value[: 2 * MAX_BIO])
    reader.close()
    return text_of(_BLANK_LINES.sub("\n\n", "".join(reader.pieces)), MAX_BIO)


def links_in(value: Any) -> list[str]:
    """The web addresses that a piece of HTML links to, in order."""
    if not isinstance(value, str):
        return []
    reader = _TextReader()
    reader.feed(value[: 2 * MAX_BIO])
    reader.close()
    return [address for href in reader.links[:MAX_ITEMS] if (address := address_of(href))]


class _TextReader(HTMLParser):
    _SILENT = frozenset({"script", "style", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._SILENT:
            self._silent += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in {"p", "li", "div"} and self.pieces:
            self.pieces.append("\n\n" if tag == "p" else "\n")
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)
