from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.photos.hashing import subject_photo
from matchers.photos import (
    GATE,
    PROBES,
    VIEWS,
    Match,
    compare_photos,
    nearest,
    photo_usable,
    weigh_match,
)
from matchers.profile import Account, Photo, Subject
from matchers.world import DEFAULT_WORLD, World
from tests.photos.pictures import draw_scene

HASHES = st.integers(0, 2**256 - 1)


def _noise(seed: str) -> int:
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=32).digest(), "big")


def _flip(value: int, bits: int, seed: int = 1) -> int:
    for step in range(bits):
        value ^= 1 << (seed + 37 * step) % 256  # 37 and 256 share no factor: every place comes once
    return value


JANE = Subject(photos=(subject_photo(draw_scene(1)),))
JOHN = subject_photo(draw_scene(2))


def _account(probe: str, bits: int = 0, view: str = "whole", *, side: int | None = 400) -> Account:
    views = {"whole": _noise("other whole"), "center": _noise("other center")}
    views[view] = _flip(JANE.photos[0].probes[PROBES.index(probe)], bits)
    return Account("x", avatar=Photo(views=views, gate=0.4, side=side))


@pytest.mark.parametrize(
    ("probe", "bits", "view", "code", "changed"),
    [
        ("whole", 0, "whole", "photo.same", None),
        ("whole", 20, "whole", "photo.same", None),
        ("crop 95%", 20, "whole", "photo.altered", "cropped"),
        ("crop 80%", 5, "whole", "photo.altered", "cropped"),
        ("crop 70% at 0% 22%", 4, "whole", "photo.altered", "cropped"),
        ("mirrored whole", 8, "whole", "photo.mirrored", "mirrored"),
        ("mirrored crop 90%", 8, "whole", "photo.mirrored", "mirrored and cropped"),
        ("turn +5 of 90%", 8, "whole", "photo.altered", "turned a little"),
        ("squeeze 75% x 100%", 8, "whole", "photo.altered", "stretched"),
        ("whole", 20, "center", "photo.altered", "framed"),
        ("crop 71%", 20, "center", "photo.altered", "cut to a circle or edited"),
        ("crop 75%", 4, "core", "photo.altered", "framed"),
        ("crop 50%", 4, "core", "photo.altered", "cut to a circle or edited"),
        ("whole", 55, "whole", "photo.similar", None),
        ("whole", 80, "whole", "photo.differs", None),
        ("crop 70% at 0% 22%", 20, "center", "photo.differs", None),  # such zooms are sought in whole avatars alone
    ],
)
def test_the_nearest_pair_says_what_was_done(probe: str, bits: int, view: str, code: str, changed: str | None) -> None:
    finding = compare_photos(JANE, _account(probe, bits, view), DEFAULT_WORLD)
    assert finding is not None
    assert (finding.code, finding.params["changed"]) == (code, changed)
    assert not finding.summary.endswith(".")
    if changed is not None:
        assert changed in finding.summary


def test_a_copy_weighs_most_and_another_picture_little_against() -> None:
    copy = compare_photos(JANE, _account("whole", 4), DEFAULT_WORLD)
    other = compare_photos(JANE, Account("x", avatar=JOHN), DEFAULT_WORLD)
    assert copy is not None
    assert other is not None
    assert (copy.bits, other.bits, other.code) == (26.0, -3.5, "photo.differs")


@pytest.mark.parametrize(
    ("photo", "word"),
    [
        (Photo(), "no picture"),
        (Photo(views={"whole": 1}, side=23), "too small"),
        (Photo(views={"whole": 1}, gate=GATE - 0.01), "nearly flat"),
        (Photo(views={"whole": 1}, gate=GATE, side=24), None),
        (Photo(views={"whole": 1}), None),
    ],
)
def test_pictures_that_prove_nothing_are_no_evidence(photo: Photo, word: str | None) -> None:
    usable, reason = photo_usable(photo)
    assert usable is (word is None)
    if word is not None:
        assert reason is not None
        assert word in reason
        assert compare_photos(JANE, Account("x", avatar=photo), DEFAULT_WORLD) is None
        hidden = Subject(photos=(replace(photo, probes=JANE.photos[0].probes),))
        assert compare_photos(hidden, _account("whole"), DEFAULT_WORLD) is None


@pytest.mark.parametrize(
    ("gate", "bits", "code"),
    [
        (0.23, 35, "photo.same"),
        (0.23, 36, None),
        (0.23, 58, None),
        (0.23, 80, "photo.differs"),
        (0.24, 36, "photo.same"),
        (0.24, 54, "photo.similar"),
    ],
)
def test_pictures_of_little_detail_must_be_near_to_say_anything(gate: float, bits: int, code: str | None) -> None:
    account = _account("whole", bits)
    assert account.avatar is not None
    scant = replace(account, avatar=replace(account.avatar, gate=gate))
    mine = Subject(photos=(replace(JANE.photos[0], gate=gate),))
    for subject, other in ((JANE, scant), (mine, account)):
        finding = compare_photos(subject, other, DEFAULT_WORLD)
        assert (finding.code if finding else None) == code


def test_a_missing_side_is_no_evidence() -> None:
    assert compare_photos(JANE, Account("x"), DEFAULT_WORLD) is None
    assert compare_photos(Subject(names=("Jane",)), _account("whole"), DEFAULT_WORLD) is None
    without_probes = Subject(photos=(replace(JANE.photos[0], probes=()),))
    assert compare_photos(without_probes, _account("whole"), DEFAULT_WORLD) is None


def test_the_best_of_several_photos_counts() -> None:
    both = Subject(photos=(JOHN, *JANE.photos))
    assert compare_photos(both, _account("whole", 3), DEFAULT_WORLD) == compare_photos(
        JANE, _account("whole", 3), DEFAULT_WORLD
    )


def test_a_picture_that_many_wear_says_less() -> None:
    account = _account("whole", 3)
    assert account.avatar is not None
    whole = account.avatar.views["whole"]
    found = [compare_photos(JANE, account, World(photo_counts={whole: n})) for n in (0, 1, 15, 100_000)]
    assert [finding.bits for finding in found if finding] == pytest.approx([26, 25, 22, 26 - 16.61], abs=0.01)
    assert [finding.code for finding in found if finding] == [*["photo.same"] * 3, "photo.stock"]
    assert found[3] is not None
    assert "100,000 unrelated accounts" in found[3].summary


@given(st.lists(HASHES, min_size=1, max_size=len(PROBES)), st.dictionaries(st.sampled_from(VIEWS), HASHES, min_size=1))
def test_anything_that_is_a_hash_can_be_compared(probes: list[int], views: dict[str, int]) -> None:
    subject = Subject(photos=(Photo(views=views, probes=tuple(probes)),))
    finding = compare_photos(subject, Account("x", avatar=Photo(views=views)), DEFAULT_WORLD)
    assert finding is not None
    assert -3.5 <= finding.bits <= 26


def test_an_unknown_view_is_left_alone() -> None:
    assert nearest(JANE.photos[0].probes, Photo(views={"corner": 0})).distance > 256
    assert compare_photos(JANE, Account("x", avatar=Photo(views={"corner": 0})), DEFAULT_WORLD) is None


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("probe", [0, 8, 13, 20, len(PROBES) - 1])
@pytest.mark.parametrize("fine", [True, False])
def test_nearer_never_weighs_less(view: str, probe: int, *, fine: bool) -> None:
    weights = [weigh_match(Match(distance, probe, view), fine=fine) for distance in range(258)]
    assert weights == sorted(weights, reverse=True)
    most = (26.0 if fine else 25.0) - (2.0 if PROBES[probe].startswith("mirrored") else 0.0)
    assert (weights[0], weights[-1]) == (most, -3.5)


@pytest.mark.parametrize(("sides", "bits"), [((400, 400), 26.0), ((400, 120), 25.0), ((120, 400), 25.0)])
def test_small_pictures_weigh_less(sides: tuple[int, int], bits: float) -> None:
    subject = Subject(photos=(replace(JANE.photos[0], side=sides[0]),))
    finding = compare_photos(subject, _account("whole", 4, side=sides[1]), DEFAULT_WORLD)
    assert finding is not None
    assert finding.bits == bits
    unknown = compare_photos(subject, _account("whole", 4, side=None), DEFAULT_WORLD)
    assert unknown is not None
    assert unknown.bits == 25.0


@given(HASHES, st.integers(0, 255), st.integers(0, 1000))
def test_the_whole_picture_is_found_first(value: int, flips: int, seed: int) -> None:
    match = nearest((value,), Photo(views={"whole": _flip(value, flips, seed)}))
    assert match == Match(flips, 0, "whole")
