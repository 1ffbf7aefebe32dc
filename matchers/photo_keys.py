"""The pieces of photo hashes that serve as keys: bands of our own, words of other systems', pieces beside a name."""

from __future__ import annotations

from collections.abc import Iterator

from matchers.photo_exchange import pdq_usable
from matchers.photo_scheme import BITS, DENSE_FROM, PROBES
from matchers.profile import Photo

BANDS = 12
BAND_BITS = 21
_WORD_BITS = 16
_PIECE_BITS = 12
_PIECES = 21

# Views whose bands are stored; the core would add as many keys as the whole and finds few copies more.
STORED_VIEWS = ("whole", "center", "square", "top")
# Of the probes the index is asked for the first ones and every third of the dense grids.
_ASKED = (*range(DENSE_FROM), *range(DENSE_FROM, len(PROBES), 3))


def asked_hashes(photo: Photo) -> set[int]:
    """The hashes of a subject's photo whose bands are asked for."""
    probes = (photo.probes[at] for at in _ASKED if at < len(photo.probes))
    return {*probes, *(value for name, value in photo.views.items() if name in STORED_VIEWS)}


def pieces(value: int) -> Iterator[str]:
    """The pieces of 12 bits of a hash, each under its number: one of the 21 survives far more changes than a band."""
    for number in range(_PIECES):
        yield f"{number} {value >> number * _PIECE_BITS & (1 << _PIECE_BITS) - 1:03x}"


def bands(value: int, count: int = BANDS, bits: int = BAND_BITS) -> Iterator[int]:
    """The bands of a hash, each under its number; the last bits of 256, by default four, belong to none."""
    rest, mask = value >> BITS - count * bits, (1 << bits) - 1
    for number in range(count):
        yield number << bits | rest & mask
        rest >>= bits


def near_bands(value: int) -> Iterator[int]:
    """The bands of a hash with one bit of the band turned over, all 252 of them."""
    for band in bands(value):
        for bit in range(BAND_BITS):
            yield band ^ 1 << bit


def foreign_hashes(photo: Photo) -> Iterator[tuple[str, int, int]]:
    """The hashes of other systems: their key type, value and number of bits."""
    if photo.pdq is not None and pdq_usable(photo):
        yield "pdq", photo.pdq, 256
    if photo.phash is not None:
        yield "phash", photo.phash, 64


def words(value: int, bits: int) -> Iterator[bytes]:
    """The words of 16 bits of a hash, each with its number."""
    for number in range(bits // _WORD_BITS):
        word = value >> number * _WORD_BITS & (1 << _WORD_BITS) - 1
        yield (number << _WORD_BITS | word).to_bytes(3, "big")


def near_words(value: int, bits: int) -> Iterator[bytes]:
    """The words of a hash with one bit turned over: at twice as many bits less one as there are words, one agrees."""
    for bit in range(_WORD_BITS):
        turned = sum(1 << bit + number * _WORD_BITS for number in range(bits // _WORD_BITS))
        yield from words(value ^ turned, bits)
