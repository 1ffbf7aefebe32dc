from __future__ import annotations

import pytest

from matchers.evidence import Finding
from matchers.pixels import PixelMatch, confirm_photo, weigh_pixels

DIFFERS = Finding("photo.differs", -3.0, "", params={"changed": None, "wearers": 0})
ALTERED = Finding("photo.altered", 12.0, "", params={"changed": "cropped", "wearers": 0})
SIMILAR = Finding("photo.similar", 1.0, "", params={"changed": None, "wearers": 0})


def test_more_details_never_weigh_less() -> None:
    weights = [weigh_pixels(n) for n in range(300)]
    assert weights == sorted(weights)
    assert (weights[0], weights[-1]) == (-3.0, 20.0)


@pytest.mark.parametrize(
    ("finding", "pixels", "code", "told"),
    [
        (DIFFERS, PixelMatch(143), "photo.same", "The same photograph: 143 details agree"),
        (ALTERED, PixelMatch(143), "photo.altered", "The same photograph: 143 details agree, although it was cropped"),
        (DIFFERS, PixelMatch(50, mirrored=True), "photo.mirrored", "50 details agree, although it was mirrored"),
        (DIFFERS, PixelMatch(30), "photo.similar", "Probably the same photograph"),
        (SIMILAR, PixelMatch(3), "photo.differs", "hardly any details agree"),
        (ALTERED, PixelMatch(3), "photo.altered", ""),
    ],
)
def test_the_stronger_of_hashes_and_pixels_counts(finding: Finding, pixels: PixelMatch, code: str, told: str) -> None:
    confirmed = confirm_photo(finding, pixels)
    assert confirmed.code == code
    assert told in confirmed.summary
    assert abs(confirmed.bits) >= abs(finding.bits) or pixels.inliers >= 25


@pytest.mark.parametrize("bits", [-3.5, -1.0, 0.0, 1.0, 3.0])
@pytest.mark.parametrize("inliers", range(25))
def test_a_denial_speaks_against_and_anything_else_for_the_copy(bits: float, inliers: int) -> None:
    confirmed = confirm_photo(Finding("photo.similar", bits, "", params={"changed": None}), PixelMatch(inliers))
    assert confirmed.bits < 0 or confirmed.code != "photo.differs"
    assert abs(confirmed.bits) >= abs(bits)


def test_a_picture_with_hardly_any_details_is_not_denied() -> None:
    assert confirm_photo(SIMILAR, PixelMatch(0, possible=22)) is SIMILAR
    assert confirm_photo(SIMILAR, PixelMatch(0)).code == "photo.differs"


def test_a_picture_that_many_wear_stays_stock() -> None:
    worn = Finding("photo.differs", -3.0, "", params={"changed": None, "wearers": 100_000})
    confirmed = confirm_photo(worn, PixelMatch(200))
    assert confirmed.code == "photo.stock"
    assert confirmed.bits < 10
