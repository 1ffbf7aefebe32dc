"""What a cloner does to a profile photo: 55 ways, each from a square RGB picture to the file a platform would serve.

`transform("ring", image, rng, other)` answers the bytes. Everything random comes from `rng` (numpy Generator), so a
seed repeats a run; `other` is somebody else's picture, used by "collage" alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import ImageEnhance, ImageFilter, ImageOps

from benchmarks.picture_changes import (
    BLACK,
    LANCZOS,
    Picture,
    add_arc,
    add_banner,
    add_frame,
    add_noise,
    add_ring,
    add_sticker,
    add_watermark,
    blend_flag,
    brighten_midtones,
    crop,
    crop_off_centre,
    cut_circle,
    cut_circle_alpha,
    cut_page,
    draw_page,
    filter_cool,
    filter_warm,
    join_halves,
    pad_to_square,
    replace_ground,
    round_corners,
    shrink,
    squeeze,
    tint_sepia,
    turn,
)

Change = Callable[[Picture, np.random.Generator, Picture], Picture]


@dataclass(frozen=True, slots=True)
class Transform:
    """One change: its family, the change itself, and how the platform stores it (`size` 0 keeps the size)."""

    family: str
    change: Change
    size: int = 400
    codec: str = "JPEG"
    quality: int = 80


def _mix_light(image: Picture, rng: np.random.Generator) -> Picture:
    x, y = rng.uniform(0.2, 0.8, 2)
    return shrink(ImageEnhance.Brightness(crop(image, 0.12, x, y)).enhance(1.2), 96)


def _mix_ring(image: Picture, rng: np.random.Generator) -> Picture:
    return add_ring(filter_warm(crop(image, 0.15).resize(image.size, LANCZOS)), rng, 0.05)


def _mix_mirror(image: Picture, rng: np.random.Generator) -> Picture:
    return add_sticker(turn(ImageOps.mirror(image), 4, rng).resize(image.size, LANCZOS), rng)


TRANSFORMS: Mapping[str, Transform] = {
    "jpeg_75": Transform("re-encode", lambda i, _r, _o: i, quality=75),
    "jpeg_30": Transform("re-encode", lambda i, _r, _o: i, quality=30),
    "webp_50": Transform("re-encode", lambda i, _r, _o: i, codec="WEBP", quality=50),
    "small_200": Transform("re-encode", lambda i, _r, _o: i, 200),
    "small_73_to_400": Transform("re-encode", lambda i, _r, _o: shrink(i, 73)),
    "small_48": Transform("re-encode", lambda i, _r, _o: i, 48, quality=75),
    "crop_5": Transform("crop, centre", lambda i, _r, _o: crop(i, 0.05)),
    "crop_10": Transform("crop, centre", lambda i, _r, _o: crop(i, 0.10)),
    "crop_15": Transform("crop, centre", lambda i, _r, _o: crop(i, 0.15)),
    "crop_20": Transform("crop, centre", lambda i, _r, _o: crop(i, 0.20)),
    "crop_30": Transform("crop, centre", lambda i, _r, _o: crop(i, 0.30)),
    "off_centre_10": Transform("crop, off centre", lambda i, r, _o: crop_off_centre(i, 0.10, r)),
    "off_centre_20": Transform("crop, off centre", lambda i, r, _o: crop_off_centre(i, 0.20, r)),
    "off_centre_30": Transform("crop, off centre", lambda i, r, _o: crop_off_centre(i, 0.30, r)),
    "circle_white": Transform("mask", lambda i, _r, _o: cut_circle(i)),
    "circle_black": Transform("mask", lambda i, _r, _o: cut_circle(i, BLACK)),
    "circle_alpha": Transform("mask", lambda i, _r, _o: cut_circle_alpha(i), codec="PNG"),
    "rounded": Transform("mask", lambda i, _r, _o: round_corners(i)),
    "mirror": Transform("mirror", lambda i, _r, _o: ImageOps.mirror(i)),
    "mirror_crop_10": Transform("mirror", lambda i, _r, _o: crop(ImageOps.mirror(i), 0.10)),
    "brighter": Transform("tone", lambda i, _r, _o: ImageEnhance.Brightness(i).enhance(1.35)),
    "darker": Transform("tone", lambda i, _r, _o: ImageEnhance.Brightness(i).enhance(0.6)),
    "contrast_up": Transform("tone", lambda i, _r, _o: ImageEnhance.Contrast(i).enhance(1.5)),
    "contrast_down": Transform("tone", lambda i, _r, _o: ImageEnhance.Contrast(i).enhance(0.6)),
    "saturated": Transform("tone", lambda i, _r, _o: ImageEnhance.Color(i).enhance(1.8)),
    "grey": Transform("tone", lambda i, _r, _o: i.convert("L").convert("RGB")),
    "sepia": Transform("tone", lambda i, _r, _o: tint_sepia(i)),
    "gamma": Transform("tone", lambda i, _r, _o: brighten_midtones(i)),
    "filter_warm": Transform("filter", lambda i, _r, _o: filter_warm(i)),
    "filter_cool": Transform("filter", lambda i, _r, _o: filter_cool(i)),
    "ring": Transform("border", lambda i, r, _o: add_ring(i, r)),
    "frame": Transform("border", lambda i, r, _o: add_frame(i, r)),
    "arc": Transform("border", lambda i, r, _o: add_arc(i, r)),
    "flag": Transform("border", lambda i, r, _o: blend_flag(i, r)),
    "banner": Transform("overlay", lambda i, r, _o: add_banner(i, r)),
    "sticker": Transform("overlay", lambda i, r, _o: add_sticker(i, r)),
    "watermark": Transform("overlay", lambda i, _r, _o: add_watermark(i)),
    "turn_2": Transform("turn", lambda i, r, _o: turn(i, 2, r)),
    "turn_5": Transform("turn", lambda i, r, _o: turn(i, 5, r)),
    "turn_10": Transform("turn", lambda i, r, _o: turn(i, 10, r)),
    "turn_5_white": Transform("turn", lambda i, r, _o: turn(i, 5, r, cut=False)),
    "screenshot": Transform("screenshot", lambda i, r, _o: draw_page(i, r), 0),
    "screenshot_cut": Transform("screenshot", lambda i, r, _o: cut_page(i, r)),
    "blur": Transform("blur, sharpen", lambda i, _r, _o: i.filter(ImageFilter.GaussianBlur(i.width / 205))),
    "sharpen": Transform("blur, sharpen", lambda i, _r, _o: i.filter(ImageFilter.UnsharpMask(3, 180, 2))),
    "noise": Transform("blur, sharpen", lambda i, r, _o: add_noise(i, r)),
    "new_ground": Transform("background", lambda i, r, _o: replace_ground(i, r)),
    "pad_white": Transform("pad, stretch", lambda i, _r, _o: pad_to_square(i)),
    "pad_blur": Transform("pad, stretch", lambda i, _r, _o: pad_to_square(i, blurred=True)),
    "squeeze_80": Transform("pad, stretch", lambda i, _r, _o: squeeze(i)),
    "stretch": Transform("pad, stretch", lambda i, _r, _o: i.resize((int(i.width * 0.8), i.height), LANCZOS), 0),
    "collage": Transform("collage", lambda i, r, o: join_halves(i, o, r)),
    "mix_light": Transform("mix", lambda i, r, _o: _mix_light(i, r), quality=60),
    "mix_ring": Transform("mix", lambda i, r, _o: _mix_ring(i, r), 200, quality=70),
    "mix_mirror": Transform("mix", lambda i, r, _o: _mix_mirror(i, r), 320, quality=70),
}


def transform(name: str, image: Picture, rng: np.random.Generator, other: Picture) -> bytes:
    """Apply a change by name to a square RGB picture and encode it as a platform would; raises KeyError if unknown."""
    how = TRANSFORMS[name]
    return encode(how.change(image, rng, other), how.size, how.codec, how.quality)


def encode(image: Picture, size: int = 400, codec: str = "JPEG", quality: int = 80) -> bytes:
    """Encode as a square of `size` pixels (0 keeps the size)."""
    if size:
        image = shrink(image, size)
    out = io.BytesIO()
    options = {} if codec == "PNG" else {"quality": quality}
    image.save(out, codec, **options)
    return out.getvalue()
