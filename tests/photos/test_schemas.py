from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.photos.hashing import subject_photo
from app.photos.schemas import HashesModel, PhotoIn, photo_to_wire
from matchers.photo_scheme import PROBES
from matchers.profile import Photo
from tests.photos.pictures import draw_scene

GOOD: dict[str, Any] = {"scheme": "cc1", "views": {"whole": "ab" * 32}, "gate": 0.3}


def test_what_is_hashed_here_comes_back_as_it_was() -> None:
    photo = subject_photo(draw_scene(1, 200, 250))
    assert HashesModel.model_validate(photo_to_wire(photo)).to_photo() == photo


@given(
    st.dictionaries(st.sampled_from(["center", "square", "top"]), st.integers(0, 2**256 - 1)),
    st.lists(st.integers(0, 2**256 - 1), max_size=5),
    st.floats(0, 1),
    st.none() | st.integers(1, 5000),
    st.none() | st.integers(0, 2**64 - 1),
)
def test_the_wire_loses_nothing(
    views: dict[str, int], probes: list[int], gate: float, side: int | None, phash: int | None
) -> None:
    photo = Photo(views={"whole": 7, **views}, probes=tuple(probes), gate=gate, side=side, phash=phash)
    assert HashesModel.model_validate(photo_to_wire(photo)).to_photo() == photo


def test_absent_fields_stay_absent() -> None:
    assert HashesModel.model_validate(GOOD).model_dump() == {**GOOD, "probes": []}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"scheme": "cc2"}, "scheme"),
        ({"scheme": None}, "scheme"),
        ({"views": {}}, "views"),
        ({"views": {"center": "ab" * 32}}, "views"),
        ({"views": {"whole": "ab" * 31}}, "views"),
        ({"views": {"whole": "xy" * 32}}, "views"),
        ({"views": {"whole": "ab" * 32, "left": "ab" * 32}}, "views"),
        ({"views": {"whole": "ab" * 32 + "\n"}}, "views"),
        ({"probes": ["ab" * 33]}, "probes"),
        ({"probes": ["ab" * 32] * (len(PROBES) + 1)}, "probes"),
        ({"probes": "ab" * 32}, "probes"),
        ({"gate": 1.5}, "gate"),
        ({"gate": None}, "gate"),
        ({"gate": float("nan")}, "gate"),
        ({"side": 0}, "side"),
        ({"phash": "ab" * 9}, "phash"),
        ({"pdq_quality": 101}, "pdq_quality"),
        ({"pdq": "ab" * 16}, "pdq"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_malformed_hashes_are_refused_where_they_are_wrong(change: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PhotoIn.model_validate({"hashes": {**GOOD, **change}})
    assert caught.value.errors()[0]["loc"][:2] == ("hashes", where)


@pytest.mark.parametrize(
    "body",
    [{}, {"base64": "aGk=", "url": "https://a.example/x.png"}, {"base64": ""}, {"url": ""}, {"base64": None}, {"x": 1}],
)
def test_a_photo_is_exactly_one_thing(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PhotoIn.model_validate(body)


@pytest.mark.parametrize("known", [{"pdq": "ab" * 32}, {"phash": "ab" * 8}, {"pdq": "ab" * 32, "pdq_quality": 80}])
def test_hashes_of_a_list_stand_alone(known: dict[str, Any]) -> None:
    given = PhotoIn.model_validate({"hashes": known})
    assert given.hashes is not None
    photo = given.hashes.to_photo()
    assert photo.views == {}
    assert photo_to_wire(photo) == {"scheme": "cc1", **known}


@pytest.mark.parametrize("body", [{}, {"scheme": "cc1", "gate": 0.5}, {"pdq": "ab" * 32, "probes": ["ab" * 32]}])
def test_hashes_hold_something_to_compare(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="views are needed"):
        PhotoIn.model_validate({"hashes": body})
