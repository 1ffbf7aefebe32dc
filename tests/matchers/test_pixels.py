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
    assert (weights[0], weights[-1]) == (-3.0, 26.0)


@pytest.mark.parametrize(
    ("finding", "pixels", "code", "told"),
    [
        (DIFFERS, PixelMatch(143), "photo.same", "The same photograph: 143 details agree"),
        (ALTERED, PixelMatch(143), "photo.altered", "The same photograph: 143 details agree, although it was cropped"),
        (DIFFERS, PixelMatch(50, mirrored=True), "photo.mirrored", "50 details agree, although it was mirrored"),
        (DIFFERS, PixelMatch(24), "photo.similar", "Probably the same photograph"),
        (SIMILAR, PixelMatch(3), "photo.differs", "hardly any details agree"),
        (ALTERED, PixelMatch(3), "photo.altered", ""),
    ],
)
def test_the_stronger_of_hashes_and_pixels_counts(finding: Finding, pixels: PixelMatch, code: str, told: str) -> None:
    confirmed = confirm_photo(finding, pixels)
    assert confirmed.code == code
    assert told in confirmed.summary
    assert abs(confirmed.bits) >= abs(finding.bits) or pixels.inliers >= 20


def test_a_picture_that_many_wear_stays_stock() -> None:
    worn = Finding("photo.differs", -3.0, "", params={"changed": None, "wearers": 100_000})
    confirmed = confirm_photo(worn, PixelMatch(200))
    assert confirmed.code == "photo.stock"
    assert confirmed.bits < 10
