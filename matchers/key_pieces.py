"""Letters cut into the pieces that become blocking keys: runs, and two thirds of them."""

from __future__ import annotations

from collections.abc import Iterator

from matchers.handle_forms import ParsedHandle

GRAM = 4
MAX_LETTERS = 24

# Letters that are written for one another because they sound alike; m and n look alike too.
_SOUNDS = str.maketrans("kqzvwyn", "ccsuulm")


def grams(seen: str) -> Iterator[str]:
    """Runs of four letters by look and sound, each in alphabetical order so that letters turned round agree."""
    heard = seen[:MAX_LETTERS].translate(_SOUNDS)
    for at in range(len(heard) - GRAM + 1):
        yield "".join(sorted(heard[at : at + GRAM]))


def gapped_grams(handle: ParsedHandle) -> Iterator[str]:
    """Runs of five letters with an inner one left out: the grams of a handle that lacks it. Asked for, never stored."""
    heard = handle.core_skeleton[:MAX_LETTERS].translate(_SOUNDS) if handle.usable else ""
    for at in range(len(heard) - GRAM):
        run = heard[at : at + GRAM + 1]
        for gap in range(1, GRAM):
            yield "".join(sorted(run[:gap] + run[gap + 1 :]))


def stored_pieces(letters: str) -> Iterator[str]:
    """Two thirds of the letters, in three ways: one edit spares one of them, for it falls into one third."""
    letters = letters[:MAX_LETTERS]
    return _pieces(letters, len(letters))


def asked_pieces(letters: str) -> Iterator[str]:
    """The same as it is for letters of this length, and with one letter more or less."""
    letters = letters[:MAX_LETTERS]
    for length in range(len(letters) - 1, len(letters) + 2):
        yield from _pieces(letters, length)


def _pieces(letters: str, length: int) -> Iterator[str]:
    """The pieces of letters that an edit made from `length` letters, or to so many."""
    if length <= GRAM:
        # Too short to be cut: the letters themselves, also as they are without one of them.
        yield letters
        for at in range(len(letters)) if length < len(letters) else ():
            yield letters[:at] + letters[at + 1 :]
        return
    third = length // 3
    yield f"{letters[: length - third]}-"
    yield f"-{letters[len(letters) - length + third :]}"
    yield f"{letters[:third]}-{letters[-third:]}"
