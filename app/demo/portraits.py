"""Portraits of people who do not exist, drawn from a seed, different enough that photo matching on them is real.

Two people are as far apart under a 256-bit cosine hash as two real portraits are (benchmarks/spread.py measures it).
"""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image, ImageOps

from app.demo.backdrops import draw_backdrop
from app.demo.people import Look, choose_look, choose_pose, draw_person, stand_aside
from app.demo.textures import cut_field, make_light

SIDE = 256
_CANVAS = 3 * SIDE // 2  # drawn larger: reducing it smooths the edges


def draw_portrait(seed: int | str, look: Look | None = None) -> Image.Image:
    """Draw a portrait of 256 x 256 pixels; the same seed draws the same one. `look` gives a known person's face."""
    rng = random.Random(f"portrait:{seed}")
    canvas = draw_backdrop(rng, _CANVAS)
    pose = choose_pose(rng, _CANVAS)
    if rng.random() < 0.12:
        draw_person(rng, canvas, choose_look(rng), stand_aside(rng, pose, _CANVAS))
    draw_person(rng, canvas, look or choose_look(rng), pose)
    return _develop(rng, canvas.resize((SIDE, SIDE), Image.Resampling.BOX))


def invent_look(seed: int | str) -> Look:
    """Make up a person who can then be drawn in several pictures."""
    return choose_look(random.Random(f"look:{seed}"))


def encode_jpeg(image: Image.Image, quality: int = 82) -> bytes:
    """Encode a picture as a platform would serve it."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _develop(rng: random.Random, image: Image.Image) -> Image.Image:
    """Light, grain and colour: what a camera adds."""
    values = np.asarray(image, np.float32) * make_light(rng, SIDE, rng.uniform(0.1, 0.32))[:, :, None]
    grain = cut_field(rng, 0, SIDE) * rng.uniform(2, 4) + cut_field(rng, 1, SIDE) * rng.uniform(3, 9)
    tint = np.array([rng.uniform(0.88, 1.12) for _ in range(3)], np.float32)
    values = (values + grain[:, :, None] - 128) * rng.uniform(0.8, 1.25) * tint + rng.uniform(110, 146)
    developed = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.08:
        return ImageOps.grayscale(developed).convert("RGB")
    return developed
