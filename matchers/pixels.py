"""What the pixels of two pictures say, where both are at hand: details that agree once one is laid over the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from matchers.evidence import Finding

# log2 likelihood ratio by the number of details that agree, straight lines between and flat beyond. Other people's
# pictures, the three nearest by hash to each of 1,320 changed copies of 24 development people: 185 of 3,960 reach 12,
# 18 reach 20, one reaches 25, none 30; of the copies .981 reach 12 and .979 reach 30 (docs/decisions/0005-pixels.md).
_CURVE = ((8, -3.0), (12, -2.0), (17, 0.0), (20, 4.0), (25, 8.0), (30, 13.0), (60, 20.0), (120, 26.0))

# From this many details on the pictures are called the same.
SAME_DETAILS = 30
LIKELY_DETAILS = 20


@dataclass(frozen=True, slots=True)
class PixelMatch:
    """The subject's photo laid over an account's avatar.

    `inliers` counts the details (places in both pictures) that one affine map carries onto each other; `mirrored` says
    that the photo had to be mirrored first.
    """

    inliers: int
    mirrored: bool = False


def weigh_pixels(inliers: int) -> float:
    """log2 likelihood ratio of so many details that agree: the same picture, perhaps changed, against another one."""
    left, value = _CURVE[0]
    for right, after in _CURVE:
        if inliers <= right:
            share = (inliers - left) / (right - left) if right > left else 0.0
            return value + max(share, 0.0) * (after - value)
        left, value = right, after
    return value


def confirm_photo(finding: Finding, pixels: PixelMatch) -> Finding:
    """Let the pixels speak where they say more than the hashes: both see the same picture, so the stronger counts.

    Pictures too flat to be evidence have no finding, and so nothing that pixels could confirm.
    """
    bits = weigh_pixels(pixels.inliers)
    wearers = finding.params.get("wearers")
    common = math.log2(wearers + 1) if isinstance(wearers, int) else 0.0
    kept = max(bits - common, 0.0) if bits > 0 else bits
    params = {**finding.params, "details": pixels.inliers}
    if pixels.inliers < LIKELY_DETAILS:
        return finding if abs(finding.bits) >= abs(kept) else _deny(kept, params)
    stronger = round(max(finding.bits, kept), 4)
    if finding.code == "photo.stock" or common > bits / 2:
        told = "The photo is the same, but unrelated accounts use it too, so it says little"
        return replace(finding, code="photo.stock", bits=stronger, summary=told, params=params)
    if pixels.inliers < SAME_DETAILS:
        told = f"Probably the same photograph: {pixels.inliers} details agree"
        known = finding.code in {"photo.same", "photo.mirrored", "photo.altered"}
        return finding if known else Finding("photo.similar", stronger, told, params=params)
    return _affirm(finding, stronger, pixels, params)


def _affirm(
    finding: Finding, bits: float, pixels: PixelMatch, params: dict[str, str | int | float | bool | None]
) -> Finding:
    changed = finding.params.get("changed") or ("mirrored" if pixels.mirrored else None)
    code = "photo.same" if changed is None else "photo.mirrored" if pixels.mirrored else "photo.altered"
    told = f"The same photograph: {pixels.inliers} details agree" + (f", although it was {changed}" if changed else "")
    return Finding(code, bits, told, params={**params, "changed": changed})


def _deny(bits: float, params: dict[str, str | int | float | bool | None]) -> Finding:
    told = "The account uses a different photo: hardly any details agree"
    return Finding("photo.differs", round(bits, 4), told, params={**params, "changed": None})
