"""A handle taken apart: local part and host, letters with their places, affixes and digits set aside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from matchers.handle_words import find_disclosures, load_words
from matchers.text import LOOKALIKE_ASCII, fold, skeleton

# Longer handles exist on no platform; the bound keeps hostile input cheap.
MAX_LENGTH = 64
# Fewer letters than this identify nobody.
MIN_LETTERS = 3
# What must remain of a handle when an affix is taken off.
_MIN_CORE = 4
# Platforms on which a handle is a domain name.
_DOMAIN_PLATFORMS = frozenset({"bluesky", "bsky", "website"})
# Hosts that give everybody a name under theirs, and country registries that do.
_SHARED_HOSTS = ("bsky.social", "github.io", "substack.com", "co.uk", "org.uk", "com.br", "com.au", "co.jp", "co.in")
_LEET = str.maketrans("013457$@|!8962", "oieastsalibggz")
# A letter's place in a mask: 48 to 122 is "0" to "z".
_BITS = {chr(48 + at): 1 << at for at in range(75)}
_CAPITAL_I = re.compile(r"(?<=[a-z])I(?=[a-z0-9_.\-]|$)")


@dataclass(frozen=True, slots=True)
class ParsedHandle:
    """A handle taken apart.

    `local` is the handle without host, as written, from code point `start` on; `host` the rest ("evil.example").
    `letters` are the letters and digits of the local part, look-alikes folded, in lower case; `places[i]` is the code
    point of `raw` that gave `letters[i]`. `other` is a second reading of the letters in which a capital I inside a
    lower-case word is an l, or the same; `seen` are the letters by the class of what looks like them, `mask` their set
    as bits. `plain` are the letters without trailing digits, `core` without affixes and offices either; `affixes` what
    was taken off. `skeleton` and `core_skeleton` are `matchers.text.skeleton` of the local part and of the core.
    """

    raw: str
    local: str
    host: str | None
    letters: str
    other: str
    seen: str
    mask: int
    start: int
    places: tuple[int, ...]
    plain: str
    core: str
    affixes: tuple[str, ...]
    skeleton: str
    core_skeleton: str

    @property
    def usable(self) -> bool:
        """Whether the handle has letters enough to say whose it is."""
        return len(self.letters) >= MIN_LETTERS


@lru_cache(maxsize=500)
def parse_handle(text: str, platform: str | None = None) -> ParsedHandle:
    """Take a handle apart. Never raises; of a very long text only the beginning counts."""
    raw = text[:MAX_LENGTH]
    start, end, host = _find_local(raw, platform)
    local = raw[start:end]
    letters, places = _read_letters(local, start)
    shown = fold(local)
    other = letters if shown.isupper() else _letters(_CAPITAL_I.sub("l", shown).lower())
    plain = letters.rstrip("0123456789") or letters
    core, affixes = _strip(letters)
    return ParsedHandle(
        raw=raw,
        local=local,
        host=host,
        letters=letters,
        other=other if len(other) == len(letters) else letters,
        seen=classes(letters),
        mask=letter_mask(classes(letters)),
        start=start,
        places=places,
        plain=plain,
        core=core,
        affixes=affixes,
        skeleton=skeleton(local),
        core_skeleton=skeleton(core),
    )


@lru_cache(maxsize=500)
def handle_disclosures(handle: str) -> tuple[str, ...]:
    """Words in a handle that say the account is a parody, a fan page or a bot; "fantastic" is none."""
    return find_disclosures(fold(parse_handle(handle).local))


def _find_local(raw: str, platform: str | None) -> tuple[int, int, str | None]:
    """Find where the local part lies, and which host follows it."""
    start = len(raw) - len(raw.lstrip(" @"))
    body = raw[start:].rstrip()
    end = start + len(body)
    for sign in "@:":
        at = body.find(sign)
        if at > 0:
            return start, start + at, body[at + 1 :].casefold() or None
    lowered = body.casefold()
    for host in _SHARED_HOSTS:
        if lowered.endswith("." + host) and len(lowered) > len(host) + 1:
            return start, end - len(host) - 1, host
    if platform in _DOMAIN_PLATFORMS and "." in body.strip("."):
        at = body.rindex(".")
        return start, start + at, lowered[at + 1 :] or None
    return start, end, None


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def _read_letters(local: str, start: int) -> tuple[str, tuple[int, ...]]:
    if local.isascii():
        pairs = [(c, start + at) for at, c in enumerate(local.lower()) if c.isalnum()]
    else:
        pairs = [(c, start + at) for at, char in enumerate(local) for c in fold(char).lower() if c.isalnum()]
    return "".join(c for c, _ in pairs), tuple(at for _, at in pairs)


def _strip(letters: str) -> tuple[str, tuple[str, ...]]:
    """Take digits and affixes off both ends until nothing more comes off."""
    affixes = load_words().affixes
    core, taken = letters, list[str]()
    while True:
        shorter = core.rstrip("0123456789")
        core = shorter if len(shorter) >= MIN_LETTERS else core
        spare = len(core) - _MIN_CORE
        # Most handles wear none; the two calls tell so before the list is walked.
        if spare <= 0 or not (core.startswith(affixes) or core.endswith(affixes)):
            return core, tuple(taken)
        word = next((w for w in affixes if len(w) <= spare and (core.startswith(w) or core.endswith(w))), None)
        if word is None:
            return core, tuple(taken)
        core = core[len(word) :] if core.startswith(word) else core[: -len(word)]
        taken.append(word)


def classes(letters: str) -> str:
    """Replace every letter by the class of what looks like it, one for one: an edit of one stays an edit of one.

    Places survive, so that a difference can be shown.
    """
    return letters.translate(LOOKALIKE_ASCII)


def letter_mask(letters: str) -> int:
    """Which letters occur, as bits; all other scripts share one."""
    mask = 0
    for char in letters:
        mask |= _BITS.get(char, 1 << 75)
    return mask


def consonants(letters: str) -> str:
    """Leave only the consonants, digits read as the letters they stand for, doubled ones once."""
    kept = [c for c in letters.translate(_LEET) if c not in "aeiouy"]
    return "".join(c for at, c in enumerate(kept) if at == 0 or kept[at - 1] != c)
