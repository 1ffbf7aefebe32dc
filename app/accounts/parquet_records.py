"""Parquet as a list of accounts: the columns of CSV, a row an account, read by row groups; the extra `parquet`.

Columns may be nested: `avatar` as a struct like the wire's, hashes as a struct or as JSON text, lists as lists. A cell
without a value says nothing, as in CSV. Rows are numbered from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from app.accounts.cells import COLUMNS, Cells, Row, check_columns, measure_cells
from app.problems import InvalidInputError, UnsupportedMediaError

# Rows that are turned into Python's values at a time: a picture in base64 may stand in each.
_ROWS = 128
# Bytes of a column that are read at a time, in place of the column of a whole row group.
_READ_BYTES = 1 << 20
# Lost rows of a group that are told one by one: as many as pyarrow writes in a group unasked. How many there are only
# the damaged file says, and it may say anything.
MOST_LOST = 1 << 20
_LOST = "cannot be read: this part of the file is damaged, or packed in a way that is not known here"


class _Unreadable(str):
    """What stands in the place of a cell that could not be read: why."""

    __slots__ = ()


def read_parquet(path: Path, max_record: int) -> Iterator[Row]:
    """Read the rows of a file.

    Raises `UnsupportedMediaError` without the extra, `InvalidInputError` for another kind of file or one without a
    column that is known.
    """
    size = path.stat().st_size
    with _open(path) as file:
        facts = file.metadata
        chosen = [name for name in file.schema_arrow.names if _fold(name) in COLUMNS]
        check_columns(map(_fold, chosen), "The columns name", "parquet_columns")
        number = last = 0
        for group in range(facts.num_row_groups):
            last += facts.row_group(group).num_rows
            for cells, fault in _read_group(file, group, chosen, max_record):
                number += 1
                yield number, _position(size, number, facts.num_rows), cells, fault
            for _ in range(min(last - number, MOST_LOST)):
                number += 1
                yield number, _position(size, number, facts.num_rows), {}, _LOST
            if number < last:
                number = last
                yield number, _position(size, number, facts.num_rows), {}, f"and all rows before it: {_LOST}"


def _fold(name: str) -> str:
    return name.strip().lower()


def _position(size: int, number: int, rows: int) -> int:
    """Where in the file a row is, about; columns lie apart, so that no row has an end of its own."""
    return max(1, size * number // max(1, rows))


def _open(path: Path) -> Any:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        raise UnsupportedMediaError(
            "Parquet files are read by pyarrow, which is not installed: pip install 'clonecheck[parquet]'."
        ) from None
    try:
        return parquet.ParquetFile(
            path,
            buffer_size=_READ_BYTES,
            pre_buffer=False,
            coerce_int96_timestamp_unit="us",
            page_checksum_verification=True,
            # A kind of its own, such as JSON or UUID, is read as what it is stored as.
            arrow_extensions_enabled=False,
        )
    except (arrow.ArrowException, OSError, ValueError):
        raise InvalidInputError("The file is not Parquet, or it is damaged or encrypted.", slug="parquet") from None


def _read_group(file: Any, group: int, chosen: list[str], max_record: int) -> Iterator[tuple[Cells, str | None]]:
    """The rows of a group up to where it is damaged."""
    arrow = import_module("pyarrow")
    try:
        for batch in file.iter_batches(batch_size=_ROWS, row_groups=[group], columns=chosen, use_threads=False):
            names = [_fold(name) for name in batch.schema.names]
            for values in zip(*[_read_column(column, max_record) for column in batch.columns], strict=True):
                yield _read_row(dict(zip(names, values, strict=True)), max_record)
    except (arrow.ArrowException, OSError, ValueError):
        return


def _read_row(values: Cells, max_record: int) -> tuple[Cells, str | None]:
    faults = [f"{name}: {value}" for name, value in values.items() if isinstance(value, _Unreadable)]
    if faults:
        return {}, "; ".join(faults)
    cells = {name: value for name, value in values.items() if value is not None}
    if measure_cells(cells) > max_record:
        return {}, f"has more than {max_record:,} bytes"
    return cells, None


def _read_column(column: Any, most: int) -> list[Any]:
    """The cells of a column as values of the wire; where one is broken, or larger than `most` bytes, cell by cell.

    A kilobyte of a file may hold a list of millions: what is too large is not made into objects before it is refused.
    """
    if column.nbytes > most:
        return [_read_cell(column[at], column.slice(at, 1).nbytes, most) for at in range(len(column))]
    arrow = import_module("pyarrow")
    try:
        if arrow.types.is_timestamp(column.type) and column.type.unit == "ns":
            # Python's moments have microseconds.
            column = column.cast(arrow.timestamp("us", column.type.tz), safe=False)
        return [_to_wire(value) for value in column.to_pylist(maps_as_pydicts="strict")]
    except Exception:  # noqa: BLE001  # whatever one cell makes pyarrow raise must not cost the others
        return [_read_cell(cell, 0, most) for cell in column]


def _read_cell(cell: Any, size: int, most: int) -> Any:
    if size > most:
        return _Unreadable(f"has more than {most:,} bytes")
    try:
        return _to_wire(cell.as_py(maps_as_pydicts="strict"))
    except UnicodeDecodeError:
        return _Unreadable("is not text in UTF-8")
    except Exception as fault:  # noqa: BLE001  # see above
        return _Unreadable(f"cannot be read as {cell.type} ({type(fault).__name__})")


def _to_wire(value: Any) -> Any:
    """Drop what has no value at every depth: an empty struct, and the NaN that stands for nothing with some writers."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and value != value:  # noqa: PLR0124  # only a NaN differs from itself
        return None
    if isinstance(value, dict):
        kept = {name: _to_wire(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None} or None
    if isinstance(value, list):
        return [inner for inner in map(_to_wire, value) if inner is not None]
    return value
