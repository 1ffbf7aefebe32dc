"""A row of a table, CSV or Parquet, as an account: the names of its columns, and what stands in its cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import from_json

from app.accounts.schemas import AccountIn
from app.problems import InvalidInputError

# How an avatar may be given; the first that is filled in counts.
_AVATARS = {"avatar_hashes": "hashes", "avatar_path": "path", "avatar_base64": "base64", "avatar_url": "url"}
COLUMNS = AccountIn.model_fields.keys() | _AVATARS.keys()

# The cells by column. Those of CSV are text; Parquet has kinds, so that dates, numbers, lists and mappings occur too.
Cells = Mapping[str, Any]
# First line (of Parquet: which row), end in bytes, cells, fault.
Row = tuple[int, int, Cells, str | None]


def check_columns(names: Iterable[str], place: str, slug: str) -> None:
    """Raise `InvalidInputError` where no column is known; `place` says where the names stand."""
    if not COLUMNS.intersection(names):
        raise InvalidInputError(
            f"{place} no field of an account; it must hold names such as platform, handle, display_name "
            f"({', '.join(sorted(COLUMNS))}).",
            slug=slug,
        )


def measure_cells(value: Any) -> int:
    """About how many bytes the content of cells has."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(map(measure_cells, value.values()))
    return sum(map(measure_cells, value)) if isinstance(value, list) else 8


def cells_to_record(cells: Cells) -> dict[str, Any]:
    """Turn the cells of a row into an account of the wire; an empty cell says nothing.

    Raises `InvalidInputError` for a cell that should hold JSON and does not.
    """
    stripped = {name: cell.strip() if isinstance(cell, str) else cell for name, cell in cells.items()}
    filled = {name: cell for name, cell in stripped.items() if cell is not None and cell != ""}
    record: dict[str, Any] = {name: cell for name, cell in filled.items() if name in AccountIn.model_fields}
    if "labels" in record:
        record["labels"] = _read_list("labels", record["labels"])
    if "links" in record:
        links = _read_list("links", record["links"])
        record["links"] = [{"url": link} if isinstance(link, str) else link for link in links]
    avatar = _read_avatar(filled)
    if avatar is not None:
        record["avatar"] = avatar
    return record


def _read_list(name: str, cell: Any) -> list[Any]:
    parsed = cell
    if isinstance(cell, str):
        if not cell.startswith("["):
            return [item.strip() for item in cell.split(";") if item.strip()]
        parsed = _read_json(name, cell)
    return parsed if isinstance(parsed, list) else [parsed]


def _read_avatar(filled: Cells) -> object:
    for column, kind in _AVATARS.items():
        if column in filled:
            cell = filled[column]
            return {kind: _read_json(column, cell) if kind == "hashes" and isinstance(cell, str) else cell}
    cell = filled.get("avatar")
    if not isinstance(cell, str):
        return cell
    if cell.startswith("{"):
        return _read_json("avatar", cell)
    return {"url" if cell.startswith(("https://", "http://")) else "path": cell}


def _read_json(name: str, text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidInputError(f"{name}: is not JSON: {error}") from None
