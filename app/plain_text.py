"""Texts that strangers wrote, made safe to show on a terminal or a page; and chances, as people say them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAX_TEXT = 300
_MAX_MARKS = 3
# Joiners and selectors that emoji and several scripts need; dropped, as a terminal gains nothing from them.
_DROPPED = frozenset("\u200c\u200d\ufe0e\ufe0f")
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a text, safe to show; `marked` where it differs from the person's own."""

    text: str
    marked: bool = False


def plain(text: object, limit: int = MAX_TEXT) -> str:
    """Make a stranger's text safe to show on one line; what hides or turns the writing is spelt out: "‹U+202E›"."""
    kept: list[str] = []
    marks = 0
    for char in str(text)[: limit + 1]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MAX_MARKS and char not in _DROPPED:
            kept.append(_spell(char))
    shown = "".join(kept).strip()
    return shown if len(str(text)) <= limit else shown + "…"


def _spell(char: str) -> str:
    if char in "\t\n\r":
        return " "
    category = unicodedata.category(char)
    hidden = category in {"Cc", "Cf", "Cs", "Co", "Cn"} or char in _BLANKS
    if category in {"Zl", "Zp"}:
        return " "
    return f"‹U+{ord(char):04X}›" if hidden else char


def say_chance(probability: float) -> str:
    """Say a probability as people say it: "97 in 100"."""
    if probability >= 0.995:
        return "over 99 in 100"
    if probability < 0.005:
        return "under 1 in 100"
    return f"{round(probability * 100)} in 100"


def mark_text(text: str, spans: Sequence[tuple[int, int]], limit: int = 120) -> tuple[Piece, ...]:
    """Cut a text at the spans, given in code points of the raw text; every piece is made safe to show."""
    pieces: list[Piece] = []
    shown = text[:limit]
    at = 0
    for start, end in sorted(spans):
        if not at <= start < end <= len(shown):
            continue
        pieces += _piece(shown[at:start], marked=False)
        pieces += _piece(shown[start:end], marked=True)
        at = end
    pieces += _piece(shown[at:] + ("…" if len(text) > limit else ""), marked=False)
    return tuple(pieces)


def _piece(text: str, *, marked: bool) -> list[Piece]:
    # `plain` strips blanks at the ends, which between two pieces belong to the text.
    lead = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() and text.strip() else ""
    safe = f"{lead}{plain(text)}{tail}"
    return [Piece(safe, marked)] if safe else []
