"""What is remembered of texts between scans is bounded, and so little that a service soon stops growing."""

from __future__ import annotations

import gc
import string
from functools import _lru_cache_wrapper
from random import Random
from typing import Any

from matchers.keys import account_keys, subject_probes
from matchers.model import judge
from matchers.profile import Account, Handle, Subject
from matchers.world import World

CANDIDATES = 40


def test_a_hundred_scans_fill_what_is_remembered_of_texts() -> None:
    chance = Random(1)  # noqa: S311  # the same texts each time, guards nothing
    for cache in _caches():
        cache.cache_clear()
    for _ in range(100):
        _scan(chance)
    before = {_name(cache): cache.cache_info().currsize for cache in _caches()}
    for _ in range(20):
        _scan(chance)
    grown = {_name(cache): cache.cache_info().currsize - before[_name(cache)] for cache in _caches()}
    assert len(grown) > 30
    assert {name: more for name, more in grown.items() if more} == {}


def test_one_scan_finds_what_it_read_before() -> None:
    """A cache smaller than what one scan reads would forget each text before it is read again."""
    smallest = min(cache.cache_info().maxsize for cache in _caches() if cache.cache_info().maxsize > 1)
    assert smallest >= 64
    for name in ("study", "parse_name", "parse_handle", "fold", "skeleton"):
        [size] = [cache.cache_info().maxsize for cache in _caches() if cache.__name__ == name]
        assert size >= 500


def _scan(chance: Random) -> None:
    """Judge strangers, and copies of a name and handle that nobody else has."""
    name = f"{_word(chance)} {_word(chance)}".title()
    subject = Subject(names=(name,), handles=(Handle(name.replace(" ", "").lower(), "x"),), bio=_word(chance))
    subject_probes(subject, "default")
    for _ in range(CANDIDATES):
        shown = chance.choice([name, f"{name} {_word(chance).title()}", f"{name.split()[0]} {_word(chance).title()}"])
        handle = shown.replace(" ", "").lower() + _word(chance)[: chance.randrange(5)] + str(chance.randrange(1_000))
        account = Account("x", handle, display_name=shown, bio=f"{_word(chance)} {_word(chance)}")
        account_keys(account, "default")
        judge(subject, account, World())


def _word(chance: Random) -> str:
    return "".join(chance.choice("aeiou" if at % 2 else string.ascii_lowercase) for at in range(chance.randint(4, 8)))


def _caches() -> list[Any]:
    return [
        found
        for found in gc.get_objects()
        if isinstance(found, _lru_cache_wrapper) and getattr(found, "__module__", "").startswith("matchers.")
    ]


def _name(cache: Any) -> str:
    return f"{cache.__module__}.{cache.__qualname__}"
