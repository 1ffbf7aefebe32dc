"""Sentences made below the pages, said in the reader's language.

They are made in English, once, where they belong: by signals, sources, checks of a form. `make messages` reads their
templates out of that code ("{own} is left out") into sentences.json. Here the template of a sentence is found again,
what was put into it is taken out, and the translated template is filled with that. So nothing is stored twice, old
scans speak every language, and what no template fits stays as it is: it is somebody's data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import zip_longest
from pathlib import Path

from app.plain_text import plain

TEMPLATES = Path(__file__).parent / "sentences.json"
# Values that are sentences or words of ours themselves; all others are names, figures and the like.
NESTED = frozenset(
    {"told", "changed", "rarity", "how", "reasons", "why", "where", "label", "proves", "needed", "blind", "UNSEEN"}
)
# How sentences are put together, the loosest joint first.
_JOINTS = (". ", "; ", ": ", ", ")
_VALUE = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+")
# Nothing longer is taken apart, nor anything deeper.
MAX_LENGTH = 2_000
_MAX_DEPTH = 5
# More parts than this no text of ours has; a stranger's may have any number.
_MOST_PARTS = 24


@dataclass(frozen=True)
class Template:
    """A sentence with places for values: the fixed pieces around them, one more than there are names."""

    message: str
    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def read(cls, message: str) -> Template:
        """Take a message apart."""
        parts = _VALUE.split(message)
        return cls(message, tuple(parts[::2]), tuple(parts[1::2]))

    @cached_property
    def weight(self) -> int:
        """How many letters are fixed: of two templates that fit, the heavier says more."""
        return sum(map(len, self.pieces))

    def match(self, text: str) -> dict[str, str] | None:
        """What was put into the template to make `text`; None where it was made from another."""
        first, *inner, last = self.pieces
        if len(text) < self.weight or not (text.startswith(first) and text.endswith(last)):
            return None
        rest = text[len(first) : len(text) - len(last)]
        values = []
        for piece in inner:
            value, found, rest = rest.partition(piece)
            if not found:
                return None
            values.append(value)
        values.append(rest)
        return dict(zip(self.names, values, strict=True))


@cache
def _templates() -> Mapping[str, tuple[Template, ...]]:
    """The templates with values by the first two letters of what they begin with, the heaviest first."""
    found: dict[str, list[Template]] = {}
    for message in json.loads(TEMPLATES.read_text(encoding="utf-8")):
        if "{" in message:
            template = Template.read(message)
            found.setdefault(template.pieces[0][:2], []).append(template)
    return {start: tuple(sorted(group, key=lambda one: -one.weight)) for start, group in found.items()}


@cache
def _known() -> frozenset[str]:
    return frozenset(json.loads(TEMPLATES.read_text(encoding="utf-8")))


@lru_cache(maxsize=2_000)
def _candidates(start: str) -> tuple[Template, ...]:
    """The templates that a text which starts so may be made from, the heaviest first."""
    known = _templates()
    found = [one for length in (2, 1, 0) for one in known.get(start[:length], ())]
    return tuple(sorted(set(found), key=lambda one: (-one.weight, one.message)))


class Speaker:
    """Says sentences in one language; `translate` looks a message up, and gives it back where it is not known."""

    def __init__(self, translate: Callable[[str], str], mark: str) -> None:
        """Take the catalogue's look-up and the sign between thousands."""
        self._translate = translate
        self._mark = mark

    def say(self, text: object, limit: int = MAX_LENGTH) -> str:
        """Say a sentence that was made below, safe to show; what is none of ours comes back as it was."""
        shown = plain(text, limit)
        return self._say(shown, 0) or shown

    def _say(self, text: str, depth: int) -> str | None:
        """The sentence in this language; None where no template fits."""
        bare, stop = (text[:-1], ".") if text.endswith(".") else (text, "")
        if not bare or depth > _MAX_DEPTH:
            return None
        if bare in _known():
            return self._translate(bare) + stop
        said = self._fill(bare, depth, strict=True) or self._split(bare, depth) or self._fill(bare, depth, strict=False)
        return None if said is None else said + stop

    def _fill(self, text: str, depth: int, *, strict: bool) -> str | None:
        """Say by a template. `strict`: only where names look like names and sentences within are known too."""
        for template in _candidates(text[:2]):
            values = template.match(text)
            if values is None:
                continue
            told = {name: self._value(name, value, depth, strict) for name, value in values.items()}
            if None in told.values():
                continue
            wording = Template.read(self._translate(template.message))
            filled = [told.get(name) or "" for name in wording.names]
            return "".join(map("".join, zip_longest(wording.pieces, filled, fillvalue="")))
        return None

    def _split(self, text: str, depth: int) -> str | None:
        """Say the parts of a text one by one, cut where most is known of them."""
        best = self._split_off(text, depth)
        if best is not None:
            return best
        for joint in _JOINTS:
            parts = text.split(joint)
            said = [self._say(part, depth + 1) for part in parts] if 1 < len(parts) <= _MOST_PARTS else []
            known = [part is not None for part in said]
            if any(known) and (best is None or all(known)):
                best = joint.join(old if new is None else new for new, old in zip(said, parts, strict=True))
            if known and all(known):
                break
        return best

    def _split_off(self, text: str, depth: int) -> str | None:
        """Say a text that ends with a known one of several sentences, as notes of routes do."""
        for cut in re.finditer(r"\. ", text):
            head, tail = text[: cut.start()], text[cut.end() :]
            if tail in _known():
                return f"{self._say(head, depth + 1) or head}. {self._translate(tail)}"
        return None

    def _value(self, name: str, value: str, depth: int, strict: bool) -> str | None:
        """A value as it stands in the sentence; None where it does not look like one of this name."""
        if name in NESTED:
            return self._say(value, depth + 1) or (None if strict else value)
        if strict and any(joint in value for joint in _JOINTS):
            # Likelier the next sentence than part of a name.
            return None
        return value.replace(",", self._mark) if _NUMBER.fullmatch(value) else value
