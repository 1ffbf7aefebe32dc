"""What was done to a handle, in words, and which of its characters show it."""

from __future__ import annotations

from collections.abc import Iterator

from matchers.alignment import Edit
from matchers.evidence import Span
from matchers.handle_forms import ParsedHandle
from matchers.handle_likeness import Likeness
from matchers.text import clean, strip_marks

# More changes than this are not told one by one.
_MAX_CHANGES = 3

Change = tuple[int, int, str]  # from, to (code points of the raw handle), what was done


def describe(likeness: Likeness, theirs: ParsedHandle, platform: str | None) -> tuple[str, str, tuple[Span, ...]]:
    """Give the code, the sentence and the spans of the differing characters on the candidate's side."""
    source = likeness.source
    shown = clean(theirs.local)
    if source.handle is not None and _same_text(source.handle, theirs):
        return (*_describe_same(source.handle, source.platform, theirs, platform), ())
    changes = sorted(list_changes(likeness, theirs))
    spans = tuple(Span("candidate", "handle", start, end) for start, end, _ in changes if end > start)
    told = _tell(changes)
    if source.handle is None:
        named = clean(source.name or "")
        return "handle.from_name", _join(f"Handle {shown} is built from the name {named}", told), spans
    own = clean(source.handle.local)
    if source.handle.skeleton == theirs.skeleton:
        return "handle.looks_same", _join(f"Handle {shown} looks like {own}", told), spans
    return "handle.lookalike", _join(f"Handle {shown} resembles {own}", told), spans


def _join(said: str, told: str) -> str:
    return f"{said}: {told}" if told else said


def _same_text(own: ParsedHandle, theirs: ParsedHandle) -> bool:
    return own.local.casefold() == theirs.local.casefold()


def _describe_same(
    own: ParsedHandle, own_platform: str | None, theirs: ParsedHandle, platform: str | None
) -> tuple[str, str]:
    shown = clean(theirs.local)
    if own_platform is not None and own_platform != platform:
        return "handle.same_elsewhere", f"The same handle, {shown}, on another platform"
    if own.host != theirs.host and (own_platform is not None or own.host is not None):
        return "handle.same_elsewhere", f"The same handle, {shown}, on another server"
    return "handle.same", f"The handle is the same: {shown}"


def _tell(changes: list[Change]) -> str:
    told = list(dict.fromkeys(words for _, _, words in changes))
    more = ["and more"] if len(told) > _MAX_CHANGES else []
    return ", ".join([*told[:_MAX_CHANGES], *more])


def list_changes(likeness: Likeness, theirs: ParsedHandle) -> Iterator[Change]:
    """List what was changed, with the place of each change in the candidate's raw handle."""
    found = likeness.alignment
    yield from _additions(found.start, found.end, theirs)
    edited: set[int] = set()
    for edit in found.edits:
        edited |= {*range(edit.start, edit.end)}
        yield _edit_change(edit, theirs)
    for at in range(found.start, found.end):
        if at not in edited:
            yield from _disguise(at, likeness.letters[at], theirs)
    own = likeness.source.handle
    if own is not None and not _has_separators(own.local):
        yield from _separators(found.start, found.end, theirs)


def _additions(start: int, end: int, theirs: ParsedHandle) -> Iterator[Change]:
    if end <= start:
        return
    first, last = theirs.places[start], theirs.places[end - 1] + 1
    stop = theirs.start + len(theirs.local)
    for begin, finish, where in ((theirs.start, first, "in front"), (last, stop, "at the end")):
        piece = clean(theirs.raw[begin:finish])
        if piece:
            piece = piece.strip("_.-") or piece
            yield begin, finish, f"{piece} added {where}"


def _edit_change(edit: Edit, theirs: ParsedHandle) -> Change:
    if edit.start == edit.end:
        at = theirs.places[edit.start] if edit.start < len(theirs.places) else theirs.start + len(theirs.local)
        return at, at, f"{edit.own} left out"
    begin, finish = theirs.places[edit.start], theirs.places[edit.end - 1] + 1
    piece = clean(theirs.raw[begin:finish])
    match edit.kind:
        case "added":
            return begin, finish, f"{piece} added"
        case "doubled":
            return begin, finish, f"{piece} doubled"
        case "turned":
            first, second = edit.own[0], edit.own[-1]
            return begin, finish, f"{first} and {second} swapped"
        case _:
            return begin, finish, f"{piece} in place of {edit.own}"


def _disguise(at: int, letter: str, theirs: ParsedHandle) -> Iterator[Change]:
    """A letter that reads as the subject's and is another character all the same."""
    place = theirs.places[at]
    char = theirs.raw[place]
    if char == "I" and letter == "l":
        yield place, place + 1, "capital I in place of small l"
    elif not char.isascii():
        plain = strip_marks(char).lower() == letter
        yield place, place + 1, f"{char} in place of {letter}" if plain else f"a look-alike letter in place of {letter}"


def _has_separators(local: str) -> bool:
    return any(not c.isalnum() for c in local)


def _separators(start: int, end: int, theirs: ParsedHandle) -> Iterator[Change]:
    for at in range(start + 1, end):
        before, here = theirs.places[at - 1], theirs.places[at]
        if here - before > 1:
            piece = clean(theirs.raw[before + 1 : here])
            yield before + 1, here, f"{piece} added" if piece else "an invisible character added"
