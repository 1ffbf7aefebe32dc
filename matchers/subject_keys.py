"""Blocking keys the other way round: what an index of subjects stores, and what it is asked for an account.

Texts are keyed as in `matchers.keys`: whatever a subject would ask an index of accounts for is stored here, and asked
for by what an account would have stored there, so that both directions meet under the same keys. Names are not crossed
with pieces of photos here.

Photos are not: a subject asks for 2,000 bands of its photo, too many to store of each. Instead fewer of the probes are
stored (`STORED_PROBES`), in bands so long that strangers hardly share one, and the account asks for each of its bands
also with one bit turned over. `python -m benchmarks.checks` compares both directions on changed portraits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from matchers.handle_forms import parse_handle
from matchers.key_pieces import gapped_grams
from matchers.keys import (
    GAPPED_GRAM_WEIGHT,
    NEAR_BAND_WEIGHT,
    WEIGHTS,
    Hasher,
    account_values,
    subject_values,
)
from matchers.photo_keys import STORED_VIEWS, bands, near_words
from matchers.photos import photo_usable
from matchers.profile import Account, Photo, Subject

# Raise it whenever the set of keys of a subject changes: an index built with another version must be rebuilt.
SUBJECT_KEY_VERSION = 4

_GAP = "handle gap"
_OWN = "own account"
_BAND = "photo band"
OWN_WEIGHT = 6.0

# Of the probes of a photo these are stored, by their place in `matchers.photo_scheme.PROBES`. Chosen greedily on 110
# development people, changed in 55 ways: of copies within 58 bits they find 91 %, as many as all that a scan asks for
# (90 %). The squares of oblong pictures come on top; of square pictures they are the whole.
STORED_PROBES = (
    *(0, 1, 2, 3, 4, 6, 7, 9, 13, 14, 16, 17, 21, 33, 37, 58, 65, 66, 68, 69, 71, 72, 89, 90),
    *(108, 114, 135, 141, 156, 159, 177, 333),
    *(55, 56, 74, 75),
)
BANDS = 10
BAND_BITS = 25
_FLIPS = tuple(1 << bit for bit in range(BAND_BITS))


@dataclass(frozen=True, slots=True)
class AccountProbes:
    """The keys to ask an index of subjects for, each with how much finding a subject under it promises."""

    texts: dict[int, float] = field(default_factory=dict)
    photos: dict[int, float] = field(default_factory=dict)


@lru_cache(maxsize=64)
def _hasher(corpus: str) -> Hasher:
    return Hasher(corpus, (*WEIGHTS, _GAP, _OWN, _BAND))


def subject_keys(subject: Subject, corpus: str) -> frozenset[int]:
    """Compute the keys under which a subject is stored: non-negative integers of `KEY_BITS` bits."""
    hasher = _hasher(corpus)
    keys = {hasher.text_key(kind, value) for kind, value in set(subject_values(subject))}
    for handle in subject.handles:
        keys |= {hasher.text_key(_GAP, gram) for gram in gapped_grams(parse_handle(handle.text, handle.platform))}
    keys |= {hasher.text_key(_OWN, name) for name in _own_names(subject)}
    for photo in subject.photos:
        if photo_usable(photo)[0]:
            keys.update(hasher.band_keys(_BAND, (band for value in stored_hashes(photo) for band in _bands(value))))
            keys |= hasher.foreign_keys(photo)
    return frozenset(keys)


def account_probes(account: Account, corpus: str) -> AccountProbes:
    """Compute the keys to ask an index of subjects for."""
    hasher = _hasher(corpus)
    texts: dict[int, float] = {}
    for kind, value in set(account_values(account)):
        texts[hasher.text_key(kind, value)] = WEIGHTS[kind]
        if kind == "handle gram":
            texts[hasher.text_key(_GAP, value)] = GAPPED_GRAM_WEIGHT
    texts |= {hasher.text_key(_OWN, name): OWN_WEIGHT for name in account_names(account)}
    return AccountProbes(texts, {} if account.avatar is None else _photo_probes(account.avatar, corpus))


def _photo_probes(avatar: Photo, corpus: str) -> dict[int, float]:
    hasher = _hasher(corpus)
    if not avatar.views:
        near, exact = hasher.foreign_keys(avatar, near_words), hasher.foreign_keys(avatar)
        return dict.fromkeys(near, NEAR_BAND_WEIGHT) | dict.fromkeys(exact, WEIGHTS["pdq"])
    if not photo_usable(avatar)[0]:
        return {}
    own = [band for name in STORED_VIEWS if name in avatar.views for band in _bands(avatar.views[name])]
    turned = hasher.band_keys(_BAND, (band ^ flip for band in own for flip in _FLIPS))
    return dict.fromkeys(turned, NEAR_BAND_WEIGHT) | dict.fromkeys(hasher.band_keys(_BAND, own), WEIGHTS["photo"])


def stored_hashes(photo: Photo) -> tuple[int, ...]:
    """The hashes of a subject's photo by which it is found, each once: of the stored probes, and of the views."""
    probes = (photo.probes[at] for at in STORED_PROBES if at < len(photo.probes))
    views = (value for name, value in photo.views.items() if name in STORED_VIEWS)
    return tuple(dict.fromkeys((*probes, *views)))


def _bands(value: int) -> Iterator[int]:
    """The bands by which photos are found here; the last six bits of 256 belong to none."""
    return bands(value, BANDS, BAND_BITS)


def account_names(account: Account) -> set[str]:
    """What identifies an account on its platform."""
    return _names(account.platform, account.handle_key or account.handle, account.account_id)


def _own_names(subject: Subject) -> Iterator[str]:
    for ref in subject.own_accounts:
        yield from _names(ref.platform, ref.handle_key or ref.handle, ref.account_id)
    for handle in subject.handles:
        if handle.platform is not None:
            yield from _names(handle.platform, handle.key or handle.text, None)


def _names(platform: str, handle: str | None, account_id: str | None) -> set[str]:
    known = {f"{platform}|id|{account_id}"} if account_id else set()
    return known | {f"{platform}|handle|{handle.removeprefix('@').casefold()}"} if handle else known
