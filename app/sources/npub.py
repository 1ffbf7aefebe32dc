"""Nostr's way of writing a public key: NIP-19, which is Bech32 (BIP-173) under the name "npub"."""

from __future__ import annotations

from collections.abc import Iterable

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
# The generator of Bech32's checksum.
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_PREFIX = "npub"


def encode_npub(key: bytes) -> str:
    """The npub of a public key of 32 bytes."""
    number = int.from_bytes(key, "big") << 4
    data = [number >> shift & 31 for shift in range(255, -1, -5)]
    return f"{_PREFIX}1" + "".join(_LETTERS[value] for value in [*data, *_checksum(data)])


def _checksum(data: list[int]) -> list[int]:
    expanded = [*(ord(c) >> 5 for c in _PREFIX), 0, *(ord(c) & 31 for c in _PREFIX)]
    left = _polymod([*expanded, *data, 0, 0, 0, 0, 0, 0]) ^ 1
    return [left >> 5 * (5 - at) & 31 for at in range(6)]


def _polymod(values: Iterable[int]) -> int:
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            state ^= generator if top >> bit & 1 else 0
    return state
