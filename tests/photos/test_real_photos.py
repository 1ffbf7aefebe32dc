"""The comparison on real portraits: copies are found, other people are not, as the figures in the code say."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.photos.hashing import account_photo, subject_photo
from app.photos.intake import decode
from benchmarks.transforms import transform
from matchers.photo_findings import SAME_BITS
from matchers.photos import weigh_pair
from matchers.profile import Photo
from tests.photos.pictures import SETTINGS

pytestmark = [pytest.mark.data, pytest.mark.slow]


def _photos(avatars: Path, folder: str, step: int) -> dict[str, Photo]:
    with (avatars / "images.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["file"].startswith(f"{folder}/")][::step]
    return {row["file"]: subject_photo(decode((avatars / row["file"]).read_bytes(), SETTINGS)) for row in rows}


def _weights(photos: dict[str, Photo]) -> list[float]:
    items = list(photos.values())
    return [weigh_pair(a, b)[0] for a in items for b in items if a is not b]


@pytest.mark.parametrize(("folder", "step"), [("portraits", 5), ("directory2014", 3)])
def test_other_people_never_pass_for_the_same_photo(data_dir: Path, folder: str, step: int) -> None:
    weights = _weights(_photos(data_dir / "avatars", folder, step))
    assert len(weights) > 8_000
    assert max(weights) < SAME_BITS
    assert float(np.mean(weights)) < -3


@pytest.mark.parametrize(
    ("change", "share"),
    [
        ("jpeg_30", 1), ("webp_50", 1), ("small_48", 1), ("crop_15", 1), ("crop_30", 1), ("circle_white", 1),
        ("mirror", 1), ("mirror_crop_10", 1), ("grey", 1), ("filter_warm", 1), ("frame", 0.95), ("ring", 0.9),
        ("banner", 0.9), ("turn_5", 0.95), ("turn_10", 0.95), ("pad_blur", 0.95), ("squeeze_80", 0.9),
    ],
)  # fmt: skip
def test_changed_copies_are_found(data_dir: Path, change: str, share: float) -> None:
    avatars, rng = data_dir / "avatars", np.random.default_rng(1)
    photos = _photos(avatars, "portraits", 25)
    found = []
    for file, photo in photos.items():
        picture = Image.open(avatars / file).convert("RGB")
        copy = account_photo(decode(transform(change, picture, rng, picture), SETTINGS))
        found.append(weigh_pair(photo, copy)[0] >= SAME_BITS)
    assert np.mean(found) >= share
