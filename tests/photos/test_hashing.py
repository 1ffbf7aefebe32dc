from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageOps

from app.photos.hashing import (
    RASTER,
    account_photo,
    hash_parts,
    make_raster,
    measure_detail,
    subject_photo,
)
from app.photos.intake import decode
from matchers.photo_scheme import PROBE_PARTS, PROBES, REACH, SQUARE_RATIO, SQUARE_VIEWS, VIEW_PARTS, WHOLE
from matchers.photos import GATE
from tests.conftest import ROOT
from tests.photos.pictures import SETTINGS, draw_scene, save

DOCUMENT = ROOT / "docs" / "hashes.md"
VECTORS: list[dict[str, Any]] = json.loads((ROOT / "docs" / "hashes-vectors.json").read_text())["vectors"]


def _level(raster: str, x: int, y: int) -> int:
    if raster == "hills":
        return (x * x * y + 5 * x * y * y + 900 * x + 333 * y) // 4096 % 256
    n = x // 7 + 19 * (y // 7) + 1
    return (40503 * n * n + 12289 * n + 77) // 64 % 256


def _differ(left: int, right: int) -> int:
    return (left ^ right).bit_count()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['raster']} {v['width']}x{v['height']}")
def test_the_documented_vectors_hold(vector: dict[str, Any]) -> None:
    levels = [[_level(vector["raster"], x, y) for x in range(RASTER)] for y in range(RASTER)]
    raster = np.array(levels, dtype=np.float64)
    oblong = max(vector["width"], vector["height"]) > SQUARE_RATIO * min(vector["width"], vector["height"])
    views = tuple(part for part in VIEW_PARTS if oblong or part.label not in SQUARE_VIEWS)
    hashes = [f"{value:064x}" for value in hash_parts(raster, views + PROBE_PARTS, vector["width"], vector["height"])]
    assert dict(zip([part.label for part in views], hashes, strict=False)) == vector["views"]
    assert hashes[len(views) :] == vector["probes"]
    assert round(measure_detail(raster), 4) == vector["gate"]
    for value in vector["views"].values():
        assert f"`{value}`" in DOCUMENT.read_text()


def test_the_document_lists_the_probes_as_they_are() -> None:
    rows = re.findall(
        r"^\| (\d+) \| ([^|]+) \| (square|share) \|(.*)\| *(yes)? \|$", DOCUMENT.read_text(), re.MULTILINE
    )
    assert len(rows) == len(PROBE_PARTS)
    for (index, label, kind, numbers, mirrored), part in zip(rows, PROBE_PARTS, strict=True):
        assert (label, kind == "square", mirrored == "yes") == (part.label, part.square, part.mirrored)
        written = [float(number) for number in numbers.split("|")]
        assert written == pytest.approx([part.width, part.height, part.x, part.y, part.turn], abs=1e-6), index


def test_imagehash_is_an_oracle_bit_for_bit() -> None:
    for seed in range(20):
        small = draw_scene(seed).convert("L").resize((64, 64), Image.Resampling.BOX)
        raster = np.repeat(np.repeat(np.asarray(small, np.float64), RASTER // 64, 0), RASTER // 64, 1)
        assert hash_parts(raster, (WHOLE,), 64, 64)[0] == int(str(imagehash.phash(small, hash_size=16)), 16)


def test_probes_keep_number_and_order_for_every_shape() -> None:
    assert len(set(PROBES)) == len(PROBES)
    assert max(REACH.values()) == len(PROBES)
    for width, height in ((320, 320), (200, 250), (640, 200), (31, 300)):
        photo = subject_photo(draw_scene(2, width, height))
        assert len(photo.probes) == len(PROBES)
        assert photo.probes[0] == photo.views["whole"]
        assert photo.side == min(width, height)


def test_squares_are_hashed_where_they_differ() -> None:
    assert set(account_photo(draw_scene(2)).views) == {"whole", "center", "core"}
    tall = draw_scene(2, 256, 320)
    views = account_photo(tall).views
    assert set(views) == {"whole", "center", "core", "square", "top"}
    assert _differ(views["top"], account_photo(tall.crop((0, 0, 256, 256))).views["whole"]) <= 6
    assert _differ(views["square"], account_photo(tall.crop((0, 32, 256, 288))).views["whole"]) <= 6


@pytest.mark.parametrize(
    "label", ["crop 80%", "crop 90% at 0% 0%", "mirrored whole", "turn +5 of 90%", "squeeze 75% x 100%"]
)
def test_a_probe_is_the_hash_of_the_changed_picture(label: str) -> None:
    scene = draw_scene(5, 400, 400)
    changed = {
        "crop 80%": scene.crop((40, 40, 360, 360)),
        "crop 90% at 0% 0%": scene.crop((0, 0, 360, 360)),
        "mirrored whole": ImageOps.mirror(scene),
        "turn +5 of 90%": scene.rotate(5, Image.Resampling.BICUBIC).crop((20, 20, 380, 380)),
        "squeeze 75% x 100%": scene.crop((50, 0, 350, 400)).resize((400, 400)),
    }[label]
    probe = subject_photo(scene).probes[PROBES.index(label)]
    assert _differ(probe, account_photo(changed).views["whole"]) <= 14


@pytest.mark.parametrize(
    ("codec", "options"), [("JPEG", {"quality": 60}), ("PNG", {}), ("WEBP", {"quality": 60}), ("GIF", {})]
)
def test_the_format_hardly_matters(codec: str, options: dict[str, int]) -> None:
    scene = draw_scene(6)
    whole = account_photo(decode(save(scene, codec, **options), SETTINGS)).views["whole"]
    assert _differ(whole, account_photo(scene).views["whole"]) <= 12


def test_leaving_out_detail_hardly_matters() -> None:
    scene = draw_scene(7, 1600, 1600)
    whole = account_photo(decode(save(scene, quality=90), SETTINGS)).views["whole"]
    assert _differ(whole, account_photo(scene).views["whole"]) <= 6


def test_hashing_twice_is_the_same() -> None:
    assert subject_photo(draw_scene(8)) == subject_photo(draw_scene(8))


@pytest.mark.parametrize("colour", [0, 128, 255])
def test_flat_pictures_have_no_detail(colour: int) -> None:
    assert account_photo(Image.new("L", (200, 200), colour)).gate == 0


def _gates(folder: Path) -> list[float]:
    files = sorted(folder.iterdir())
    assert files
    return [measure_detail(make_raster(decode(file.read_bytes(), SETTINGS))) for file in files]


@pytest.mark.data
@pytest.mark.parametrize("folder", ["portraits", "directory2014"])
def test_real_portraits_pass_the_gate(data_dir: Path, folder: str) -> None:
    assert min(_gates(data_dir / "avatars" / folder)) >= GATE


@pytest.mark.data
@pytest.mark.parametrize("size", [400, 200, 128])
def test_default_avatars_stop_at_the_gate(data_dir: Path, size: int) -> None:
    folder = data_dir / "avatars" / "defaults"
    assert max(_gates(folder)) < GATE
    for file in sorted(folder.iterdir()):
        smaller = save(Image.open(file).convert("RGB").resize((size, size)), quality=75)
        assert account_photo(decode(smaller, SETTINGS)).gate < GATE, file.name


def test_vectors_are_not_edited_by_hand_one_by_one() -> None:
    joined = "".join(value for vector in VECTORS for value in vector["probes"])
    assert len(joined) == 64 * len(PROBES) * len(VECTORS)
    assert len({hashlib.sha256(value.encode()).digest() for value in VECTORS[0]["probes"]}) > len(PROBES) // 2
