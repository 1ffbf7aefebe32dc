"""Files of accounts, record by record, without ever holding the file: NDJSON, JSON, CSV, Parquet."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.accounts.cells import Cells
from app.accounts.csv_records import read_csv
from app.accounts.parquet_records import read_parquet
from app.problems import UnsupportedMediaError

_CHUNK = 1 << 16
_IN_ELEMENT = re.compile(rb'["{}\[\]]')
_BETWEEN = re.compile(rb'["{}\[\],\n]')
_IN_STRING = re.compile(rb'["\\]')


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as it stands in the file: JSON text, the cells of a row, or the fault that made it unreadable.

    `line` is its first line (in a .json file: which element, in Parquet: which row), `end` the position behind it in
    bytes (in Parquet: about).
    """

    line: int
    end: int
    content: bytes | Cells
    fault: str | None = None


def read_file(path: Path, max_record: int) -> Iterator[Raw]:
    """Read a file of accounts; `max_record` is the most bytes that one may have.

    Raises `UnsupportedMediaError` for other kinds of files, and for Parquet where its extra is not installed;
    `InvalidInputError` for CSV or Parquet without a usable column, and for Parquet that cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in {".ndjson", ".jsonl", ".json", ".csv", ".parquet"}:
        raise UnsupportedMediaError("Accounts are imported from .ndjson, .jsonl, .json, .csv and .parquet files.")
    if suffix == ".parquet":
        for number, end, cells, fault in read_parquet(path, max_record):
            yield Raw(number, end, cells, fault)
        return
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
        yield number, end, None if too_long else text.removeprefix(BOM_UTF8 if number == 1 else b"")


def _read_ndjson(stream: BinaryIO, max_record: int) -> Iterator[Raw]:
    for number, end, text in _lines(stream, max_record):
        if text is None:
            yield Raw(number, end, b"", f"has more than {max_record:,} bytes")
        elif text.strip():
            yield Raw(number, end, text)


def _read_elements(stream: BinaryIO, max_record: int) -> Iterator[Raw]:
    if stream.read(len(BOM_UTF8)) != BOM_UTF8:
        stream.seek(0)
    splitter = _Splitter(stream.tell())
    count = end = 0
    while chunk := stream.read(_CHUNK):
        for end, text in splitter.feed(chunk):
            count += 1
            yield Raw(count, end, text)
        if splitter.unfinished > max_record:
            yield Raw(count + 1, end, b"", f"has more than {max_record:,} bytes, or a brace or quote is not closed")
            return
    # A line break ends a number or word at the very end of the file.
    for end, text in splitter.feed(b"\n"):
        count += 1
        yield Raw(count, end, text)
    if splitter.unfinished:
        yield Raw(count + 1, end, b"", "the file ends in the middle of an account")


class _Splitter:
    """Cuts the elements of an array, or values one after the other, apart by braces, brackets, quotes and commas alone.

    What each holds is parsed later, so that one broken element does not cost the rest. `position` is where in the file
    the first byte stands.
    """

    def __init__(self, position: int = 0) -> None:
        self._buffer = bytearray()
        self._dropped = position
        # Where the element begins that is being read, and where to look on.
        self._start = 0
        self._at = 0
        self._depth = 0
        self._in_string = False
        self._in_array = False

    @property
    def unfinished(self) -> int:
        """Bytes of the element that has begun and not ended."""
        return len(self._buffer) - self._start

    @property
    def _between(self) -> bool:
        """Whether no object, inner array or string is open; a bare number or word may be."""
        return not self._depth and not self._in_string

    def feed(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        """Take in the next bytes; yields the end and the text of every element they complete."""
        self._buffer += chunk
        while match := self._signs().search(self._buffer, self._at):
            self._at = match.end()
            if self._between:
                yield from self._cut(match.start())
            self._follow(match[0])
            if self._between:
                yield from self._cut(match.end())
        self._at = max(self._at, len(self._buffer))
        if self._between and not self._buffer[self._start :].strip():
            self._start = len(self._buffer)
        self._drop(self._start)

    def _signs(self) -> re.Pattern[bytes]:
        if self._in_string:
            return _IN_STRING
        return _IN_ELEMENT if self._depth else _BETWEEN

    def _follow(self, sign: bytes) -> None:
        """Follow the nesting. The brackets of the array itself, commas and line breaks belong to no element."""
        if sign == b"\\":
            # The escaped character goes with it; it may lie in the next chunk.
            self._at += 1
        elif sign == b'"':
            self._in_string = not self._in_string
        elif self._depth or sign == b"{" or (sign == b"[" and self._in_array):
            self._depth += 1 if sign in b"{[" else -1
        else:
            self._start = self._at
            self._in_array = sign == b"[" or (self._in_array and sign != b"]")

    def _cut(self, end: int) -> Iterator[tuple[int, bytes]]:
        text = bytes(self._buffer[self._start : end]).strip()
        self._start = end
        if text:
            yield self._dropped + end, text

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self._dropped += size
        self._at -= size
        self._start = 0
