from __future__ import annotations

import base64
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from app.photos.keypoints import make_pixels, verify
from app.photos.pages import cut_picture
from app.photos.schemas import PhotoIn
from app.photos.service import confirm_on_pixels
from matchers.pixels import LEAST_POSSIBLE, SAME_DETAILS, PixelMatch
from tests.conftest import ROOT
from tests.photos.pictures import SETTINGS, draw_scene, save

SCENE = draw_scene(1)
REFERENCE = make_pixels(SCENE, mirror=True)


@pytest.mark.parametrize(
    ("copy", "mirrored"),
    [
        (SCENE, False),
        (SCENE.crop((20, 20, 260, 260)), False),
        (SCENE.resize((200, 250)), False),
        (ImageOps.mirror(SCENE), True),
    ],
    ids=["same", "cropped", "stretched", "mirrored"],
)
def test_a_changed_copy_agrees(copy: Image.Image, *, mirrored: bool) -> None:
    match = verify(REFERENCE, make_pixels(copy))
    assert match.inliers >= SAME_DETAILS
    assert match.mirrored is mirrored
    assert match == verify(REFERENCE, make_pixels(copy))


def _draw_page(photo: Image.Image, side: int) -> Image.Image:
    """The screenshot of a profile: a photo of 220 pixels, a coloured head, and lines of letters."""
    page = Image.new("RGB", (720, 1280), "white")
    page.paste((90, 120, 200), (0, 0, 720, 300))
    pen = ImageDraw.Draw(page)
    for line in range(16):
        pen.text((40, 520 + 46 * line), "lorem ipsum dolor sit amet consectetur", "black", font_size=28)
    page.paste(photo.resize((side, side)), (40, 200))
    return page


def test_a_photo_on_a_page_is_found() -> None:
    match = verify(REFERENCE, make_pixels(_draw_page(SCENE, 220)))
    assert match.inliers >= SAME_DETAILS
    assert verify(REFERENCE, make_pixels(_draw_page(draw_scene(2), 220))).inliers < 20


@pytest.mark.parametrize(
    "page",
    [
        Image.new("L", (200, 700), 255),
        Image.new("L", (700, 200), 0),
        _draw_page(SCENE, 8),
        Image.effect_noise((200, 700), 60),
    ],
    ids=["empty", "black", "hardly a photo", "noise"],
)
def test_what_is_no_page_with_a_photo_stays_whole(page: Image.Image) -> None:
    grey = np.asarray(page.convert("L"))
    assert cut_picture(grey).shape == grey.shape


@pytest.mark.parametrize(
    "other",
    [draw_scene(2), Image.new("L", (320, 320), 90), Image.new("L", (1, 1)), Image.new("L", (2, 900))],
    ids=["another", "flat", "one pixel", "a strip"],
)
def test_another_or_an_empty_picture_does_not(other: Image.Image) -> None:
    assert verify(REFERENCE, make_pixels(other)).inliers < 20
    assert verify(make_pixels(other, mirror=True), make_pixels(SCENE)).inliers < 20


def test_a_blurred_picture_says_nothing() -> None:
    match = verify(REFERENCE, make_pixels(SCENE.filter(ImageFilter.GaussianBlur(8))))
    assert match.possible < LEAST_POSSIBLE <= verify(REFERENCE, make_pixels(draw_scene(2))).possible


def _given(image: Image.Image) -> PhotoIn:
    return PhotoIn(base64=base64.b64encode(save(image)).decode())


def test_pixels_are_compared_only_where_both_pictures_are_at_hand() -> None:
    match = confirm_on_pixels([_given(draw_scene(2)), _given(SCENE)], _given(SCENE), SETTINGS)
    assert match is not None
    assert match.inliers >= SAME_DETAILS
    address = PhotoIn(url="https://a.example/x.png")
    found: list[PixelMatch | None] = [
        confirm_on_pixels([], _given(SCENE), SETTINGS),
        confirm_on_pixels([_given(SCENE)], None, SETTINGS),
        confirm_on_pixels([_given(SCENE)], address, SETTINGS),
    ]
    assert found == [None, None, None]


def test_the_service_starts_without_opencv() -> None:
    told = "import sys, app.main; assert 'cv2' not in sys.modules"
    subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize("size", [(3000, 3), (1, 20_000), (1, 1), (900, 40)])
def test_a_strip_of_a_picture_says_nothing(size: tuple[int, int]) -> None:
    strip = make_pixels(draw_scene(2).resize(size), mirror=True)
    assert verify(REFERENCE, strip).inliers == verify(strip, REFERENCE).inliers == 0
