from __future__ import annotations

import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.photos.hashing import account_photo
from app.photos.intake import PhotoRejectedError, decode, original_size
from app.settings import Settings
from matchers.photos import photo_usable
from tests.photos.pictures import SETTINGS, draw_scene, save

SCENE = draw_scene()
FILES = {
    "jpeg": save(SCENE, quality=90),
    "progressive jpeg": save(SCENE, progressive=True),
    "png": save(SCENE, "PNG"),
    "webp": save(SCENE, "WEBP", quality=90),
    "gif": save(SCENE, "GIF"),
}


def _slug(error: PhotoRejectedError) -> str:
    return error.type.rpartition(":")[2]


def _png_header(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + b"\0" * 64


def _grey(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(image, np.float64)


@pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())
def test_every_format_becomes_the_same_grey_picture(data: bytes) -> None:
    image = decode(data, SETTINGS)
    assert image.mode == "L"
    assert original_size(image) == (320, 320)
    assert np.abs(_grey(image) - _grey(SCENE.convert("L"))).mean() < 8


@pytest.mark.parametrize(
    ("data", "status", "slug"),
    [
        (b"", 422, "photo_not_readable"),
        (b"\0" * 2_000_001, 413, "photo_too_large"),
        (_png_header(50_000, 50_000), 413, "photo_too_many_pixels"),
        (_png_header(9_600, 9_600), 413, "photo_too_many_pixels"),
        (_png_header(2_001, 2_000), 413, "photo_too_many_pixels"),
        (_png_header(300, 300), 422, "photo_not_readable"),
        (b"hello", 415, "photo_type"),
        (b"%PDF-1.7\n", 415, "photo_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "photo_type"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", 415, "photo_type"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", 415, "photo_type"),
        (save(SCENE, "BMP"), 415, "photo_type"),
        (save(SCENE, "TIFF"), 415, "photo_type"),
        (FILES["jpeg"][:3], 422, "photo_not_readable"),
        *((FILES[kind][: len(FILES[kind]) // 2], 422, "photo_not_readable") for kind in FILES),
    ],
)
def test_what_cannot_be_read_is_refused_and_says_why(data: bytes, status: int, slug: str) -> None:
    with pytest.raises(PhotoRejectedError) as caught:
        decode(data, SETTINGS)
    assert (int(caught.value.status), _slug(caught.value)) == (status, slug)
    assert caught.value.detail.endswith(".")


def test_heic_is_told_what_to_do() -> None:
    with pytest.raises(PhotoRejectedError, match="save the picture as JPEG or PNG"):
        decode(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", SETTINGS)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = draw_scene(3, 300, 200)
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = decode(save(upright if undo is None else upright.transpose(undo), quality=95, exif=exif), SETTINGS)
    assert original_size(image) == (300, 200)
    assert np.abs(_grey(image) - _grey(upright.convert("L"))).mean() < 6


def test_the_size_before_leaving_out_detail_is_kept() -> None:
    image = decode(save(draw_scene(1, 1600, 1200)), SETTINGS)
    assert original_size(image) == (1600, 1200)
    assert image.width < 1600


def test_a_broken_exif_block_does_not_cost_the_picture() -> None:
    data = FILES["jpeg"]
    block = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xee" * 40
    spliced = data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert decode(spliced, SETTINGS).size == (320, 320)


def test_transparency_lies_on_white() -> None:
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert np.asarray(decode(save(image, "PNG"), SETTINGS)).min() == 255
    palette = Image.new("P", (64, 64), 0)
    assert np.asarray(decode(save(palette, "PNG", transparency=0), SETTINGS)).min() == 255
    assert np.asarray(decode(save(Image.new("LA", (64, 64), (10, 128)), "PNG"), SETTINGS)).max() in range(125, 140)


def test_sixteen_bits_are_scaled_not_cut() -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (64, 1))
    levels = np.asarray(decode(save(Image.fromarray(ramp), "PNG"), SETTINGS))[0]
    assert levels[0] == 0
    assert levels[-1] == 255
    assert np.abs(levels - np.arange(256.0)).max() <= 1


def test_cmyk_looks_as_its_rgb() -> None:
    image = decode(save(SCENE.convert("CMYK"), quality=95), SETTINGS)
    assert np.abs(_grey(image) - _grey(SCENE.convert("L"))).mean() < 8


@pytest.mark.parametrize("codec", ["GIF", "WEBP", "PNG"])
def test_only_the_first_frame_of_an_animation_counts(codec: str) -> None:
    frames = [draw_scene(seed) for seed in (1, 2, 3)]
    data = save(frames[0], codec, save_all=True, append_images=frames[1:], duration=100)
    assert np.abs(_grey(decode(data, SETTINGS)) - _grey(frames[0].convert("L"))).mean() < 12


def test_a_phone_picture_with_a_second_picture_inside_is_read() -> None:
    data = save(SCENE, "MPO", save_all=True, append_images=[draw_scene(2)])
    assert np.abs(_grey(decode(data, SETTINGS)) - _grey(SCENE.convert("L"))).mean() < 8


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (23, 23)])
def test_tiny_pictures_are_read_but_prove_nothing(size: tuple[int, int]) -> None:
    photo = account_photo(decode(save(Image.effect_noise(size, 80).convert("RGB"), "PNG"), SETTINGS))
    assert photo.side == min(size)
    assert photo_usable(photo) == (False, "The picture is too small to recognise anything by.")


@given(st.sampled_from(sorted(FILES)), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_files_are_read_or_refused(kind: str, data: st.DataObject) -> None:
    mutated = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(1, 20))):
        mutated[data.draw(st.integers(0, len(mutated) - 1))] = data.draw(st.integers(0, 255))
    _read_or_refuse(bytes(mutated[: data.draw(st.integers(4, len(mutated)))]))


@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\1\0WEBP"]), st.binary(max_size=400)
)
@settings(max_examples=150, deadline=None)
def test_garbage_behind_a_signature_is_refused(magic: bytes, rest: bytes) -> None:
    _read_or_refuse(magic + rest)


def _read_or_refuse(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # decoders grumble about broken metadata
        try:
            image = decode(data, Settings(max_photo_pixels=1_000_000))
        except PhotoRejectedError:
            return
    assert image.mode == "L"
    assert len(account_photo(image).views["whole"].to_bytes(32, "big")) == 32
    assert io.BytesIO(data).readable()
