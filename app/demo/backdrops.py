"""What stands behind a drawn person: studio cloth, rooms, shelves, streets at night, gardens, walls, landscapes."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from app.demo.textures import Colour, any_colour, cut_field, shade, vary

SIDE = 128  # backdrops are drawn small and enlarged: they are out of focus


def draw_backdrop(rng: random.Random, side: int) -> Image.Image:
    """Draw a square backdrop of `side` pixels."""
    kind = rng.choice(_KINDS)
    small = kind(rng)
    blur = rng.choice((0.0, 0.6, 1.2, 2.5, 4.0))
    if blur:
        small = small.filter(ImageFilter.BoxBlur(blur))
    if rng.random() < 0.5:
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return small.resize((side, side), Image.Resampling.BILINEAR)


def _ramp(top: Colour, bottom: Colour) -> Image.Image:
    ends = Image.new("RGB", (1, 2))
    ends.putdata([top, bottom])
    return ends.resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _tint_field(rng: random.Random, kind: int, colour: Colour, contrast: float) -> Image.Image:
    field = cut_field(rng, kind, SIDE)[:, :, None] * contrast
    values = np.asarray(colour, np.float32) * (1 + field)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _draw_studio(rng: random.Random) -> Image.Image:
    return _tint_field(rng, 2, any_colour(rng, 40, 210), rng.uniform(0.15, 0.45))


def _draw_garden(rng: random.Random) -> Image.Image:
    green = vary(rng, rng.choice(((60, 110, 50), (120, 130, 60), (150, 110, 60), (40, 80, 70))), 25)
    image = _tint_field(rng, rng.choice((1, 2)), green, rng.uniform(0.35, 0.7))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(5, 30)):
        x, y, size = rng.randrange(SIDE), rng.randrange(SIDE), rng.randint(2, 16)
        draw.ellipse((x, y, x + size, y + size), fill=shade(green, rng.uniform(0.4, 2.2)))
    return image


def _draw_room(rng: random.Random) -> Image.Image:
    wall = any_colour(rng, 70, 235)
    image = _ramp(wall, shade(wall, rng.uniform(0.6, 1.2)))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(3, 9)):
        x, y = rng.randint(-20, SIDE - 10), rng.randint(-20, SIDE - 10)
        box = (x, y, x + rng.randint(12, 70), y + rng.randint(12, 90))
        draw.rectangle(box, fill=any_colour(rng), outline=shade(wall, 0.4), width=rng.randint(1, 4))
    return image


def _draw_shelf(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), any_colour(rng, 20, 90))
    draw = ImageDraw.Draw(image)
    height = rng.randint(22, 48)
    for base in range(rng.randint(0, height), SIDE + height, height):
        x = rng.randint(-6, 0)
        while x < SIDE:
            width = rng.randint(2, 9)
            draw.rectangle((x, base - rng.randint(height // 2, height - 3), x + width, base - 2), fill=any_colour(rng))
            x += width + (rng.randint(4, 20) if rng.random() < 0.12 else 1)
    return image


def _draw_night(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), any_colour(rng, 5, 60))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(15, 60)):
        x, y, size = rng.randint(-8, SIDE), rng.randint(-8, SIDE), rng.randint(3, 20)
        draw.ellipse((x, y, x + size, y + size), fill=vary(rng, rng.choice(((250, 200, 90), (90, 150, 250))), 60))
    return image


def _draw_bricks(rng: random.Random) -> Image.Image:
    brick, mortar = any_colour(rng, 50, 200), any_colour(rng, 90, 220)
    image = Image.new("RGB", (SIDE, SIDE), mortar)
    draw = ImageDraw.Draw(image)
    height = rng.randint(6, 16)
    width = height * rng.randint(2, 3)
    for row, y in enumerate(range(0, SIDE, height)):
        for x in range(-width if row % 2 else -width // 2, SIDE, width):
            draw.rectangle((x, y, x + width - 2, y + height - 2), fill=vary(rng, brick, 28))
    return image


def _draw_curtain(rng: random.Random) -> Image.Image:
    across = np.arange(SIDE, dtype=np.float32)
    folds = sum(rng.uniform(0.1, 0.4) * np.sin(across / rng.uniform(2, 11) + rng.uniform(0, 6)) for _ in range(3))
    slant = np.arange(SIDE)[:, None] * rng.uniform(-0.5, 0.5)
    columns = (np.arange(SIDE)[None, :] + slant).astype(int) % SIDE
    values = np.asarray(any_colour(rng, 60, 220), np.float32) * (1 + np.asarray(folds)[columns])[:, :, None]
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _draw_outdoors(rng: random.Random) -> Image.Image:
    sky = vary(rng, rng.choice(((120, 170, 230), (230, 170, 130), (190, 195, 205))), 30)
    image = _ramp(sky, shade(sky, rng.uniform(0.8, 1.3)))
    draw = ImageDraw.Draw(image)
    level = rng.randint(30, 100)
    for depth in range(rng.randint(1, 4)):
        ground = vary(rng, any_colour(rng, 20, 150), 10)
        points = [(x, level + depth * 12 + rng.randint(-22, 22)) for x in range(0, SIDE + 16, 16)]
        draw.polygon([(0, SIDE), *points, (SIDE, SIDE)], fill=ground)
    return image


def _draw_town(rng: random.Random) -> Image.Image:
    image = _ramp(any_colour(rng, 90, 240), any_colour(rng, 90, 240))
    draw = ImageDraw.Draw(image)
    x = -10
    while x < SIDE:
        width, top = rng.randint(14, 45), rng.randint(0, 90)
        house = any_colour(rng, 30, 200)
        draw.rectangle((x, top, x + width, SIDE), fill=house)
        pane, step = shade(house, rng.uniform(0.4, 1.8)), rng.randint(5, 11)
        for left in range(x + 2, x + width - 3, step):
            for upper in range(top + 3, SIDE, step + 2):
                draw.rectangle((left, upper, left + step // 2, upper + step // 2), fill=pane)
        x += width
    return image


def _draw_stripes(rng: random.Random) -> Image.Image:
    image = Image.new("RGB", (SIDE, SIDE), any_colour(rng))
    draw = ImageDraw.Draw(image)
    slope, x = rng.randint(-60, 60), -80
    while x < SIDE + 80:
        width = rng.randint(4, 26)
        draw.line((x, 0, x + slope, SIDE), fill=any_colour(rng), width=width)
        x += width + rng.randint(2, 22)
    return image


_KINDS: tuple[Callable[[random.Random], Image.Image], ...] = (
    _draw_studio,
    _draw_garden,
    _draw_room,
    _draw_shelf,
    _draw_night,
    _draw_bricks,
    _draw_curtain,
    _draw_outdoors,
    _draw_town,
    _draw_stripes,
)
