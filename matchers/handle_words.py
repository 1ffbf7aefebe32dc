"""Words that people glue to a handle without changing whose it seems to be, and words that say it is not theirs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

# What must remain of a handle beside a disclosure glued to it.
_MIN_REST = 4
_WORD = re.compile(r"[a-z]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class HandleWords:
    """The word lists of data/handle_words.tsv; `affixes` hold the offices too, the longest word first."""

    affixes: tuple[str, ...]
    alone: frozenset[str]
    anywhere: tuple[str, ...]
    at_end: tuple[str, ...]
    at_start: tuple[str, ...]
    innocent_ends: tuple[str, ...]


@lru_cache(maxsize=1)
def load_words() -> HandleWords:
    """Read the word lists once."""
    kinds: dict[str, list[str]] = {}
    text = files("matchers").joinpath("data/handle_words.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            word, _, kind = line.partition("\t")
            kinds.setdefault(kind, []).append(word)
    return HandleWords(
        affixes=tuple(sorted({*kinds["affix"], *kinds["office"]}, key=lambda word: (-len(word), word))),
        alone=frozenset(kinds["alone"]),
        anywhere=tuple(kinds["anywhere"]),
        at_end=tuple(kinds["end"]),
        at_start=tuple(kinds["start"]),
        innocent_ends=tuple(kinds["innocent end"]),
    )


def find_disclosures(local: str) -> tuple[str, ...]:
    """List the words by which a handle's local part (folded, case kept) says that it is a parody, fan page or bot.

    "fantastic", "stanley", "infant" and "talbot" say nothing.
    """
    table = load_words()
    words = _WORD.findall(_CAMEL.sub(" ", local).lower())
    if len(words) == 1 and words[0] in table.alone:
        # A handle that is nothing but such a word speaks of nobody.
        return ()
    # "not" denies only what follows it.
    found = [word for at, word in enumerate(words) if word in table.alone and (word != "not" or at + 1 < len(words))]
    glued = "".join(words)
    found += [word for word in table.anywhere if word in glued]
    if not glued.endswith(table.innocent_ends):
        found += [word for word in table.at_end if glued.endswith(word) and len(glued) - len(word) >= _MIN_REST]
    found += [word for word in table.at_start if glued.startswith(word) and len(glued) - len(word) >= _MIN_REST]
    return tuple(dict.fromkeys(found))
