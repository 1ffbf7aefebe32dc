"""Hashes that other systems use, pHash and PDQ: to hand out on request, and to be found in lists of theirs by.

Hash-sharing lists hold PDQ, the hash of facebook/ThreatExchange; many platforms hold pHash as the ImageHash package
computes it. Neither is compared where the hashes of our own scheme are at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import lru_cache
from http import HTTPStatus
from importlib import import_module
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.photos.hashing import subject_photo
from app.problems import ProblemError
from matchers.profile import Photo

Exchange = Literal["pdq", "phash"]
DEFAULT_EXCHANGE: tuple[Exchange, ...] = ("phash",)
Package = Any

# A JPEG file is decoded to at least this many pixels a side where its PDQ is asked for: 2 bits at most then differ from
# that of the whole file, 8 where the decoder leaves out more.
PDQ_SIDE = 512
# What PDQ costs grows with the pixels (1 ms at 400 x 400), and it looks at 64 x 64 in the end.
_MOST_SIDE = 1024
_PHASH_SIDE, _PHASH_LOW = 32, 8


class PdqMissingError(ProblemError):
    """501: PDQ was asked for, and the package that computes it is not installed."""

    status = HTTPStatus.NOT_IMPLEMENTED
    slug = "pdq_not_installed"
    title = "PDQ cannot be computed here"


@lru_cache(maxsize=1)
def load_pdq() -> Package | None:
    """The package `pdqhash`, where it is installed (the extra `pdq`)."""
    try:
        return import_module("pdqhash")
    except ImportError:
        return None


def searched_photo(image: Image.Image, load: Callable[[], Package | None] = load_pdq) -> Photo:
    """Hash a subject's photo, also as the lists of other systems do; without PDQ where its package is missing."""
    pdq, quality = (None, None) if load() is None else exchange_pdq(image, load)
    return replace(subject_photo(image), phash=exchange_phash(image), pdq=pdq, pdq_quality=quality)


def add_exchange(
    photo: Photo, image: Image.Image, wanted: Collection[Exchange], load: Callable[[], Package | None] = load_pdq
) -> Photo:
    """Add the wanted hashes to a photo; raises `PdqMissingError`."""
    if "phash" in wanted:
        photo = replace(photo, phash=exchange_phash(image))
    if "pdq" in wanted:
        pdq, quality = exchange_pdq(image, load)
        photo = replace(photo, pdq=pdq, pdq_quality=quality)
    return photo


def exchange_pdq(image: Image.Image, load: Callable[[], Package | None] = load_pdq) -> tuple[int, int]:
    """PDQ and its quality (0..100; below 50 the authors advise not to use it); raises `PdqMissingError`."""
    package = load()
    if package is None:
        raise PdqMissingError(
            "PDQ cannot be computed here: install clonecheck with the extra pdq (pip install 'clonecheck[pdq]'), "
            "or leave pdq out."
        )
    small = image.convert("RGB")
    small.thumbnail((_MOST_SIDE, _MOST_SIDE), Image.Resampling.BOX)
    bits, quality = package.compute(np.asarray(small))
    return int.from_bytes(np.packbits(bits.astype(np.bool_)).tobytes(), "big"), int(quality)


def exchange_phash(image: Image.Image) -> int:
    """The 64-bit pHash, bit for bit that of `imagehash.phash` with its defaults (a test holds it)."""
    small = image.convert("L").resize((_PHASH_SIDE, _PHASH_SIDE), Image.Resampling.LANCZOS)
    low = _cosines() @ np.asarray(small, dtype=np.float64) @ _cosines().T
    bits = low.ravel() > np.median(low)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@lru_cache(maxsize=1)
def _cosines() -> npt.NDArray[np.float64]:
    angles = np.pi * (2 * np.arange(_PHASH_SIDE) + 1) * np.arange(_PHASH_LOW)[:, None] / (2 * _PHASH_SIDE)
    result: npt.NDArray[np.float64] = np.cos(angles)
    return result
