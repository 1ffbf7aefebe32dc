"""The biography: copied text, signature emoji and links count for a clone; different ones count for nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from matchers.evidence import Finding
from matchers.profile import Account, Subject
from matchers.text import clean, fold
from matchers.world import World

# Shorter texts ("She/her. Coffee.") are shared by strangers.
MIN_WORDS = 5
# Three words in a row that agree are rarely chance; each confirmed word beyond them adds about this much.
BITS_A_WORD = 1.2
CAP = 12.0
# Below this share of the subject's three-word runs the likeness is chance or common phrases.
MIN_SHARE = 0.5
# Three emoji in a row are a signature; single hearts and flags are everybody's.
MIN_EMOJI = 3
BITS_AN_EMOJI = 1.5
EMOJI_CAP = 6.0
# A fan links to the original as well as an impostor does, so that a link says less than a copied text.
BITS_A_LINK = 4.0
LINK_CAP = 6.0
# Text, emoji and links were copied in one stroke: what follows the strongest counts half.
_ALSO = 0.5

_MAX_LENGTH = 5_000
# Scripts that are written without spaces (Thai to Burmese, Khmer, kana and Han) are compared letter by letter.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0eff\u3040-\u9fff]+"
)
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')]{3,300}", re.IGNORECASE)
_PLAIN = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
# What names the page where the path does not (youtube.com/watch?v=..., facebook.com/profile.php?id=...).
_NAMING = re.compile(r"(?:v|id|p|u|user|list|channel)=.", re.IGNORECASE)
_DISCLOSURE = re.compile(
    r"\b(?:parody|satire|satirical|spoof|unofficial|impersonator|"
    r"fan ?(?:account|page|club|site|made|run)|fans? of this|tribute (?:account|page)|"
    r"not (?:the real|affiliated|associated|official)|no affiliation|commentary account|role ?play)\b"
)
_FAN_OF = re.compile(r"\b(?:fans? of|tribute to|dedicated to) (?:the )?@?")
_NEGATED = re.compile(r"\bnot (?:an? )?(?:parody|satire|spoof|impersonator|fan)")

Part = tuple[str, float, str]


def compare_bios(subject: Subject, account: Account, _world: World) -> Finding | None:
    """Look for what was copied from the subject's profile text; None where there is no sign of copying.

    Codes: bio.copied, bio.partly_copied, bio.same_emoji, bio.same_link, whichever is strongest.
    """
    if not (subject.bio or subject.links) or not (account.bio or account.links):
        return None
    parts = sorted(_compare(subject, account), key=lambda part: -part[1])
    if not parts:
        return None
    code, bits, _ = parts[0]
    return Finding(
        code=code,
        bits=bits + _ALSO * sum(more for _, more, _ in parts[1:]),
        summary="; ".join(told for _, _, told in parts),
        params={"signs": ",".join(sign.removeprefix("bio.") for sign, _, _ in parts)},
    )


def _compare(subject: Subject, account: Account) -> Iterator[Part]:
    own, theirs = (subject.bio or "")[:_MAX_LENGTH], (account.bio or "")[:_MAX_LENGTH]
    if own and theirs:
        yield from _compare_texts(_words(own), _words(theirs))
        yield from _compare_emoji(_emoji(own), _emoji(theirs))
    shared = _links(own, subject.links) & _links(theirs, tuple(link.url for link in account.links))
    if shared:
        yield "bio.same_link", min(LINK_CAP, BITS_A_LINK * len(shared)), "It links to the same page as you do"


@lru_cache(maxsize=500)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(_LINK.sub(" ", text)).casefold()))


def _runs(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {words[i : i + 3] for i in range(len(words) - 2)}


def _compare_texts(own: tuple[str, ...], theirs: tuple[str, ...]) -> Iterator[Part]:
    if len(own) < MIN_WORDS or len(theirs) < MIN_WORDS:
        return
    own_runs = _runs(own)
    share = len(own_runs & _runs(theirs)) / len(own_runs)
    if share < MIN_SHARE:
        return
    # Words said over and over ("ha ha ha") are confirmed once.
    bits = share * min(CAP, BITS_A_WORD * (len(own_runs) + 2))
    if share > 0.95:
        yield "bio.copied", bits, "The biography is the same"
    else:
        yield "bio.partly_copied", bits, f"{share:.0%} of the biography is the same"


@lru_cache(maxsize=500)
def _emoji(text: str) -> tuple[str, ...]:
    """The symbols of a text in their order; joiners and skin tones left out."""
    return tuple(char for char in text if not char.isascii() and unicodedata.category(char) == "So")


def _compare_emoji(own: tuple[str, ...], theirs: tuple[str, ...]) -> Iterator[Part]:
    kinds = len(set(own))
    if kinds < MIN_EMOJI or own != theirs:
        return
    yield "bio.same_emoji", min(EMOJI_CAP, BITS_AN_EMOJI * kinds), "The same emoji stand in the same order"


def _links(text: str, listed: tuple[str, ...]) -> frozenset[str]:
    """Pages that a profile links to, folded."""
    return frozenset(page for link in (*_LINK.findall(text), *listed) if (page := fold_link(link)))


def fold_link(link: str) -> str:
    """Fold an address so that two writings of one page are equal: no scheme, no www, no closing slash, no query.

    Only what names the page stays of the query: youtube.com/watch?v=... is a page, youtube.com/watch is none.
    """
    page, _, query = _PLAIN.sub("", link.strip()).partition("#")[0].partition("?")
    host, slash, path = page.rstrip("/.,;:!").partition("/")
    kept = [part for part in query.rstrip("/.,;:!").split("&") if _NAMING.match(part)]
    return host.casefold() + slash + path + ("?" + "&".join(sorted(kept)) if kept else "")


def bio_disclosures(bio: str) -> tuple[str, ...]:
    """Words with which a biography says that the account is a parody, a fan page or otherwise not the person.

    "A fan of coffee" says nothing about the account, and "not a parody" says the opposite; neither is returned.
    """
    return _find_disclosures(bio[:_MAX_LENGTH])


def _read(bio: str) -> str:
    return fold(clean(bio)).casefold()


@lru_cache(maxsize=500)
def _find_disclosures(bio: str) -> tuple[str, ...]:
    text = _read(bio)
    return tuple(dict.fromkeys(_DISCLOSURE.findall(_NEGATED.sub(" ", text))))


def may_disclose(bio: str) -> bool:
    """Whether `find_bio_disclosures` may find anything in a biography, whosoever the subject is."""
    return bool(bio) and bool(bio_disclosures(bio) or _FAN_OF.search(_NEGATED.sub(" ", _read(bio[:_MAX_LENGTH]))))


def find_bio_disclosures(subject: Subject, account: Account) -> tuple[str, ...]:
    """Say how the account's biography tells that it is not the subject: the words above, and "fan of Jane Doe".

    What the subject's own biography says, as a satirist's may, discloses nothing where it was copied.
    """
    bio = account.bio or ""
    own = bio_disclosures(subject.bio or "")
    found = tuple(word for word in bio_disclosures(bio) if word not in own)
    return (*found, "fan of") if bio and _is_fan_of(subject, bio[:_MAX_LENGTH]) else found


def _is_fan_of(subject: Subject, bio: str) -> bool:
    text = _NEGATED.sub(" ", _read(bio))
    starts = [match.end() for match in _FAN_OF.finditer(text)]
    if not starts:
        return False
    texts = (*subject.names, *(handle.text for handle in subject.handles))
    called = tuple(word for word in (fold(clean(one)).casefold().strip(" @") for one in texts) if len(word) > 2)
    return any(text.startswith(called, start) for start in starts) if called else False
