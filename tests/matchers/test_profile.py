"""Input that no profile can have is refused by the name of its field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matchers.errors import InvalidProfileError
from matchers.profile import Account, Handle, Photo, Subject
from matchers.world import World

WRONG: Any = object()


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Subject(names="Jane Doe"), "Subject.names"),  # type: ignore[arg-type]
        (lambda: Subject(names=("Jane", 7)), "Subject.names"),  # type: ignore[arg-type]
        (lambda: Subject(handles=("janedoe",)), "Subject.handles"),  # type: ignore[arg-type]
        (lambda: Subject(photos=Photo()), "Subject.photos"),  # type: ignore[arg-type]
        (lambda: Subject(bio=WRONG), "Subject.bio"),
        (lambda: Handle(None), "Handle.text"),  # type: ignore[arg-type]
        (lambda: Account(""), "Account.platform"),
        (lambda: Account("x", handle=WRONG), "Account.handle"),
        (lambda: Account("x", bio=0), "Account.bio"),  # type: ignore[arg-type]
        (lambda: Subject(absent_from="tiktok"), "Subject.absent_from"),  # type: ignore[arg-type]
        (lambda: Account("x", labels="parody"), "Account.labels"),  # type: ignore[arg-type]
        (lambda: Photo(views={"whole": 1 << 256}), "Photo.views"),
        (lambda: Photo(views={"whole": "ab"}), "Photo.views"),  # type: ignore[dict-item]
        (lambda: Photo(probes=(-1,)), "Photo.probes"),
        (lambda: Photo(gate=1.5), "Photo.gate"),
        (lambda: Photo(gate=float("nan")), "Photo.gate"),
        (lambda: Photo(side=-3), "Photo.side"),
        (lambda: World(prior_bits=float("nan")), "World.prior_bits"),
        (lambda: World(population=0), "World.population"),
    ],
)
def test_the_error_names_the_field(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidProfileError) as caught:
        make()
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: expected")


def test_what_is_merely_unknown_is_taken() -> None:
    assert Subject() == Subject(names=(), bio=None)
    assert Account("x").handle is None
    assert Photo().views == {}
