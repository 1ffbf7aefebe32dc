"""What the pixels of two pictures say, where both are at hand: details that agree once one is laid over the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matchers.curves import read_off
from matchers.evidence import Finding
from matchers.photo_findings import discount

# log2 likelihood ratio by the number of details that agree, straight lines between and flat beyond: what
# `python -m benchmarks.fit_pixels` counts on development people, 14,960 changed copies against the six nearest people
# by hash and two drawn, standing for 4,039,200 wrong pairs. 25 of these reach 25 to 29 details, 5 reach 30 to 44, none
# 45; beyond, that fall is continued up to 20 bits, which is what so many pairs support. Where few details agree the
# denial is kept weaker than the counts (-8 bits) say, since copies fail for reasons that no list of changes holds.
_CURVE = ((15, -3.0), (19, -2.0), (22, 0.0), (27, 8.0), (36, 13.0), (45, 17.0), (60, 20.0))

# From this many details on the pictures are called the same: of the most alike pairs of development people, changed in
# 55 ways, some reached 38 and none 40 (docs/decisions/0005-pixels.md).
SAME_DETAILS = 40
LIKELY_DETAILS = 25
# A picture with fewer details than this says nothing where they do not agree.
LEAST_POSSIBLE = 60


@dataclass(frozen=True, slots=True)
class PixelMatch:
    """The subject's photo laid over an account's avatar.

    `inliers` counts the details (places in both pictures) that one affine map carries onto each other; `mirrored` says
    that the photo had to be mirrored first. `possible` is how many could agree at most: what the poorer of the two
    pictures has.
    """

    inliers: int
    mirrored: bool = False
    possible: int = 500


def weigh_pixels(inliers: int) -> float:
    """log2 likelihood ratio of so many details that agree: the same picture, perhaps changed, against another one."""
    return read_off(_CURVE, inliers)


def confirm_photo(finding: Finding, pixels: PixelMatch) -> Finding:
    """Let the pixels speak where they say more than the hashes: both see the same picture, so the stronger counts.

    Pictures too flat to be evidence have no finding, and so nothing that pixels could confirm. Too few details in a
    picture, as in a blurred one, are no reason to deny anything.
    """
    bits = weigh_pixels(pixels.inliers)
    wearers = finding.params.get("wearers")
    common = discount(bits, wearers) if isinstance(wearers, int) else 0.0
    kept = bits - common
    params = {**finding.params, "details": pixels.inliers}
    if pixels.inliers < LIKELY_DETAILS:
        denied = kept < 0 and pixels.possible >= LEAST_POSSIBLE and abs(kept) > abs(finding.bits)
        return _deny(kept, params) if denied else finding
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
    told = f"The same photograph: {pixels.inliers} details agree"
    if changed:
        told = f"The same photograph: {pixels.inliers} details agree, although it was {changed}"
    return Finding(code, bits, told, params={**params, "changed": changed})


def _deny(bits: float, params: dict[str, str | int | float | bool | None]) -> Finding:
    told = "The account uses a different photo: hardly any details agree"
    return Finding("photo.differs", round(bits, 4), told, params={**params, "changed": None})
