"""Federated servers, as an operator names them and as an account's address does."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.platforms.identity import parse_profile_url


def read_server(text: str) -> tuple[str, str]:
    """From "lemmy.world" or "https://lemmy.world" to the host and the base of its addresses."""
    base = text if "://" in text else f"https://{text}"
    return urlsplit(base).netloc.lower(), base.rstrip("/")


def host_of(url: str | None) -> str | None:
    """The host of an address that `reading.address_of` has let pass."""
    return urlsplit(url).netloc.lower() if url else None


def platform_at(url: str | None, default: str) -> str:
    """The catalogue's name for the kind of server, as an address of the profile would be read."""
    found = parse_profile_url(url) if url else None
    return default if found is None else found.platform
