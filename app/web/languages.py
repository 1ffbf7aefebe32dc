"""The languages of the pages: which there are, which one a reader gets, and how sentences are said in it."""

from __future__ import annotations

import gettext
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import cast

from fastapi import Request

from app.plain_text import plain
from app.web.sentences import Speaker

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "messages"
ENGLISH = "en"
# Each language in itself, as a reader looks for it.
NAMES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "pt": "Português"}
# The sign between thousands is a message too, with its context: a language is one file.
THOUSANDS = ("between thousands", ",")
# Holds the code of a language and nothing else.
COOKIE = "language"


@lru_cache(maxsize=4)
def known_languages(locale: Path = LOCALE) -> list[str]:
    """The languages of the pages: English, and those with a compiled catalogue."""
    return [ENGLISH, *sorted(path.parts[-3] for path in locale.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def locale_of(request: Request) -> Path:
    """The folder of the catalogues: that of this package, unless the application was told of another."""
    return cast("Path", getattr(request.app.state, "locale", LOCALE))


def choose_language(accepted: str, known: Collection[str]) -> str:
    """The first language of an Accept-Language header that is known; English otherwise."""
    for entry in accepted.split(",")[:20]:
        code = entry.partition(";")[0].strip().lower()
        if code.partition("-")[0] in known:
            return code.partition("-")[0]
    return ENGLISH


def language_of(request: Request, known: Collection[str] | None = None) -> str:
    """The language for a reader: what he chose, or else what his browser asks for; `known`: the pages' languages."""
    there = known_languages(locale_of(request)) if known is None else known
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in there else choose_language(request.headers.get("accept-language", ""), there)


def load_messages(language: str, locale: Path = LOCALE) -> gettext.NullTranslations:
    """The catalogue of a language; what it lacks stays English."""
    return gettext.translation(DOMAIN, locale, [language], fallback=True)


def make_speaker(messages: gettext.NullTranslations) -> Speaker:
    """Says in a catalogue's language what code below the pages says in English."""
    return Speaker(messages.gettext, messages.pgettext(*THOUSANDS))


@lru_cache(maxsize=16)
def _speaker(language: str, locale: Path) -> Speaker:
    return make_speaker(load_messages(language, locale))


def say(request: Request, text: str) -> str:
    """A sentence that was made below the pages, in the reader's language."""
    language = language_of(request)
    return plain(text, 2_000) if language == ENGLISH else _speaker(language, locale_of(request)).say(text)


def look_up(request: Request, message: str) -> str:
    """A text of the pages themselves, such as the label of a field, in the reader's language."""
    return load_messages(language_of(request), locale_of(request)).gettext(message)
