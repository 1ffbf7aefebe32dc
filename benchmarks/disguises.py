"""How a cloner writes somebody else's name and handle."""

from __future__ import annotations

import random

AFFIXES = ("real{}", "the{}", "{}official", "its{}", "{}hq", "{}.official", "official.{}")
_SWAPS = (("l", "I"), ("o", "0"), ("m", "rn"), ("w", "vv"), ("e", "3"), ("i", "1"), ("s", "5"), ("a", "4"), ("d", "cl"))
_CYRILLIC = str.maketrans("aeopcxyABEHKMOPTX", "аеорсхуАВЕНКМОРТХ")


def imitate(rng: random.Random, handle: str) -> str:
    """Change a handle in one place so that the eye passes over it; `handle` has four characters or more."""
    at = rng.randrange(2, len(handle) - 1)
    head, char, tail = handle[:at], handle[at], handle[at + 1 :]
    ways = [handle.replace(old, new, 1) for old, new in _SWAPS if old in handle]
    ways += [head + char + char + tail, head + tail, head + "_" + char + tail]
    ways.append(head[:-1] + char + head[-1] + tail)
    return rng.choice([way for way in ways if way != handle])


def disguise(rng: random.Random, name: str) -> str:
    """Write one to three letters of a name in Cyrillic."""
    places = [i for i, c in enumerate(name) if c.translate(_CYRILLIC) != c]
    chosen = set(rng.sample(places, min(len(places), rng.randint(1, 3))))
    return "".join(c.translate(_CYRILLIC) if i in chosen else c for i, c in enumerate(name))
