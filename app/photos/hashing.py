"""From a grey raster to the hashes of the scheme `cc1` (docs/hashes.md).

Averaging a part of the raster down to 64 x 64 and taking its cosine transform are both linear and separable, so a part
costs two small matrix products and no resampling. Mirroring only changes the sign of every other column.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.photos.intake import original_size
from matchers.photo_scheme import PROBE_PARTS, SQUARE_RATIO, SQUARE_VIEWS, VIEW_PARTS, Part
from matchers.profile import Photo

Floats = npt.NDArray[np.float64]

RASTER = 128  # side of the raster that every part is cut from
GRID = 64  # side a part is averaged down to
LOW = 16  # lowest frequencies kept on each axis
DETAIL_STEP = 4  # grey levels of the Laplacian that count as detail
BAND = 9  # grey levels on either side of a main grey that belong to it

_MIRROR = np.where(np.arange(LOW) % 2, -1.0, 1.0)


def subject_photo(image: Image.Image) -> Photo:
    """Hash a subject's photo: views and probes."""
    return _hash_photo(image, PROBE_PARTS)


def account_photo(image: Image.Image) -> Photo:
    """Hash an account's avatar: views only."""
    return _hash_photo(image, ())


def make_raster(image: Image.Image) -> Floats:
    """Average a picture to 128 x 128 grey levels (0..255), whatever its shape."""
    grey = image if image.mode == "L" else image.convert("L")
    shrinks = min(grey.size) >= RASTER
    resampling = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
    return np.asarray(grey.resize((RASTER, RASTER), resampling), dtype=np.float64)


def measure_detail(raster: Floats) -> float:
    """Share (0..1) of pixels with detail: |Laplacian| > 4 at 64 x 64, edge pixels left out.

    Pixels within 9 levels of the picture's two main greys do not count: the traces of JPEG in the flat areas of a
    drawn avatar are no detail.
    """
    small = _shrink(raster, GRID)
    inner = small[1:-1, 1:-1]
    laplacian = small[:-2, 1:-1] + small[2:, 1:-1] + small[1:-1, :-2] + small[1:-1, 2:] - 4 * inner
    levels = np.floor(inner + 0.5).astype(np.intp)
    return float(((np.abs(laplacian) > DETAIL_STEP) & _off_main_greys(levels)[levels]).mean())


def _off_main_greys(levels: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """For each grey level, whether it lies outside the two most populous bands."""
    counts = np.bincount(levels.ravel(), minlength=256)
    off = np.ones(256, dtype=np.bool_)
    for _ in range(2):
        middle = int(np.convolve(counts, np.ones(2 * BAND + 1, dtype=np.int64), "same").argmax())
        band = slice(max(0, middle - BAND), middle + BAND + 1)
        counts[band], off[band] = 0, False
    return off


def hash_parts(raster: Floats, parts: tuple[Part, ...], width: int, height: int) -> tuple[int, ...]:
    """Hash parts of the raster of a picture that was `width` x `height` pixels, in order, 256 bits each."""
    shorter = min(width, height)
    shares = (shorter / width, shorter / height)
    found: dict[tuple[object, ...], Floats] = {}
    stack = np.empty((len(parts), LOW, LOW))
    rows: dict[tuple[float, float], Floats] = {}
    for place, part in zip(stack, parts, strict=True):
        key = (part.width, part.height, part.x, part.y, part.square, part.turn)
        if key not in found:
            found[key] = _turned(raster, part, shares) if part.turn else _cut(raster, part, shares, rows)
        place[:] = found[key] * _MIRROR if part.mirrored else found[key]
    return _to_bits(stack)


def _shrink(raster: Floats, side: int) -> Floats:
    """Average the raster to `side` x `side`; `side` divides 128."""
    step = RASTER // side
    result: Floats = raster.reshape(side, step, side, step).mean(axis=(1, 3))
    return result


def _hash_photo(image: Image.Image, probes: tuple[Part, ...]) -> Photo:
    width, height = original_size(image)
    raster = make_raster(image)
    oblong = max(width, height) > SQUARE_RATIO * min(width, height)
    views = tuple(part for part in VIEW_PARTS if oblong or part.label not in SQUARE_VIEWS)
    hashes = hash_parts(raster, views + probes, width, height)
    return Photo(
        views={part.label: value for part, value in zip(views, hashes, strict=False)},
        probes=hashes[len(views) :],
        gate=round(measure_detail(raster), 4),
        side=min(width, height),
    )


def _to_bits(coefficients: Floats) -> tuple[int, ...]:
    flat = coefficients.reshape(len(coefficients), LOW * LOW)
    bits = flat > np.median(flat, axis=1, keepdims=True)
    return tuple(int.from_bytes(row.tobytes(), "big") for row in np.packbits(bits, axis=1))


def _cut(raster: Floats, part: Part, shares: tuple[float, float], rows: dict[tuple[float, float], Floats]) -> Floats:
    across = part.width * shares[0] if part.square else part.width
    down = part.height * shares[1] if part.square else part.height
    left, top = part.x * (1 - across), part.y * (1 - down)
    if (top, down) not in rows:
        rows[top, down] = _transform(top, down) @ raster
    return rows[top, down] @ _transform(left, across).T


@lru_cache(maxsize=256)
def _transform(start: float, length: float) -> Floats:
    """Matrix (16 x 128) from a line of the raster to the low frequencies of one stretch of it."""
    edges = (start + length * np.arange(GRID + 1) / GRID) * RASTER
    cells = np.arange(RASTER)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = np.clip(overlap, 0, None) / (length * RASTER / GRID)
    result: Floats = _cosines() @ weights
    return result


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    angles = np.pi * (2 * np.arange(GRID) + 1) * np.arange(LOW)[:, None] / (2 * GRID)
    result: Floats = np.cos(angles)
    return result


def _turned(raster: Floats, part: Part, shares: tuple[float, float]) -> Floats:
    sample = _sampling(part.turn, part.width * shares[0], part.height * shares[1])
    flat = raster.ravel()
    grid = (flat[sample[0]] * sample[1]).sum(axis=0)
    result: Floats = _cosines() @ grid @ _cosines().T
    return result


@lru_cache(maxsize=64)
def _sampling(turn: float, across: float, down: float) -> tuple[npt.NDArray[np.intp], Floats]:
    """Where a turned part takes its 64 x 64 values from at 128 x 128, and the weights of the four neighbours."""
    steps = (np.arange(GRID) + 0.5) / GRID - 0.5
    angle = np.deg2rad(turn)
    x, y = np.meshgrid(steps, steps)
    column = ((x * np.cos(angle) - y * np.sin(angle)) * across + 0.5) * RASTER - 0.5
    row = ((x * np.sin(angle) + y * np.cos(angle)) * down + 0.5) * RASTER - 0.5
    column, row = column.clip(0, RASTER - 1.001), row.clip(0, RASTER - 1.001)
    left, top = np.floor(column).astype(np.intp), np.floor(row).astype(np.intp)
    right, bottom = column - left, row - top
    first = top * RASTER + left
    places = np.stack([first, first + 1, first + RASTER, first + RASTER + 1])
    weights = np.stack([(1 - right) * (1 - bottom), right * (1 - bottom), (1 - right) * bottom, right * bottom])
    return places, weights
