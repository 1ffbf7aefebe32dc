"""How impostors write somebody else's name and handle: one function a pattern, which may leave a text as it is.

The patterns are those that press reports, phishing lists and typosquatting tools show; see `NAME_ATTACKS` and
`HANDLE_ATTACKS`. Everything random comes from the `rng` that is passed in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

Attack = Callable[[random.Random, str], str]

_CYRILLIC = str.maketrans("aeopcxyABEHKMOPTX", "аеорсхуАВЕНКМОРТХ")
_GREEK = str.maketrans("oABEHIKMNOPTXZ", "οΑΒΕΗΙΚΜΝΟΡΤΧΖ")
_LEET = str.maketrans("oieast", "013457")
_ACCENTS = str.maketrans("aeiouncs", "áéíóúñçš")
_KEYS = {
    c: near for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for c, near in zip(row, row[1:] + row[-2], strict=True)
}
_WORDS = ("official", "real", "the", "its", "hq", "team", "support", "backup", "page")


def _each(table: Mapping[int, int | str], share: float = 0.5) -> Attack:
    """Replace about this share of the letters that the table knows, at least one."""

    def attack(rng: random.Random, text: str) -> str:
        places = [at for at, char in enumerate(text) if ord(char) in table]
        chosen = set(rng.sample(places, max(1, round(share * len(places))))) if places else set()
        return "".join(char.translate(table) if at in chosen else char for at, char in enumerate(text))

    return attack


def _once(old: str, new: str) -> Attack:
    return lambda _rng, text: text.replace(old, new, 1)


def _shift(upper: int, lower: int) -> Attack:
    """Write ASCII letters in a styled alphabet of Unicode that starts at these code points."""
    table = {ord("A") + at: upper + at for at in range(26)} | {ord("a") + at: lower + at for at in range(26)}
    return lambda _rng, text: text.translate(table)


def _place(rng: random.Random, text: str) -> int:
    """A place inside the text where a letter stands between two letters; -1 if there is none."""
    places = [at for at in range(1, len(text) - 1) if text[at - 1 : at + 2].isalpha()]
    return rng.choice(places) if places else -1


def _edit(change: Callable[[str, str, str], str]) -> Attack:
    """Change one letter inside a word: `change` gets what is before it, the letter, and what follows."""

    def attack(rng: random.Random, text: str) -> str:
        at = _place(rng, text)
        return text if at < 0 else change(text[:at], text[at], text[at + 1 :])

    return attack


def _parts(change: Callable[[random.Random, list[str]], str]) -> Attack:
    """Change a name of two parts or more by its parts."""

    def attack(rng: random.Random, text: str) -> str:
        # "Jr." behind a comma is no surname.
        parts = text.partition(",")[0].split()
        return change(rng, parts) if len(parts) > 1 else text

    return attack


def _neighbour(before: str, char: str, after: str) -> str:
    return before + _KEYS.get(char.lower(), char) + after


def _drop_vowels(_rng: random.Random, text: str) -> str:
    bare = text[:1] + "".join(char for char in text[1:] if char.lower() not in "aeiou")
    return bare if len(bare) >= 5 else text


def _swap(before: str, char: str, after: str) -> str:
    return before + after[0] + char + after[1:]


_EDITS: dict[str, Attack] = {
    "letter doubled": _edit(lambda before, char, after: before + char * 2 + after),
    "letter left out": _edit(lambda before, _char, after: before + after),
    "letters exchanged": _edit(_swap),
    "neighbouring key": _edit(_neighbour),
    "leetspeak": _each(_LEET),
    "capital I for l": _once("l", "I"),
    "rn for m": _once("m", "rn"),
    "vv for w": _once("w", "vv"),
    "cl for d": _once("d", "cl"),
    "Cyrillic letters": _each(_CYRILLIC),
    "Greek letters": _each(_GREEK),
}

NAME_ATTACKS: dict[str, Attack] = {
    **_EDITS,
    "fullwidth letters": _shift(0xFF21, 0xFF41),
    "mathematical bold": _shift(0x1D400, 0x1D41A),
    "mathematical sans": _shift(0x1D5A0, 0x1D5BA),
    "invisible letters": _edit(lambda before, char, after: before + char + "\u200b" + after),
    "accents": _each(_ACCENTS, 0.2),
    "affix": _parts(lambda rng, parts: f"{' '.join(parts)} {rng.choice(('Official', '(Real)', 'HQ', 'Team'))}"),
    "emoji": _parts(lambda rng, parts: f"{' '.join(parts)} {rng.choice('✅✔🔥⭐')}"),
    "title": _parts(lambda rng, parts: f"{rng.choice(('Dr.', 'Sen.', 'Rep.', 'Mr.'))} {' '.join(parts)}"),
    "parts exchanged": _parts(lambda _rng, parts: f"{parts[-1]} {' '.join(parts[:-1])}"),
    "first initial": _parts(lambda _rng, parts: f"{parts[0][0]}. {parts[-1]}"),
    "double surname": _parts(lambda rng, parts: f"{' '.join(parts)}-{rng.choice(('Smith', 'Miller', 'Lopez'))}"),
    "without the space": _parts(lambda _rng, parts: "".join(parts)),
}

HANDLE_ATTACKS: dict[str, Attack] = {
    **_EDITS,
    "vowels left out": _drop_vowels,
    "underscore inside": _edit(lambda before, char, after: f"{before}_{char}{after}"),
    "underscore behind": lambda _rng, text: f"{text}_",
    "dot inside": _edit(lambda before, char, after: f"{before}.{char}{after}"),
    "digits behind": lambda rng, text: f"{text}{rng.randint(1, 9999)}",
    "year behind": lambda rng, text: f"{text}{rng.randint(1950, 2024)}",
    "word in front": lambda rng, text: f"{rng.choice(_WORDS)}{text}",
    "word behind": lambda rng, text: f"{text}_{rng.choice(_WORDS)}",
    "last letter doubled": lambda _rng, text: text + text[-1:],
    "s behind": lambda _rng, text: f"{text}s",
    "y for i": _once("i", "y"),
}


def attack_all(rng: random.Random, text: str, attacks: Mapping[str, Attack]) -> Iterator[tuple[str, str]]:
    """Every attack on a text that changes it, as (pattern, attacked text)."""
    for pattern, attack in attacks.items():
        attacked = attack(rng, text)
        if attacked != text:
            yield pattern, attacked
