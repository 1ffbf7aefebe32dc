"""CSV as a list of accounts: a header with the names of the wire, a row an account; a broken row costs itself alone."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from app.accounts.cells import COLUMNS, Row, check_columns
from app.problems import InvalidInputError

# A cell may hold line breaks in quotes; a quote that is not closed within so many lines is a slip.
MAX_LINES = 200
_DELIMITERS = ",;\t"

Line = tuple[int, int, bytes | None]


def read_csv(lines: Iterable[Line], max_record: int) -> Iterator[Row]:
    """Read the rows behind a header. Raises `InvalidInputError` where the header names no field of an account."""
    # The module's own limit would refuse a picture in base64; records are bounded before they get there.
    csv.field_size_limit(max(csv.field_size_limit(), max_record))
    remaining = iter(lines)
    first = next(remaining, None)
    header, delimiter = _read_header(b"" if first is None else first[2] or b"")
    yield from _Rows(remaining, header, delimiter, max_record)


def _read_header(text: bytes) -> tuple[list[str], str]:
    decoded = text.decode(errors="replace").strip()
    if "\r" in decoded:
        raise InvalidInputError(
            "The lines end in CR alone, as on an old Mac; save the file with LF or CRLF at the ends of lines.",
            slug="csv_line_ends",
        )
    readings = [(_split(decoded, delimiter), delimiter) for delimiter in _DELIMITERS]
    names, delimiter = max(readings, key=lambda reading: len(COLUMNS.intersection(reading[0])))
    check_columns(names, "The first line names", "csv_header")
    return names, delimiter


def _split(text: str, delimiter: str) -> list[str]:
    return [name.strip().lower() for name in next(csv.reader([text], delimiter=delimiter), [])]


class _Rows:
    """Rows put together from lines; what a wrong quote swallowed is given back."""

    def __init__(self, lines: Iterator[Line], header: list[str], delimiter: str, max_record: int) -> None:
        self._lines = lines
        self._returned: deque[Line] = deque()
        self._header = header
        self._delimiter = delimiter
        self._max_record = max_record

    def __iter__(self) -> Iterator[Row]:
        while line := self._next():
            number, end, text = line
            if text is None:
                yield number, end, {}, f"has more than {self._max_record:,} bytes"
            elif text.strip():
                yield self._read_row(line, text)

    def _next(self) -> Line | None:
        return self._returned.popleft() if self._returned else next(self._lines, None)

    def _read_row(self, first: Line, text: bytes) -> Row:
        taken = [first]
        while text.count(b'"') % 2 and len(taken) < MAX_LINES and len(text) <= self._max_record:
            line = self._next()
            if line is None:
                break
            taken.append(line)
            if line[2] is None:
                break
            text += line[2]
        cells, fault = self._parse(text)
        if fault is None:
            return first[0], taken[-1][1], cells, None
        # The lines that an open quote drew in are rows of their own.
        self._returned.extendleft(reversed(taken[1:]))
        return first[0], first[1], {}, fault

    def _parse(self, text: bytes) -> tuple[Mapping[str, str], str | None]:
        if text.count(b'"') % 2:
            return {}, "has a quote that is not closed"
        try:
            rows = list(csv.reader(StringIO(text.decode(), newline=""), delimiter=self._delimiter, strict=True))
        except (csv.Error, UnicodeDecodeError) as error:
            return {}, f"is not CSV in UTF-8: {error}"
        if len(rows) != 1 or len(rows[0]) != len(self._header):
            cells = len(rows[0]) if len(rows) == 1 else "other"
            return {}, f"has {cells} cells where the header has {len(self._header)}"
        return dict(zip(self._header, rows[0], strict=True)), None
