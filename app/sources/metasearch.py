"""Search engines, asked for profile pages of platforms that nobody can ask by program.

A hit becomes an account through the address patterns of the catalogue. It has no picture, no biography and no dates:
the text under a hit is the engine's choice from the page, and is not taken for what the person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from app.platforms.catalogue import load_catalogue
from app.platforms.identity import parse_profile_url, profile_url
from app.sources.contract import Sighting
from app.sources.reading import Json, address_of, html_to_text, text_of
from matchers.profile import Account, AccountRef

# Platform and what follows `site:`.
SITES = {
    "linkedin": "linkedin.com/in",
    "facebook": "facebook.com",
    "tiktok": "tiktok.com",
    "instagram": "instagram.com",
}
PLATFORMS = tuple(SITES)
LIMITS = "A search engine shows neither pictures nor dates, and not every account"
SEES = "Profiles on LinkedIn, Facebook, TikTok and Instagram that search engines have found, by name"
CANNOT_SEE = "Pictures, biographies, dates and counts; new profiles, and those that are hidden from search engines"
_MAX_NAME = 200
# What platforms put after the name in a page's title: "Jane Doe (@jane) • Instagram photos", "Jane Doe - X | LinkedIn".
_AFTER_NAME = re.compile(r"\(@|\s[|•·–—-]\s")


def title_of(platform: str) -> str:
    """The platform's name, as users know it."""
    known = load_catalogue().get(platform)
    return known.facts.name if known is not None else platform


def write_query(platform: str, name: str) -> str:
    """The name in quotation marks, and the site; what would end the quotation is left out."""
    return f'"{" ".join(name.replace(chr(34), " ").split())}" site:{SITES[platform]}'


def read_hits(platform: str, hits: Iterable[Json], link: str, title: str) -> tuple[Sighting, ...]:
    """The accounts among hits, each once; `link` and `title` are what the engine calls them."""
    found: dict[AccountRef, Account] = {}
    for hit in hits:
        url = address_of(hit.get(link))
        ref = parse_profile_url(url) if url else None
        if url is None or ref is None or ref.platform != platform or _is_no_person(ref):
            continue
        account = _account(ref, url, html_to_text(hit.get(title)))
        # Of two pages of one account, the profile itself says the name.
        if ref not in found or found[ref].display_name is None:
            found[ref] = account
    # A hit is a search engine's word, not a look at the account: it is compared, and not kept.
    return tuple(Sighting(account, may_keep=False) for account in found.values())


def _is_no_person(ref: AccountRef) -> bool:
    """Whether the handle is of another kind than persons', such as company/acme."""
    known = load_catalogue().get(ref.platform)
    space, mark, _ = (ref.handle or "").partition("/")
    return bool(mark) and known is not None and space in known.facts.profile.spaces


def _account(ref: AccountRef, url: str, title: str | None) -> Account:
    canonical = profile_url(ref.platform, ref.handle, ref.account_id)
    return Account(
        platform=ref.platform,
        handle=ref.handle,
        account_id=ref.account_id,
        display_name=_read_name(title) if title and canonical and _same_page(url, canonical) else None,
        profile_url=canonical,
    )


def _same_page(url: str, canonical: str) -> bool:
    """Whether the hit is the profile itself: the title of a post or a video is no name."""
    return urlsplit(url).path.rstrip("/").casefold() == urlsplit(canonical).path.rstrip("/").casefold()


def _read_name(title: str) -> str | None:
    return text_of(_AFTER_NAME.split(title, maxsplit=1)[0], _MAX_NAME)
