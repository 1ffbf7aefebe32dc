"""Pictures for tests, made on the spot: a seeded scene with light, shapes and grain, and ways to encode it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.settings import Settings

SETTINGS = Settings(max_photo_bytes=2_000_000, max_photo_pixels=4_000_000)


def draw_scene(seed: int = 1, width: int = 320, height: int = 320) -> Image.Image:
    """Draw shapes on a lit ground with grain; different seeds look different."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (width, height), tuple(int(v) for v in rng.integers(40, 200, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        size = int(rng.integers(width // 12, width // 3))
        draw.ellipse((x - size, y - size, x + size, y + size), fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    image = image.filter(ImageFilter.GaussianBlur(width / 80))
    grain = rng.normal(0, 9, (height, width, 1))
    return Image.fromarray((np.asarray(image, np.float64) + grain).clip(0, 255).astype(np.uint8))


def save(image: Image.Image, codec: str = "JPEG", **options: object) -> bytes:
    """Encode a picture."""
    out = io.BytesIO()
    image.save(out, codec, **options)
    return out.getvalue()
