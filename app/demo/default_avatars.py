"""The pictures that platforms give to people without one: silhouettes, initials, identicons, flat and graded tiles.

They say nothing about who somebody is; the matcher must leave them out of account.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

from app.demo.textures import Colour, any_colour, shade

SIDE = 200


def draw_default_avatar(seed: int | str, initials: str = "") -> Image.Image:
    """Draw a default avatar of 200 x 200 pixels; `initials` are used where the kind shows letters."""
    rng = random.Random(f"default:{seed}")
    kind = rng.choice(_KINDS)
    return kind(rng, initials)


def _tile(colour: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIDE, SIDE), colour)
    return image, ImageDraw.Draw(image)


def _draw_silhouette(rng: random.Random, _initials: str) -> Image.Image:
    ground = rng.choice(((204, 214, 221), (223, 223, 223), (91, 112, 131), (235, 238, 240)))
    image, draw = _tile(ground)
    figure = shade(ground, rng.choice((0.75, 0.85, 1.25)))
    draw.ellipse((62, 34, 138, 114), fill=figure)
    draw.ellipse((28, 124, 172, 290), fill=figure)
    return image


def _draw_initials(rng: random.Random, initials: str) -> Image.Image:
    image, draw = _tile(any_colour(rng, 50, 190))
    font = ImageFont.load_default(rng.choice((84, 96)))
    draw.text((SIDE / 2, SIDE / 2), initials[:2].upper() or "?", font=font, fill="white", anchor="mm")
    return image


def _draw_identicon(rng: random.Random, _initials: str) -> Image.Image:
    image, draw = _tile((240, 240, 240))
    colour, cell = any_colour(rng, 40, 200), SIDE // 5
    for row in range(5):
        for column in range(3):
            if rng.random() < 0.5:
                for x in {column, 4 - column}:
                    draw.rectangle((x * cell, row * cell, (x + 1) * cell - 1, (row + 1) * cell - 1), fill=colour)
    return image


def _draw_flat(rng: random.Random, _initials: str) -> Image.Image:
    return _tile(any_colour(rng))[0]


def _draw_graded(rng: random.Random, _initials: str) -> Image.Image:
    ends = Image.new("RGB", (2, 2))
    ends.putdata([any_colour(rng) for _ in range(4)])
    return ends.resize((SIDE, SIDE), Image.Resampling.BILINEAR)


_KINDS: tuple[Callable[[random.Random, str], Image.Image], ...] = (
    _draw_silhouette,
    _draw_silhouette,
    _draw_initials,
    _draw_initials,
    _draw_identicon,
    _draw_flat,
    _draw_graded,
)
