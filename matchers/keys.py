"""Blocking keys: what an index stores of an account, and what it is asked for a subject.

A key is a hash of one coarse view of an account (the look of its handle, a rare part of its name, a band of its
photo hash). A copy shares at least one key with the original, a stranger seldom does; who shares rare keys is
judged exactly. The design was measured in research on 21,000 and 10 million accounts (README, Retrieval).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from nicknames import NickNamer

from matchers.handle_forms import ParsedHandle, classes, consonants, parse_handle
from matchers.name_parts import Name, parse_name
from matchers.photo_scheme import BITS, GATE
from matchers.profile import Account, Photo, Subject
from matchers.text import skeleton

# Raise it whenever the set of keys changes: an index built with another version must be rebuilt.
KEY_VERSION = 1

# How much a shared key of each type says before its frequency is known; the index damps by frequency.
WEIGHTS = {
    "handle": 6.0,
    "handle deletion": 3.0,
    "handle consonants": 2.0,
    "handle gram": 1.5,
    "name": 4.0,
    "name deletion": 2.5,
    "name consonants": 1.5,
    "name initial": 1.5,
    "name part": 2.0,
    "photo": 4.0,
}
# A band that agrees in all but one bit is twenty times as often chance.
_NEAR_BAND_WEIGHT = 2.0

BANDS = 12
BAND_BITS = 21
_BAND_MASK = (1 << BAND_BITS) - 1
_GRAM = 4
_MAX_LETTERS = 24
_MAX_PARTS = 4
_MASK_63 = (1 << 63) - 1

TypedValue = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Probe:
    """A key to ask the index for; `weight` says how much finding an account under it promises."""

    key: int
    weight: float


class _Hasher:
    """Hashes (type, value) within one corpus: 63 bits of BLAKE2b."""

    def __init__(self, corpus: str) -> None:
        self._corpus = corpus

    def key(self, kind: str, value: str) -> int:
        digest = blake2b(f"{self._corpus}|{kind}|{value}".encode(errors="replace"), digest_size=8).digest()
        return int.from_bytes(digest, "big") & _MASK_63


def account_keys(account: Account, corpus: str) -> frozenset[int]:
    """Compute the keys under which an account is stored: 63-bit non-negative integers."""
    hasher = _Hasher(corpus)
    values = set(_account_values(account))
    keys = {hasher.key(kind, value) for kind, value in values}
    if account.avatar is not None:
        keys |= {hasher.key("photo", band) for view in _views(account.avatar) for band in _bands(view)}
    return frozenset(keys)


def subject_probes(subject: Subject, corpus: str) -> tuple[Probe, ...]:
    """Compute the keys to ask for a subject, each once, the heaviest first."""
    hasher = _Hasher(corpus)
    weights: dict[int, float] = {}

    def add(kind: str, value: str, weight: float) -> None:
        key = hasher.key(kind, value)
        weights[key] = max(weight, weights.get(key, 0.0))

    for kind, value in _subject_values(subject):
        add(kind, value, WEIGHTS[kind])
    for photo in subject.photos:
        for band, weight in _photo_probes(photo):
            add("photo", band, weight)
    return tuple(Probe(key, weight) for key, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])))


def _account_values(account: Account) -> Iterator[TypedValue]:
    if account.handle:
        yield from _handle_values(parse_handle(account.handle, account.platform))
    if account.display_name:
        yield from _name_values(parse_name(account.display_name))


def _subject_values(subject: Subject) -> Iterator[TypedValue]:
    for handle in subject.handles:
        yield from _handle_values(parse_handle(handle.text, handle.platform))
    for name in subject.names:
        parsed = parse_name(name)
        yield from _name_values(parsed)
        # Handles built from the name, also when misspelt.
        for joined in _joined(parsed):
            yield from _deletions("handle deletion", classes(joined))


def _handle_values(handle: ParsedHandle) -> Iterator[TypedValue]:
    if not handle.usable:
        return
    yield "handle", handle.skeleton
    yield "handle", handle.core_skeleton
    for letters in {handle.plain, handle.core}:
        yield from _deletions("handle deletion", classes(letters))
    for letters in {handle.core, _strip_other(handle)}:
        bare = consonants(letters)
        if len(bare) >= 3:
            yield "handle consonants", bare
    seen = handle.core_skeleton[:_MAX_LETTERS]
    for at in range(len(seen) - _GRAM + 1):
        yield "handle gram", seen[at : at + _GRAM]


def _strip_other(handle: ParsedHandle) -> str:
    """The core in the reading with l for a capital I."""
    at = handle.letters.find(handle.core)
    return handle.other[at : at + len(handle.core)]


def _deletions(kind: str, letters: str) -> Iterator[TypedValue]:
    """The letters themselves and with each one left out: two texts one edit apart share one of them."""
    letters = letters[:_MAX_LETTERS]
    yield kind, letters
    if len(letters) > _GRAM:
        for at in range(len(letters)):
            yield kind, letters[:at] + letters[at + 1 :]


def _name_values(name: Name) -> Iterator[TypedValue]:
    parts = [part.text for part in name.parts[:_MAX_PARTS]]
    if not parts:
        return
    seen = [skeleton(part) for part in parts]
    full = [part for part in parts if len(part) > 1] or parts
    canonical = sorted(skeleton(_canonical(part)) for part in full)
    joined = "".join(canonical)
    if len(full) > 1 or len(joined) > _GRAM:
        yield "name", joined
        yield from _deletions("name deletion", "".join(sorted(classes(part) for part in full)))
    if len(full) > 1:
        yield "name consonants", " ".join(sorted(part[0] + consonants(part[1:]) for part in full))
        yield "name initial", f"{parts[0][0]} {seen[-1]}"
        yield "name initial", f"{parts[-1][0]} {seen[0]}"
    for part in name.parts[:_MAX_PARTS]:
        for form in part.forms[:3]:
            if len(form) > 2:
                yield "name part", skeleton(form)
    for text in _joined(name):
        yield "handle", skeleton(text)


def _joined(name: Name) -> Iterable[str]:
    """The name written as one word, in both orders."""
    parts = [part.text for part in name.parts[:_MAX_PARTS]]
    if len(parts) < 2 or len("".join(parts)) < 5:
        return ()
    ends = [parts[0], parts[-1]]
    return {"".join(parts), "".join(ends), "".join(reversed(ends))}


@lru_cache(maxsize=1)
def _nicknames() -> NickNamer:
    return NickNamer()


@lru_cache(maxsize=100_000)
def _canonical(part: str) -> str:
    """One spelling for a given name and its short forms."""
    return min(_nicknames().canonicals_of(part), default=part)


def _views(photo: Photo) -> Iterable[int]:
    return set(photo.views.values()) if photo.gate >= GATE else ()


def _bands(value: int) -> Iterator[str]:
    for number in range(BANDS):
        yield f"{number}|{value >> (BITS - BAND_BITS * (number + 1)) & _BAND_MASK:x}"


def _photo_probes(photo: Photo) -> Iterator[tuple[str, float]]:
    if photo.gate < GATE:
        return
    hashes = dict.fromkeys((*photo.probes, *photo.views.values()))
    for value in hashes:
        for band in _bands(value):
            yield band, WEIGHTS["photo"]
    plain = photo.probes[0] if photo.probes else photo.views.get("whole")
    if plain is not None:
        for bit in range(BITS):
            for band in _changed_band(plain, bit):
                yield band, _NEAR_BAND_WEIGHT


def _changed_band(value: int, bit: int) -> Iterator[str]:
    number = (BITS - 1 - bit) // BAND_BITS
    if number < BANDS:
        yield f"{number}|{(value ^ 1 << bit) >> (BITS - BAND_BITS * (number + 1)) & _BAND_MASK:x}"
