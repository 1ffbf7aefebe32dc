"""Blocking keys: what an index stores of an account, and what it is asked for a subject.

A key is a hash of one coarse view of an account (the look of its handle, a rare part of its name, a band of its
photo hash). A copy shares at least one key with the original, a stranger seldom does; who shares rare keys is
judged exactly. What each type is for:

- handle: the look of the handle, with and without affixes and digits; the name written as one word
- handle piece: two thirds of its letters, in three ways, so that two handles one edit apart share one of them
- handle consonants: vowels dropped or changed
- handle number: its first letter with the first four digits of its last number, which survive edits of all letters
- handle gram: runs of four letters, for attackers who edit more than once (they find 71 % of real lookalikes that
  nothing else finds); a subject also asks for the runs of the handle with a letter left out
- name: the whole name in any order, nicknames under one spelling, and its first part with each other one; name
  piece, name consonants, name initial: the same with a misspelling, without vowels, with an initial; name part:
  each part, which counts where it is rare
- name handle, name photo: stored for names that hundreds in ten million bear, which tell little by themselves. The name
  with what the handle adds to it (digits, other words), and with each of 21 pieces of 12 bits of its photo
- photo: twelve bands of 21 bits of a photo hash; two pictures that differ little agree in one of them
- pdq, phash: words of 16 bits of a picture known by another system's hash alone, as from a hash-sharing list
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from nicknames import NickNamer

from matchers.handle_forms import ParsedHandle, classes, consonants, parse_handle
from matchers.handle_sources import name_forms
from matchers.key_pieces import GRAM, MAX_LETTERS, asked_pieces, gapped_grams, grams, stored_pieces
from matchers.name_frequency import name_bits
from matchers.name_parts import Name, parse_name
from matchers.photo_keys import STORED_VIEWS, asked_hashes, bands, foreign_hashes, near_bands, near_words, pieces, words
from matchers.photos import photo_usable
from matchers.profile import Account, Photo, Subject
from matchers.text import clean, skeleton
from matchers.world import World

# Raise it whenever the set of keys of an account changes: an index built with another version must be rebuilt.
KEY_VERSION = 5

# How much a shared key of each type says before its frequency is known; the index damps by frequency.
WEIGHTS = {
    "handle": 6.0,
    "handle piece": 2.5,
    "handle consonants": 3.5,
    "handle number": 2.5,
    "handle gram": 1.5,
    "name": 4.0,
    "name piece": 2.5,
    "name consonants": 1.5,
    "name initial": 1.5,
    "name part": 2.0,
    "name handle": 5.0,
    "name photo": 4.0,
    "photo": 4.0,
    "pdq": 4.0,
    "phash": 3.0,
}
# A band that agrees in all but one bit is twenty times as often chance.
NEAR_BAND_WEIGHT = 2.0
# A handle has three times as many runs with a letter left out: one in common says little, two or three tell.
GAPPED_GRAM_WEIGHT = 0.8

_MAX_PARTS = 4
# A name is common where its first and last part tell fewer bits than this together: some 300 among 10^7 people bear
# it. One name in a dozen does.
_COMMON_BITS = 17.0
# SQLite stores an integer below 2^47 in six bytes, a larger one in eight. Among 10^10 keys, those of 2 * 10^8 accounts,
# one probe in 14,000 meets a stranger's key by chance.
KEY_BITS = 47
# The golden ratio as an odd fraction of 2^64: multiplied by it, numbers that differ little spread over all of it.
_SPREAD = 0x9E3779B97F4A7C15
_MASK_64 = (1 << 64) - 1
_SHIFT = 64 - KEY_BITS

# Fewer digits are a year of birth; more of them may have been added behind.
_NUMBER = re.compile(r"([0-9]{3,4})[0-9]*")

# How common a name is, as far as the tables say; what an index holds must not change its keys.
_WORLD = World()

TypedValue = tuple[str, str]
# Cuts letters into the pieces that are stored, or asked for.
Cut = Callable[[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Probe:
    """A key to ask the index for; `weight` says how much finding an account under it promises.

    `photo`: it is a band of a photo hash. There are thousands of those for one picture, so that chance finds some.
    """

    key: int
    weight: float
    photo: bool = False


class Hasher:
    """Hashes corpus|type|value to `KEY_BITS` bits of BLAKE2b, of which corpus and type are hashed once.

    The bands of photos are many and are spread as numbers, which takes a third of the time.
    """

    def __init__(self, corpus: str, kinds: Iterable[str]) -> None:
        self._started = {kind: blake2b(f"{corpus}|{kind}|".encode(errors="replace"), digest_size=8) for kind in kinds}
        self._numbers = {kind: int.from_bytes(started.digest(), "big") for kind, started in self._started.items()}

    def key(self, kind: str, value: bytes) -> int:
        """The key of a value of one type."""
        hashed = self._started[kind].copy()
        hashed.update(value)
        return int.from_bytes(hashed.digest(), "big") >> _SHIFT

    def text_key(self, kind: str, value: str) -> int:
        """The key of a text of one type."""
        return self.key(kind, value.encode(errors="replace"))

    def text_keys(self, values: Iterable[TypedValue]) -> set[int]:
        """The keys of many texts, each with its type; they are made in one loop, for an index makes billions."""
        started, keys = self._started, set[int]()
        for kind, value in set(values):
            hashed = started[kind].copy()
            hashed.update(value.encode(errors="replace"))
            keys.add(int.from_bytes(hashed.digest(), "big") >> _SHIFT)
        return keys

    def band_keys(self, kind: str, numbered: Iterable[int]) -> list[int]:
        """The keys of bands of one type, each below 2^64 and with its number in it."""
        start = self._numbers[kind]
        return [((band ^ start) * _SPREAD & _MASK_64) >> _SHIFT for band in numbered]

    def foreign_keys(self, photo: Photo, cut: Callable[[int, int], Iterable[bytes]] = words) -> set[int]:
        """The keys of a photo's hashes of other systems, `cut` into words."""
        return {self.key(kind, word) for kind, known, bits in foreign_hashes(photo) for word in cut(known, bits)}


@lru_cache(maxsize=64)
def _hasher(corpus: str) -> Hasher:
    return Hasher(corpus, WEIGHTS)


def account_keys(account: Account, corpus: str) -> frozenset[int]:
    """Compute the keys under which an account is stored: non-negative integers of `KEY_BITS` bits."""
    hasher = _hasher(corpus)
    keys = hasher.text_keys(account_values(account))
    if account.avatar is not None and photo_usable(account.avatar)[0]:
        views = {account.avatar.views[name] for name in STORED_VIEWS if name in account.avatar.views}
        keys.update(hasher.band_keys("photo", (band for view in views for band in bands(view))))
    elif account.avatar is not None and not account.avatar.views:
        keys |= hasher.foreign_keys(account.avatar)
    if account.display_name and account.avatar is not None and _is_common(name := parse_name(account.display_name)):
        keys |= hasher.text_keys(("name photo", value) for value in _cross_photo(name, account.avatar))
    return frozenset(keys)


@dataclass(frozen=True, slots=True)
class SubjectProbes:
    """The keys to ask an index of accounts for, each with its weight: those of texts, and bands of photo hashes."""

    texts: dict[int, float]
    bands: dict[int, float]


def weigh_probes(subject: Subject, corpus: str) -> SubjectProbes:
    """Compute the keys to ask for a subject, in no order."""
    hasher = _hasher(corpus)
    weights: dict[int, float] = {}
    for handle in subject.handles:
        for gram in set(gapped_grams(parse_handle(handle.text, handle.platform))):
            weights[hasher.text_key("handle gram", gram)] = GAPPED_GRAM_WEIGHT
    for kind, value in set(subject_values(subject)):
        weights[hasher.text_key(kind, value)] = WEIGHTS[kind]
    bands_: dict[int, float] = {}
    for photo in subject.photos:
        near, exact = _photo_bands(photo)
        bands_ = dict.fromkeys(hasher.band_keys("photo", near), NEAR_BAND_WEIGHT) | bands_
        bands_ |= dict.fromkeys(hasher.band_keys("photo", exact), WEIGHTS["photo"])
        for value in (value for name in subject.names for value in _cross_photo(parse_name(name), photo)):
            weights[hasher.text_key("name photo", value)] = WEIGHTS["name photo"]
        for kind, known, bits in foreign_hashes(photo) if photo_usable(photo)[0] else ():
            weights |= {hasher.key(kind, word): NEAR_BAND_WEIGHT for word in near_words(known, bits)}
            weights |= {hasher.key(kind, word): WEIGHTS[kind] for word in words(known, bits)}
    return SubjectProbes(weights, bands_)


def subject_probes(subject: Subject, corpus: str) -> tuple[Probe, ...]:
    """Compute the keys to ask for a subject, each once: those of names and handles first, then the heaviest first."""
    weighed = weigh_probes(subject, corpus)
    return (*_order(weighed.texts, photo=False), *_order(weighed.bands, photo=True))


def _order(weights: dict[int, float], *, photo: bool) -> Iterator[Probe]:
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return (Probe(key, weight, photo) for key, weight in ordered)


@dataclass(frozen=True, slots=True)
class NameKeys:
    """The stored keys of a name: of the whole, and of each part by its text."""

    whole: int
    parts: dict[str, int]


def name_keys(name: str, corpus: str) -> NameKeys:
    """Compute under which keys the bearers of a name, and those of its parts, are stored; for counting them."""
    hasher, parsed = _hasher(corpus), parse_name(name)
    texts = [part.text for part in parsed.parts[:_MAX_PARTS] if len(part.text) > 2]
    return NameKeys(
        whole=hasher.text_key("name", _whole(parsed)),
        parts={text: hasher.text_key("name part", skeleton(text)) for text in texts},
    )


def account_values(account: Account) -> Iterator[TypedValue]:
    """The texts under which an account is known, each with its type."""
    handle = parse_handle(account.handle, account.platform) if account.handle else None
    if handle is not None:
        yield from _handle_values(handle, stored_pieces)
    if account.display_name:
        name = parse_name(account.display_name)
        yield from _name_values(name, stored_pieces)
        if handle is not None and _is_common(name):
            yield from _cross_handle(name, handle)


def subject_values(subject: Subject) -> Iterator[TypedValue]:
    """The texts under which copies of a subject are looked for, each with its type.

    Names are crossed with handles whether or not they are common: an account's own spelling decides.
    """
    handles = [parse_handle(handle.text, handle.platform) for handle in subject.handles]
    for handle in handles:
        yield from _handle_values(handle, asked_pieces)
    for name in subject.names:
        parsed = parse_name(name)
        yield from _name_values(parsed, asked_pieces)
        for handle in handles:
            yield from _cross_handle(parsed, handle)
        # Handles built from the name, also when misspelt, and the name written as one word.
        for form in name_forms(name):
            yield "handle", skeleton(form)
        for joined in _joined(parsed):
            yield "name part", skeleton(joined)
            yield from (("handle piece", piece) for piece in asked_pieces(classes(joined)))


def _handle_values(handle: ParsedHandle, cut: Cut) -> Iterator[TypedValue]:
    if not handle.usable:
        # Two letters or none: nothing but the whole can be asked for.
        if handle.local:
            yield "handle", handle.local.casefold()
        return
    yield "handle", handle.skeleton
    yield "handle", handle.core_skeleton
    plain = handle.plain if len(handle.plain) > GRAM else handle.letters
    for letters in {plain, handle.core}:
        yield from (("handle piece", piece) for piece in cut(classes(letters)))
    for letters in {handle.plain, handle.core, handle.other.rstrip("0123456789")}:
        bare = consonants(letters)
        if len(bare) >= 3:
            yield "handle consonants", bare
    if numbers := _NUMBER.findall(handle.letters):
        yield "handle number", handle.seen[0] + numbers[-1]
    for gram in grams(handle.core_skeleton):
        yield "handle gram", gram


def _whole(name: Name) -> str:
    return next((value for kind, value in _name_values(name, stored_pieces) if kind == "name"), "")


def _cross_handle(name: Name, handle: ParsedHandle) -> Iterator[TypedValue]:
    """A whole name with what the handle adds to it, which tells its bearers apart."""
    if whole := _whole(name):
        yield from (("name handle", f"{whole} {piece}") for piece in _added(name, handle))


def _cross_photo(name: Name, photo: Photo) -> Iterator[str]:
    """A whole name with each piece of the photo."""
    if "whole" in photo.views and photo_usable(photo)[0] and (whole := _whole(name)):
        yield from (f"{whole} {piece}" for piece in pieces(photo.views["whole"]))


def _added(name: Name, handle: ParsedHandle) -> Iterator[str]:
    """The digits behind a handle, and its core without the parts of the name, where either is left."""
    digits = handle.letters[len(handle.plain) :]
    if digits:
        yield digits
    rest = handle.core_skeleton
    for part in sorted((skeleton(part.text) for part in name.parts[:_MAX_PARTS]), key=len, reverse=True):
        if len(part) > 1:
            rest = rest.replace(part, "", 1)
    if len(rest) > 2:
        yield rest[:MAX_LETTERS]


def _is_common(name: Name) -> bool:
    """Whether so many people bear a name that it takes more to tell them apart."""
    parts = [part.text for part in name.parts[:_MAX_PARTS] if len(part.text) > 1]
    ends = {*parts[:1], *parts[1:][-1:]}
    return bool(parts) and sum(name_bits(part, _WORLD) for part in ends) < _COMMON_BITS


def _name_values(name: Name, cut: Cut) -> Iterator[TypedValue]:
    parts = [part.text for part in name.parts[:_MAX_PARTS]]
    if not parts:
        # A name of symbols alone.
        if whole := clean(name.raw).strip().casefold():
            yield "name", whole[:MAX_LETTERS]
        return
    seen = [skeleton(part) for part in parts]
    full = [part for part in parts if len(part) > 1] or parts
    canonical = [skeleton(_canonical(part)) for part in full]
    joined = "".join(sorted(canonical))
    if len(full) > 1 or len(full[0]) > GRAM:
        yield "name", joined
        yield from (("name piece", piece) for piece in cut("".join(sorted(classes(part) for part in full))))
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


def _photo_bands(photo: Photo) -> tuple[list[int], list[int]]:
    """The bands to ask for with one bit turned over, and as they are."""
    if not photo_usable(photo)[0]:
        return [], []
    # The picture as it is gets the finer search; the variants make up for coarse changes already.
    plain = photo.probes[0] if photo.probes else photo.views.get("whole")
    near = [] if plain is None else list(near_bands(plain))
    return near, [band for value in asked_hashes(photo) for band in bands(value)]
