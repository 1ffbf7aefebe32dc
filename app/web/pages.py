"""How pages are made: templates, languages, the style sheet and scripts, and the headers that go with all of them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import Response

from app.cli_view import say_money
from app.plain_text import plain
from app.platforms.catalogue import load_catalogue
from app.problems import NotFoundError
from app.web.languages import (
    ENGLISH,
    LOCALE,
    NAMES,
    THOUSANDS,
    known_languages,
    language_of,
    load_messages,
    locale_of,
    make_speaker,
)

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
# Nothing from elsewhere, nothing inline. A blob is the person's own photo, which never leaves the browser this way.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    # With none at all, browsers send "Origin: null" with a form, which the guard refuses. Nothing goes to others.
    "Referrer-Policy": "same-origin",
    # The browser may go back to a page it has shown, but keeps no copy on disk.
    "Cache-Control": "no-store",
    "Vary": "Accept-Encoding, Accept-Language, Cookie",
}
_SMALL = 1_000


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load: its bytes, plain and compressed, and a mark of its content."""

    body: bytes
    packed: bytes
    kind: str
    mark: str


@lru_cache(maxsize=1)
def _assets() -> Mapping[str, Asset]:
    found = {}
    for file in resources.files("app.web").joinpath("static").iterdir():
        kind = _KINDS.get(file.name.rpartition(".")[2])
        if kind is not None:
            body = file.read_bytes()
            found[file.name] = Asset(body, gzip.compress(body), kind, hashlib.sha256(body).hexdigest()[:12])
    return found


def asset_url(name: str) -> str:
    """The address of an asset; it changes with its content, so that browsers may keep it."""
    return f"/static/{name}?{_assets()[name].mark}"


def send_asset(name: str, request: Request) -> Response:
    """An asset as a response; raises `NotFoundError`."""
    asset = _assets().get(name)
    if asset is None:
        raise NotFoundError("No such file.")
    # A script that another one imports comes without the mark: kept for a year, it would outlive its version.
    kept = "public, max-age=31536000, immutable" if request.url.query == asset.mark else "no-cache"
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    body = asset.body
    if _takes_gzip(request):
        body, headers["Content-Encoding"] = asset.packed, "gzip"
    return Response(body, media_type=asset.kind, headers=headers)


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


def safe_link(url: object) -> str | None:
    """An address that may stand behind a link: web and mail only, whatever a platform or an importer called it."""
    text = str(url or "")
    return text if text.lower().startswith(("https://", "http://", "mailto:")) else None


def platform_name(platform: str) -> str:
    """The name by which people know a platform."""
    known = load_catalogue().get(platform)
    return known.name if known else plain(platform, 64)


@lru_cache(maxsize=1)
def _form_labels() -> frozenset[str]:
    channels = [channel for platform in load_catalogue().platforms.values() for channel in platform.facts.channels]
    return frozenset(field.label for channel in channels for field in channel.fields)


def is_form_label(text: str) -> bool:
    """Whether a text is a label on a platform's own form: it stays as it stands there, in English."""
    return text in _form_labels()


def make_templates(language: str, locale: Path = LOCALE) -> Environment:
    """The templates in a language; texts that its catalogue lacks stay English."""
    environment = Environment(
        loader=PackageLoader("app.web"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = load_messages(language, locale)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # by the extension
    environment.filters |= {"plain": plain, "link": safe_link, "platform": platform_name, "money": say_money}
    mark = translations.pgettext(*THOUSANDS)
    environment.filters |= {
        "say": plain if language == ENGLISH else make_speaker(translations).say,
        "number": lambda number: f"{number:,}".replace(",", mark),
    }
    environment.tests["form_label"] = is_form_label
    environment.globals |= {"asset": asset_url, "language": language, "languages": _list_languages(locale)}
    environment.globals |= {"signed_in": False, "remote": False}
    return environment


def _list_languages(locale: Path) -> list[tuple[str, str]]:
    return [(code, NAMES.get(code, code)) for code in known_languages(locale)]


_templates = lru_cache(maxsize=16)(make_templates)


def render_text(request: Request, name: str, **values: Any) -> str:
    """Render a template in the reader's language, as text."""
    language = language_of(request)
    # With keys the service is on another machine than the reader, and some sentences are other ones.
    remote = bool(request.app.state.settings.api_keys)
    about = {"signed_in": getattr(request.state, "signed_in", False), "remote": remote}
    return _templates(language, locale_of(request)).get_template(name).render(**about, **values)


def render(request: Request, name: str, status: int = 200, **values: Any) -> Response:
    """Render a template as a page."""
    html = render_text(request, name, **values).encode()
    headers = dict(_HEADERS)
    if len(html) > _SMALL and _takes_gzip(request):
        html, headers["Content-Encoding"] = gzip.compress(html, 5), "gzip"
    return Response(html, status, headers, media_type="text/html; charset=utf-8")
