"""What an impostor's handle may be made from: the subject's handles, and the handles that a name makes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from matchers.background import letter_bits
from matchers.handle_forms import MIN_LETTERS, ParsedHandle, classes, letter_mask, parse_handle
from matchers.name_variants import load_variants
from matchers.names import parse_name
from matchers.profile import Handle

# Gate: a handle that has fewer of the subject's letters in their order is not aligned at all.
_GATE_SHARE = 0.6
# A letter of an office or affix that both handles wear ("rep", "official") says next to nothing.
_AFFIX_WORTH = 1.0
# A form of the name shorter than this is not recognised when misspelt.
_MISSPELT_FORM = 6
# Vowels left out: fewer consonants than this are chance.
_BARE = 5
_MAX_PARTS = 4
_MIN_FORM = 4
_MAX_NICKNAMES = 12
_NO_VOWELS = str.maketrans("", "", "aeiou")


@dataclass(frozen=True, slots=True)
class Source:
    """What a handle may have been made from, as letters.

    `core` are the letters that count in full, `seen` the letters by look, `mask` their set, `needed` how many of them a
    handle must hold in order to be looked at, `spare` how many kinds of them it may lack for that; `bare` the letters
    without vowels, empty where too few. They come from the subject's `handle` on `platform` or from the subject's
    `name`; an `exact` source is too short to be recognised when misspelt.
    """

    letters: str
    core: str
    seen: str
    mask: int
    needed: int
    spare: int
    bare: str = ""
    exact: bool = False
    handle: ParsedHandle | None = None
    platform: str | None = None
    name: str | None = None

    @property
    def worth(self) -> float:
        """The mean surprise of a letter in bits; of most sources nobody asks."""
        return _mean_worth(self.letters, self.core)


@lru_cache(maxsize=64)
def list_sources(handles: tuple[Handle, ...], names: tuple[str, ...]) -> tuple[Source, ...]:
    """Everything a handle may have been made from to be taken for the subject's, each text once."""
    sources: dict[str, Source] = {}
    for handle in handles:
        parsed = parse_handle(handle.text, handle.platform)
        for letters in (parsed.letters, parsed.core):
            if len(letters) >= MIN_LETTERS:
                where = f"{handle.platform}@{parsed.host}/{letters}"
                sources.setdefault(where, _make_source(letters, parsed.core, parsed, handle.platform))
    known = {source.letters for source in sources.values()}
    for name in names:
        for form in name_forms(name):
            if form not in known:
                sources.setdefault(form, _make_source(form, form, name=name))
    return tuple(sources.values())


def _make_source(
    letters: str,
    core: str,
    handle: ParsedHandle | None = None,
    platform: str | None = None,
    name: str | None = None,
) -> Source:
    seen = classes(letters)
    bare = letters[0] + letters[1:].translate(_NO_VOWELS)
    needed = ceil(_GATE_SHARE * len(seen))
    return Source(
        letters=letters,
        core=core,
        seen=seen,
        mask=letter_mask(seen),
        needed=needed,
        spare=len(seen) - needed,
        bare=bare if len(bare) >= _BARE and bare != letters and (handle or letters == core) else "",
        exact=name is not None and len(letters) < _MISSPELT_FORM,
        handle=handle,
        platform=platform,
        name=name,
    )


@lru_cache(maxsize=500)
def _mean_worth(letters: str, core: str) -> float:
    around = letters.replace(core, "", 1)
    affixes = sum(not c.isdigit() for c in around)
    total = count_bits(core) + count_bits("".join(c for c in around if c.isdigit())) + _AFFIX_WORTH * affixes
    return total / len(letters)


@lru_cache(maxsize=500)
def count_bits(letters: str) -> float:
    """Bits of a whole text among handles."""
    return sum(letter_bits(letters))


@lru_cache(maxsize=500)
def full_forms(name: str) -> tuple[str, ...]:
    """The name as one word, in both orders, with and without what stands between first and last: janedoe, doejane."""
    forms: dict[str, None] = {}
    for texts in _readings(name):
        forms.update(dict.fromkeys(("".join(texts), texts[0] + texts[-1], texts[-1] + texts[0])))
        if len(texts) == 1:
            forms = {texts[0]: None}
    return tuple(form for form in forms if len(form) >= _MIN_FORM)


@lru_cache(maxsize=500)
def name_forms(name: str) -> tuple[str, ...]:
    """Handles that people make of a name, in lower-case letters: the full forms, and jdoe, doej, janed."""
    forms = dict.fromkeys(full_forms(name))
    for texts in _readings(name):
        first, last = texts[0], texts[-1]
        if len(texts) > 1:
            forms.update(dict.fromkeys((first[0] + last, last + first[0], first + last[0])))
        if len(texts) > 2:
            # Hyde-Smith: all surnames together, with the first name, its initial, or alone.
            rest = "".join(texts[1:])
            forms.update(dict.fromkeys((first + rest, first[0] + rest, rest)))
    return tuple(form for form in forms if len(form) >= _MIN_FORM)


@lru_cache(maxsize=500)
def nickname_forms(name: str) -> tuple[str, ...]:
    """Handles that people make of a name with a short form of its first part: timkennedy of Timothy Kennedy."""
    parts = parse_name(name).parts[:_MAX_PARTS]
    if len(parts) < 2:
        return ()
    last = parts[-1].text
    short = sorted(load_variants().nicknames.get(parts[0].text, ()))[:_MAX_NICKNAMES]
    return tuple(form for nickname in short for form in (nickname + last, last + nickname))


def _readings(name: str) -> list[list[str]]:
    """The parts of a name in their main reading, and in another Latin one where there is any."""
    parts = parse_name(name).parts[:_MAX_PARTS]
    if not parts:
        return []
    main = [part.text for part in parts]
    other = [next((f for f in part.forms[1:] if f.isascii() and f.isalpha()), part.text) for part in parts]
    return [main] if other == main else [main, other]
