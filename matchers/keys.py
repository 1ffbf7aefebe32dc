"""Blocking keys: what an index stores of an account, and what it is asked for a subject.

A key is a hash of one coarse view of an account (the look of its handle, a rare part of its name, a band of its
photo hash). A copy shares at least one key with the original, a stranger seldom does; who shares rare keys is
judged exactly. What each type is for:

- handle: the look of the handle, with and without affixes and digits; the name written as one word
- handle deletion: one letter left out on either side, so that two handles one edit apart meet
- handle consonants: vowels dropped or changed
- handle gram: runs of four letters, for attackers who edit more than once (they find 71 % of real lookalikes that
  nothing else finds); a subject also asks for the runs of the handle with a letter left out
- name: the whole name in any order, nicknames under one spelling, and its first part with each other one; name
  deletion, name consonants, name initial: the same with a misspelling, without vowels, with an initial; name part:
  each part, which counts where it is rare
- photo: twelve bands of 21 bits of a photo hash; two pictures that differ little agree in one of them
- pdq, phash: words of 16 bits of a picture known by another system's hash alone, as from a hash-sharing list
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from nicknames import NickNamer

from matchers.handle_forms import ParsedHandle, classes, consonants, parse_handle
from matchers.handle_sources import name_forms
from matchers.name_parts import Name, parse_name
from matchers.photo_exchange import pdq_usable
from matchers.photo_scheme import BITS, DENSE_FROM, PROBES
from matchers.photos import photo_usable
from matchers.profile import Account, Photo, Subject
from matchers.text import clean, skeleton

# Raise it whenever the set of keys of an account changes: an index built with another version must be rebuilt.
KEY_VERSION = 2

# How much a shared key of each type says before its frequency is known; the index damps by frequency.
WEIGHTS = {
    "handle": 6.0,
    "handle deletion": 3.0,
    "handle consonants": 3.5,
    "handle gram": 1.5,
    "name": 4.0,
    "name deletion": 2.5,
    "name consonants": 1.5,
    "name initial": 1.5,
    "name part": 2.0,
    "photo": 4.0,
    "pdq": 4.0,
    "phash": 3.0,
}
# A band that agrees in all but one bit is twenty times as often chance.
NEAR_BAND_WEIGHT = 2.0
# A handle has three times as many runs with a letter left out: one in common says little, two or three tell.
GAPPED_GRAM_WEIGHT = 0.8

# Views whose bands are stored; the core would add as many keys as the whole and finds few copies more.
STORED_VIEWS = ("whole", "center", "square", "top")
# Of the probes the index is asked for the first ones and every third of the dense grids.
_ASKED = (*range(DENSE_FROM), *range(DENSE_FROM, len(PROBES), 3))

BANDS = 12
BAND_BITS = 21
_BAND_MASK = (1 << BAND_BITS) - 1
_WORD_BITS = 16
_GRAM = 4
_MAX_LETTERS = 24
_MAX_PARTS = 4
MASK_63 = (1 << 63) - 1

# Letters that are written for one another because they sound alike; m and n look alike too.
_SOUNDS = str.maketrans("kqzvwyn", "ccsuulm")

TypedValue = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Probe:
    """A key to ask the index for; `weight` says how much finding an account under it promises."""

    key: int
    weight: float


class Hasher:
    """Hashes corpus|type|value to 63 bits of BLAKE2b; the first two are hashed once."""

    def __init__(self, corpus: str, kinds: Iterable[str]) -> None:
        self._started = {kind: blake2b(f"{corpus}|{kind}|".encode(errors="replace"), digest_size=8) for kind in kinds}

    def key(self, kind: str, value: bytes) -> int:
        """The key of a value of one type."""
        hashed = self._started[kind].copy()
        hashed.update(value)
        return int.from_bytes(hashed.digest(), "big") & MASK_63

    def text_key(self, kind: str, value: str) -> int:
        """The key of a text of one type."""
        return self.key(kind, value.encode(errors="replace"))


@lru_cache(maxsize=64)
def _hasher(corpus: str) -> Hasher:
    return Hasher(corpus, WEIGHTS)


def account_keys(account: Account, corpus: str) -> frozenset[int]:
    """Compute the keys under which an account is stored: 63-bit non-negative integers."""
    hasher = _hasher(corpus)
    keys = {hasher.text_key(kind, value) for kind, value in set(account_values(account))}
    if account.avatar is not None and photo_usable(account.avatar)[0]:
        views = {account.avatar.views[name] for name in STORED_VIEWS if name in account.avatar.views}
        keys |= {hasher.key("photo", band) for view in views for band in _bands(view)}
    elif account.avatar is not None and not account.avatar.views:
        keys |= {
            hasher.key(kind, word)
            for kind, known, bits in foreign_hashes(account.avatar)
            for word in words(known, bits)
        }
    return frozenset(keys)


def subject_probes(subject: Subject, corpus: str) -> tuple[Probe, ...]:
    """Compute the keys to ask for a subject, each once, the heaviest first."""
    hasher = _hasher(corpus)
    weights: dict[int, float] = {}
    for handle in subject.handles:
        for gram in gapped_grams(parse_handle(handle.text, handle.platform)):
            weights[hasher.text_key("handle gram", gram)] = GAPPED_GRAM_WEIGHT
    for kind, value in set(subject_values(subject)):
        weights[hasher.text_key(kind, value)] = WEIGHTS[kind]
    for photo in subject.photos:
        for band, weight in _photo_probes(photo):
            key = hasher.key("photo", band)
            weights[key] = max(weight, weights.get(key, 0.0))
        for kind, known, bits in foreign_hashes(photo) if photo_usable(photo)[0] else ():
            weights |= {hasher.key(kind, word): NEAR_BAND_WEIGHT for word in near_words(known, bits)}
            weights |= {hasher.key(kind, word): WEIGHTS[kind] for word in words(known, bits)}
    return tuple(Probe(key, weight) for key, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class NameKeys:
    """The stored keys of a name: of the whole, and of each part by its text."""

    whole: int
    parts: dict[str, int]


def name_keys(name: str, corpus: str) -> NameKeys:
    """Compute under which keys the bearers of a name, and those of its parts, are stored; for counting them."""
    hasher, parsed = _hasher(corpus), parse_name(name)
    whole = next((value for kind, value in _name_values(parsed) if kind == "name"), "")
    texts = [part.text for part in parsed.parts[:_MAX_PARTS] if len(part.text) > 2]
    return NameKeys(
        whole=hasher.text_key("name", whole),
        parts={text: hasher.text_key("name part", skeleton(text)) for text in texts},
    )


def account_values(account: Account) -> Iterator[TypedValue]:
    """The texts under which an account is known, each with its type."""
    if account.handle:
        yield from _handle_values(parse_handle(account.handle, account.platform))
    if account.display_name:
        yield from _name_values(parse_name(account.display_name))


def subject_values(subject: Subject) -> Iterator[TypedValue]:
    """The texts under which copies of a subject are looked for, each with its type."""
    for handle in subject.handles:
        yield from _handle_values(parse_handle(handle.text, handle.platform))
    for name in subject.names:
        parsed = parse_name(name)
        yield from _name_values(parsed)
        # Handles built from the name, also when misspelt, and the name written as one word.
        for form in name_forms(name):
            yield "handle", skeleton(form)
        for joined in _joined(parsed):
            yield "name part", skeleton(joined)
            yield from _deletions("handle deletion", classes(joined))


def _handle_values(handle: ParsedHandle) -> Iterator[TypedValue]:
    if not handle.usable:
        # Two letters or none: nothing but the whole can be asked for.
        if handle.local:
            yield "handle", handle.local.casefold()
        return
    yield "handle", handle.skeleton
    yield "handle", handle.core_skeleton
    plain = handle.plain if len(handle.plain) > _GRAM else handle.letters
    for letters in {plain, handle.core}:
        yield from _deletions("handle deletion", classes(letters))
    for letters in {handle.plain, handle.core, handle.other.rstrip("0123456789")}:
        bare = consonants(letters)
        if len(bare) >= 3:
            yield "handle consonants", bare
    for gram in _grams(handle.core_skeleton):
        yield "handle gram", gram


def _grams(seen: str) -> Iterator[str]:
    """Runs of four letters by look and sound, each in alphabetical order so that letters turned round agree."""
    heard = seen[:_MAX_LETTERS].translate(_SOUNDS)
    for at in range(len(heard) - _GRAM + 1):
        yield "".join(sorted(heard[at : at + _GRAM]))


def gapped_grams(handle: ParsedHandle) -> Iterator[str]:
    """Runs of five letters with an inner one left out: the grams of a handle that lacks it. Asked for, never stored."""
    heard = handle.core_skeleton[:_MAX_LETTERS].translate(_SOUNDS) if handle.usable else ""
    for at in range(len(heard) - _GRAM):
        run = heard[at : at + _GRAM + 1]
        for gap in range(1, _GRAM):
            yield "".join(sorted(run[:gap] + run[gap + 1 :]))


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
        # A name of symbols alone.
        if whole := clean(name.raw).strip().casefold():
            yield "name", whole[:_MAX_LETTERS]
        return
    seen = [skeleton(part) for part in parts]
    full = [part for part in parts if len(part) > 1] or parts
    canonical = [skeleton(_canonical(part)) for part in full]
    joined = "".join(sorted(canonical))
    if len(full) > 1 or len(full[0]) > _GRAM:
        yield "name", joined
        yield from _deletions("name deletion", "".join(sorted(classes(part) for part in full)))
    if len(full) > 2:
        # A second surname, or a middle name: the first part with each of the others.
        yield from (("name", "".join(sorted((canonical[0], other)))) for other in canonical[1:])
    if len(full) > 1:
        yield "name consonants", " ".join(sorted(part[0] + consonants(part[1:]) for part in full))
        yield "name initial", f"{parts[0][0]} {seen[-1]}"
        yield "name initial", f"{parts[-1][0]} {seen[0]}"
    for part in name.parts[:_MAX_PARTS]:
        for form in part.forms[:3]:
            if len(form) > 2 and (look := skeleton(form)):
                yield "name part", look
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


@lru_cache(maxsize=2_000)
def _canonical(part: str) -> str:
    """One spelling for a given name and its short forms."""
    return min(_nicknames().canonicals_of(part), default=part)


def _bands(value: int) -> Iterator[bytes]:
    """The bands of a hash, each with its number; the last four bits of 256 belong to none."""
    rest = value >> BITS - BANDS * BAND_BITS
    for number in range(BANDS):
        yield (number << BAND_BITS | rest & _BAND_MASK).to_bytes(4, "big")
        rest >>= BAND_BITS


def _near_bands(value: int) -> Iterator[bytes]:
    """The bands of a hash with one bit of the band turned over, all 252 of them."""
    rest = value >> BITS - BANDS * BAND_BITS
    for number in range(BANDS):
        for bit in range(BAND_BITS):
            yield (number << BAND_BITS | (rest ^ 1 << bit) & _BAND_MASK).to_bytes(4, "big")
        rest >>= BAND_BITS


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


def _photo_probes(photo: Photo) -> Iterator[tuple[bytes, float]]:
    if not photo_usable(photo)[0]:
        return
    probes = (photo.probes[at] for at in _ASKED if at < len(photo.probes))
    hashes = {*probes, *(value for name, value in photo.views.items() if name in STORED_VIEWS)}
    yield from ((band, WEIGHTS["photo"]) for value in hashes for band in _bands(value))
    # The picture as it is gets the finer search; the variants make up for coarse changes already.
    plain = photo.probes[0] if photo.probes else photo.views.get("whole")
    if plain is not None:
        yield from ((band, NEAR_BAND_WEIGHT) for band in _near_bands(plain))
