"""What the library says of input it cannot compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_HASHES = 1 << 256


class InvalidProfileError(ValueError):
    """A value that no profile can have; `field` names it, as in "Photo.views"."""

    def __init__(self, field: str, told: str) -> None:
        super().__init__(f"{field}: {told}")
        self.field = field


def check_text(field: str, value: Any) -> None:
    """Demand a text; raises `InvalidProfileError`."""
    if not isinstance(value, str):
        raise InvalidProfileError(field, f"expected a text, not {type(value).__name__}")


def check_hashes(field: str, values: Iterable[Any]) -> None:
    """Demand hashes of 256 bits as integers; raises `InvalidProfileError`."""
    for value in values:
        if not isinstance(value, int) or not 0 <= value < _HASHES:
            raise InvalidProfileError(field, "expected hashes of 256 bits as integers")


def check_tuple(owner: str, name: str, values: Any, kind: type) -> None:
    """Demand a tuple of one kind, since a lone text would be read letter by letter; raises `InvalidProfileError`."""
    if not isinstance(values, tuple):
        raise InvalidProfileError(f"{owner}.{name}", f"expected a tuple, not {type(values).__name__}")
    for value in values:
        if not isinstance(value, kind):
            raise InvalidProfileError(f"{owner}.{name}", f"expected {kind.__name__} in it, not {type(value).__name__}")


def check_number(field: str, value: Any, low: float, high: float) -> None:
    """Demand a number within bounds; raises `InvalidProfileError`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidProfileError(field, f"expected a number from {low:g} to {high:g}")


def check_set(field: str, values: Any) -> None:
    """Demand a frozen set, since a lone text would hold each of its parts; raises `InvalidProfileError`."""
    if not isinstance(values, frozenset):
        raise InvalidProfileError(field, f"expected a frozenset, not {type(values).__name__}")
