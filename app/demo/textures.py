"""Grain, cloth and light: random fields that give a drawn picture the detail of a photograph."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[np.float32]
Colour = tuple[int, int, int]

FIELD = 512  # side of a stored field; pictures cut their own piece of it
_SLOPES = (0.4, 1.0, 1.6)  # fine grain, cloth and foliage, clouds: amplitude falls with frequency to this power


def vary(rng: random.Random, colour: Colour, by: int) -> Colour:
    """Shift a colour at random, each channel by at most `by` of 255."""
    red, green, blue = (max(0, min(255, c + rng.randint(-by, by))) for c in colour)
    return red, green, blue


def shade(colour: Colour, factor: float) -> Colour:
    """Darken (`factor` under 1) or brighten a colour."""
    red, green, blue = (max(0, min(255, round(c * factor))) for c in colour)
    return red, green, blue


def any_colour(rng: random.Random, low: int = 20, high: int = 235) -> Colour:
    """Pick any colour between two grey levels."""
    return rng.randint(low, high), rng.randint(low, high), rng.randint(low, high)


@lru_cache(maxsize=1)
def _fields() -> tuple[Floats, ...]:
    # One fixed set of fields for all pictures: making one takes longer than drawing a portrait.
    source = np.random.default_rng(20180127)
    frequency = np.hypot(np.fft.fftfreq(FIELD)[:, None], np.fft.rfftfreq(FIELD)[None, :])
    frequency[0, 0] = 1.0
    fields = []
    for slope in _SLOPES:
        spectrum = np.fft.rfft2(source.standard_normal((FIELD, FIELD))) / frequency**slope
        spectrum[0, 0] = 0.0
        field = np.fft.irfft2(spectrum, (FIELD, FIELD))
        fields.append((field / field.std()).astype(np.float32))
    return tuple(fields)


def cut_field(rng: random.Random, kind: int, side: int) -> Floats:
    """Cut a square of noise, mean about 0 and deviation about 1: kind 0 fine grain, 1 cloth, 2 clouds."""
    field = _fields()[kind]
    x, y = rng.randrange(FIELD - side + 1), rng.randrange(FIELD - side + 1)
    piece = field[y : y + side, x : x + side]
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    if rng.random() < 0.5:
        piece = piece[::-1]
    return piece.T if rng.random() < 0.5 else piece


def make_light(rng: random.Random, side: int, strength: float) -> Floats:
    """Uneven light over a square picture: factors around 1, one lamp and a soft random unevenness."""
    small = Image.new("F", (6, 6))
    small.putdata([rng.gauss(0, 1) for _ in range(36)])
    uneven = np.asarray(small.resize((side, side), Image.Resampling.BICUBIC))
    axis = np.linspace(-1, 1, side, dtype=np.float32)
    across, down = rng.uniform(-1, 1), rng.uniform(-1, 0.6)
    lamp = across * axis[None, :] + down * axis[:, None]
    dim = rng.uniform(0, 0.3) * np.maximum(axis[None, :] ** 2 + axis[:, None] ** 2 - 0.5, 0)
    light: Floats = 1 + strength * (0.55 * uneven + 0.7 * lamp) - dim
    return light.astype(np.float32)
