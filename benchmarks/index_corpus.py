"""The accounts of the index benchmark: streamed, the same in every run, as many as are wanted.

People: 55 % by US census frequency (the package `names`, 88,799 surnames), 33 % by the frequencies of 25 other regions
(`matchers/data/name_regions.tsv.gz`), a third of those in their own script, 12 % words. Handles as people make them,
each once per platform. Two thirds wear a photo: random bits, since two strangers' portraits share nothing; a tenth of
the photos belong to clusters of near-duplicates whose sizes follow Zipf's law, as default pictures and memes do.

Evenly spread among them stand plants: a person's own account and right behind it a clone of it, alternately for
choosing (`development`) and for figures (`test`). The cloner changes name and handle by `benchmarks.attacks` in the
mix that is described at `_Cloner`.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Literal
from zlib import crc32

import names

from app.demo.population import Person, Registry, draw_platform, fit_handle, make_handle, show_name
from app.platforms.catalogue import load_catalogue
from benchmarks.attacks import HANDLE_ATTACKS, NAME_ATTACKS, Attack
from benchmarks.transliteration import write_in
from matchers.name_regions import ENGLISH, Frequency, find_regions, load_regions
from matchers.name_spellings import load_spellings
from matchers.photo_scheme import BITS

Split = Literal["development", "test"]
SPLITS: tuple[Split, Split] = ("development", "test")
SEED = 20261124
# Plants of each split among 10,000 accounts or fewer, and at most.
PLANTS = 2_000
VIEWS = ("whole", "center")

_WITH_PHOTO = 0.66
_CLUSTERED = 0.1
_CLUSTERS = 20_000
# Bits by which the pictures of a cluster differ from its middle, at most: encodings and sizes.
_CLUSTER_BITS = 12
# Everyday words of handles and page names; our own list.
_WORDS = (Path(__file__).parent / "data" / "index_words.txt").read_text(encoding="ascii").split()
_SCRIPTS = {"zh": "CJK", "ja": "CJK", "ko": "HANGUL", "ar": "ARABIC", "he": "HEBREW"}
_ALPHABETS = {"ru": "Cyrillic", "uk": "Cyrillic", "yu": "Cyrillic", "el": "Greek", "in": "Devanagari"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One account: number in the corpus from 1, platform, handle, display name, two views of its photo or none."""

    number: int
    platform: str
    handle: str
    name: str
    views: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Planted:
    """A person whose account is in the corpus, and its clone: what was changed, and by how many bits the photo."""

    split: Split
    own: Drawn
    clone: Drawn
    change: str
    flips: int


class Handles(Registry):
    """Which handles are taken, in 512 megabytes at most; among ten million one in 400 is refused wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self._bits = bytearray(1 << 29)
        self._fold = load_catalogue().handle_key

    def reserve(self, platform: str, handle: str) -> bool:
        """Take a handle; False when somebody has it."""
        at = crc32(f"{platform}|{self._fold(platform, handle)}".encode())
        if self._bits[at >> 3] >> (at & 7) & 1:
            return False
        self._bits[at >> 3] |= 1 << (at & 7)
        return True


class _Table:
    """Names with the sums of their frequencies."""

    def __init__(self, rows: list[tuple[str, float]]) -> None:
        self._names = [name for name, _ in rows]
        self._sums = list(accumulate(share for _, share in rows))

    def draw(self, rng: random.Random) -> str:
        at = bisect(self._sums, rng.random() * self._sums[-1])
        return self._names[min(at, len(self._names) - 1)]


def _read_census(kind: str) -> _Table:
    lines = Path(names.FILES[kind]).read_text(encoding="ascii").splitlines()
    return _Table([(cells[0].lower(), float(cells[1])) for cells in map(str.split, lines)])


def _tabulate(rows: Mapping[str, Mapping[str, Frequency]], code: str, at: int) -> _Table:
    """The given names (0) or surnames (1) of a region; where it lists no surnames, its given names serve as such."""
    listed = [(name, shares[code]) for name, shares in rows.items() if code in shares]
    return _Table([(name, share[at]) for name, share in listed if share[at]] or [(n, s[0]) for n, s in listed if s[0]])


class People:
    """Draws people by the frequency of their names, with the way they write them."""

    def __init__(self) -> None:
        self._given = (_read_census("first:female"), _read_census("first:male"))
        self._surnames = _read_census("last")
        known = load_regions()
        rows = {name: find_regions.__wrapped__(name) for name in known.rows}
        self._regions = [code for code in known.regions if code != ENGLISH]
        self._weights = [known.regions[code].weight for code in self._regions]
        self._tables = {code: (_tabulate(rows, code, 0), _tabulate(rows, code, 1)) for code in self._regions}

    def draw(self, rng: random.Random) -> tuple[Person, str]:
        """A person, and the name as it is shown."""
        kind = rng.random()
        if kind < 0.12:
            person = Person(rng.choice(_WORDS), rng.choice(_WORDS) + rng.choice(("", "", "s", "er", "hq")))
            return person, show_name(rng, person)
        if kind < 0.67:
            person = Person(rng.choice(self._given).draw(rng), self._surnames.draw(rng))
            return person, show_name(rng, person)
        (code,) = rng.choices(self._regions, self._weights)
        given, surnames = self._tables[code]
        person = Person(given.draw(rng), surnames.draw(rng))
        if rng.random() < 1 / 3 and (written := _write(code, person)):
            return person, written
        return person, show_name(rng, person)


def _write(code: str, person: Person) -> str | None:
    """A name in the script of its region; None where that is Latin or the spelling is not known."""
    if code in _ALPHABETS:
        return f"{_spell(_ALPHABETS[code], person.given)} {_spell(_ALPHABETS[code], person.surname)}"
    given, surname = (_original(_SCRIPTS.get(code, ""), text) for text in (person.given, person.surname))
    if given is None or surname is None:
        return None
    return surname + given if code in {"zh", "ja", "ko"} else f"{given} {surname}"


@lru_cache(maxsize=50_000)
def _spell(alphabet: str, text: str) -> str:
    return write_in(alphabet, text)


@lru_cache(maxsize=1)
def _originals() -> dict[tuple[str, int], str]:
    """The shortest spelling of each name of the table in each script."""
    marks = (
        ("CJK", "\u4e00", "\u9fff"),
        ("HANGUL", "\uac00", "\ud7a3"),
        ("ARABIC", "\u0620", "\u06ff"),
        ("HEBREW", "א", "ת"),
    )
    found: dict[tuple[str, int], str] = {}
    for form, numbers in load_spellings().items():
        for script, first, last in marks:
            # Some labels say "surname" or "given name" at their end.
            if first <= form[0] <= last and form[-1] not in "姓名":
                for number in numbers:
                    known = found.get((script, number))
                    if known is None or (len(form), form) < (len(known), known):
                        found[script, number] = form
    return found


@lru_cache(maxsize=50_000)
def _original(script: str, text: str) -> str | None:
    forms = (_originals().get((script, number)) for number in load_spellings().get(text, ()))
    return next((form for form in forms if form), None)


class Photos:
    """Draws the views of photos."""

    def __init__(self) -> None:
        self._sums = list(accumulate(1 / rank for rank in range(1, _CLUSTERS + 1)))

    def draw(self, rng: random.Random) -> tuple[int, ...]:
        """The views of a photo; none for an account without one."""
        if rng.random() >= _WITH_PHOTO:
            return ()
        if rng.random() >= _CLUSTERED:
            return tuple(rng.getrandbits(BITS) for _ in VIEWS)
        middle = random.Random(f"cluster:{bisect(self._sums, rng.random() * self._sums[-1])}")
        return tuple(flip(rng, middle.getrandbits(BITS), rng.randint(0, _CLUSTER_BITS)) for _ in VIEWS)


def flip(rng: random.Random, value: int, bits: int) -> int:
    """Turn over this many bits of a hash."""
    for place in rng.sample(range(BITS), bits):
        value ^= 1 << place
    return value


def _word_handle(rng: random.Random) -> str:
    """A handle that says nothing about a name."""
    if rng.random() < 0.4:
        return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=rng.randint(6, 11)))
    number = rng.choice(("", str(rng.randint(1, 99)), str(rng.randint(100, 9999))))
    return rng.choice(_WORDS) + rng.choice(("", "_", "")) + rng.choice(_WORDS) + number


def _attack_once(rng: random.Random, text: str, attacks: dict[str, Attack]) -> tuple[str, str]:
    """One attack that changes the text; the text itself where none does in some tries."""
    for _ in range(10):
        kind, attack = rng.choice(list(attacks.items()))
        if (changed := attack(rng, text)) != text:
            return kind, changed
    return "none", text


class _Cloner:
    """Copies an account.

    The handle has one change (55 %) or two (35 %), or is another one altogether (10 %); the name has none (40 %), one
    (45 %) or two (15 %); 0 to 40 bits of each view of the photo are turned over.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def clone(self, rng: random.Random, own: Drawn, number: int, split: Split) -> Planted:
        unrelated = rng.random() < 0.1
        changes: list[str] = []
        handle, name = own.handle.removesuffix(".bsky.social"), own.name
        if unrelated:
            handle = _word_handle(rng)
        for _ in range(0 if unrelated else 1 + (rng.random() < 0.39)):
            kind, handle = _attack_once(rng, handle, HANDLE_ATTACKS)
            changes.append(kind)
        for _ in range(rng.choices((0, 1, 2), (40, 45, 15))[0]):
            kind, name = _attack_once(rng, name, NAME_ATTACKS)
            changes.append(f"name: {kind}")
        flips = rng.randint(0, 40)
        views = tuple(flip(rng, view, flips) for view in own.views)
        platform = draw_platform(rng)
        handle = self._corpus.registry.pick(rng, platform, lambda: handle)
        clone = Drawn(number, platform, handle, name, views)
        return Planted(split, own, clone, "unrelated handle" if unrelated else " + ".join(changes), flips)


class Corpus:
    """Streams `size` accounts; `planted` is complete once they have run out."""

    def __init__(self, size: int, seed: int = SEED, plants: int = PLANTS) -> None:
        self.size = size
        self.seed = seed
        self.registry = Handles()
        self.planted: list[Planted] = []
        # Evenly spread, and at most every fifth account.
        self._every = max(size // (2 * plants), 5)
        self._people = People()
        self._photos = Photos()

    def __iter__(self) -> Iterator[Drawn]:
        """The accounts, numbered from 1."""
        rng, cloner = random.Random(f"accounts:{self.seed}"), _Cloner(self)
        plants = 0
        number = 0
        while number < self.size:
            number += 1
            account = self._draw(rng, number)
            if number % self._every == 1 and number < self.size:
                split = SPLITS[plants % 2]
                chance = random.Random(f"{split}:{self.seed}:{plants}")
                own = self._draw(chance, number, photo=True)
                yield own
                number += 1
                self.planted.append(cloner.clone(chance, own, number, split))
                plants += 1
                account = self.planted[-1].clone
            yield account

    def _draw(self, rng: random.Random, number: int, *, photo: bool = False) -> Drawn:
        person, shown = self._people.draw(rng)
        platform = draw_platform(rng)
        plain = rng.random() >= 0.1

        def make() -> str:
            return make_handle(rng, person, platform) if plain else fit_handle(_word_handle(rng), platform)

        views = tuple(rng.getrandbits(BITS) for _ in VIEWS) if photo else self._photos.draw(rng)
        return Drawn(number, platform, self.registry.pick(rng, platform, make), shown, views)
