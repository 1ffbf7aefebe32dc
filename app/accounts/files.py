"""Files of accounts, record by record, without ever holding the file: NDJSON, JSON, CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.accounts.csv_records import read_csv
from app.problems import UnsupportedMediaError

_CHUNK = 1 << 16
_OUTSIDE = re.compile(rb'["{}\[\]]')
_IN_STRING = re.compile(rb'["\\]')
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it stands in the file: JSON text, the cells of a row, or the fault that made it unreadable.

    `line` is its first line (in a .json file: which object), `end` the position behind it in bytes.
    """

    line: int
    end: int
    content: bytes | Mapping[str, str]
    fault: str | None = None


def read_file(path: Path, max_record: int) -> Iterator[Raw]:
    """Read a file of accounts; `max_record` is the most bytes that one may have.

    Raises `UnsupportedMediaError` for other kinds of files and `InvalidInputError` for CSV without a usable header.
    """
    suffix = path.suffix.lower()
    if suffix not in {".ndjson", ".jsonl", ".json", ".csv"}:
        raise UnsupportedMediaError("Accounts are imported from .ndjson, .jsonl, .json and .csv files.")
    with path.open("rb") as stream:
        if suffix == ".csv":
            for line, end, cells, fault in read_csv(_lines(stream, max_record), max_record):
                yield Raw(line, end, cells, fault)
        elif suffix == ".json":
            yield from _read_elements(stream, max_record)
        else:
            yield from _read_ndjson(stream, max_record)


def _lines(stream: BinaryIO, max_record: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Number, end and text of each line; no text for one that is too long."""
    number = end = 0
    while text := stream.readline(max_record + 1):
        number += 1
        end += len(text)
        too_long = len(text) > max_record
        while len(text) > max_record and not text.endswith(b"\n"):
            text = stream.readline(max_record + 1)
            end += len(text)
        yield number, end, None if too_long else text.removeprefix(_BYTE_ORDER_MARK if number == 1 else b"")


def _read_ndjson(stream: BinaryIO, max_record: int) -> Iterator[Raw]:
    for number, end, text in _lines(stream, max_record):
        if text is None:
            yield Raw(number, end, b"", f"has more than {max_record:,} bytes")
        elif text.strip():
            yield Raw(number, end, text)


def _read_elements(stream: BinaryIO, max_record: int) -> Iterator[Raw]:
    splitter = _Splitter()
    count = end = 0
    while chunk := stream.read(_CHUNK):
        for end, text in splitter.feed(chunk):
            count += 1
            yield Raw(count, end, text)
        if splitter.unfinished > max_record:
            yield Raw(count + 1, end, b"", f"has more than {max_record:,} bytes, or a brace or quote is not closed")
            return
    if splitter.unfinished:
        yield Raw(count + 1, end, b"", "the file ends in the middle of an account")


class _Splitter:
    """Cuts the objects of an array, or objects one after the other, apart by their braces alone.

    What is between the braces is parsed later, so that one broken object does not cost the rest.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._dropped = 0
        self._start = 0
        self._at = 0
        self._depth = 0
        self._in_string = False

    @property
    def unfinished(self) -> int:
        """Bytes of the object, or 1 for a text outside any, that has begun and not ended."""
        return len(self._buffer) - self._start if self._depth else int(self._in_string)

    def feed(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        """Take in the next bytes; yields the end and the text of every object they complete."""
        self._buffer += chunk
        while match := (_IN_STRING if self._in_string else _OUTSIDE).search(self._buffer, self._at):
            sign = match[0]
            if sign == b"\\":
                # The escaped character goes with it; it may lie in the next chunk.
                self._at = match.end() + 1
                continue
            self._at = match.end()
            if sign == b'"':
                self._in_string = not self._in_string
            elif self._count(sign, match.start()):
                yield self._dropped + self._at, bytes(self._buffer[self._start : self._at])
        self._at = max(self._at, len(self._buffer))
        self._drop(self._start if self._depth else len(self._buffer))

    def _count(self, sign: bytes, position: int) -> bool:
        """Follow the nesting; True where an object ends. The brackets of the array itself do not count."""
        if sign in b"{[" and (self._depth or sign == b"{"):
            if not self._depth:
                self._start = position
            self._depth += 1
        elif sign in b"}]" and self._depth:
            self._depth -= 1
            return not self._depth
        return False

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self._dropped += size
        self._at -= size
        self._start = 0
