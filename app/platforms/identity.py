"""Profile addresses and identities: from any shape of a profile URL to (platform, handle or stable id), and back.

Both ways treat what they get as hostile: a handle is text that an impostor chose.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, unquote, unquote_plus

from app.platforms.catalogue import Catalogue, Platform, load_catalogue, split_instance
from matchers.profile import AccountRef

# Longer than any profile address; a bound on the work of every pattern.
MAX_URL = 2048
MAX_HANDLE = 512
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SCHEME = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_FEDIVERSE = re.compile(r"(?:acct:@?|@)(?P<name>[A-Za-z0-9_.-]{1,64})@(?P<host>[^@/\s]{4,253})", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
# Characters that RFC 3986 (section 2.3) lets anyone decode, and "@", which needs no escape in a path.
_DECODABLE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@")
# Categories with no place in a handle or URL: controls, format and bidi characters, surrogates, separators.
_HOSTILE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def _is_hostile(text: str) -> bool:
    return not (text.isascii() and text.isprintable()) and any(unicodedata.category(c) in _HOSTILE for c in text)


def ascii_host(host: str) -> str | None:
    """A host name in lower-case ASCII (punycode where needed), or None if it is no public host name."""
    name = host.lower().rstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return name if _HOST.fullmatch(name) else None


def _decode_unreserved(match: re.Match[str]) -> str:
    char = chr(int(match[0][1:], 16))
    return char if char in _DECODABLE else match[0]


def _split_url(text: str) -> tuple[str, str] | None:
    """Split into host and the rest, scheme and port removed; None for other schemes, user names and odd ports."""
    rest = _SCHEME.sub("", text, count=1) if _SCHEME.match(text) else text
    end = next((i for i, c in enumerate(rest) if c in "/?#"), len(rest))
    authority, tail = rest[:end], rest[end:]
    name, _, port = authority.partition(":")
    if port not in {"", "80", "443"} or "@" in authority or "\\" in rest:
        return None
    host = ascii_host(name)
    if host is None:
        return None
    path, mark, extra = tail.partition("?")
    return host, re.sub(r"/{2,}", "/", _ESCAPE.sub(_decode_unreserved, path)) + mark + extra


def _decode(text: str) -> str | None:
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return None


def _valid_handle(platform: Platform, name: str) -> bool:
    return (
        not _is_hostile(name)
        and platform.handle_pattern.fullmatch(name) is not None
        and platform.handle_key(name) not in platform.reserved
    )


def is_handle(platform: Platform, handle: str) -> bool:
    """Say whether a text has the shape of a handle on this platform and is not reserved; a host part is allowed."""
    name = split_instance(handle)[0] if platform.names_host else handle.removeprefix("@")
    space, mark, rest = name.partition("/")
    return _valid_handle(platform, rest if mark and space in platform.facts.profile.spaces else name)


def keep_handles(platform: str, handles: Iterable[str]) -> list[str]:
    """Those of the texts that a platform of the catalogue takes for handles; none on any other platform."""
    known = load_catalogue().get(platform)
    return [] if known is None else [handle for handle in handles if is_handle(known, handle)]


def fold_reference(ref: AccountRef) -> AccountRef:
    """Give a reference the key by which its platform tells handles apart."""
    if ref.handle is None:
        return ref
    return replace(ref, handle_key=load_catalogue().handle_key(ref.platform, ref.handle))


def _valid_id(platform: Platform, account_id: str) -> bool:
    return (
        platform.id_pattern is not None
        and not _is_hostile(account_id)
        and platform.id_pattern.fullmatch(account_id) is not None
    )


def _read_match(platform: Platform, groups: dict[str, str | None]) -> AccountRef | None:
    """Turn the named groups of a pattern into an identity; the stable id counts for more than the handle."""
    instance = groups.get("remote") or groups.get("instance")
    host = ascii_host(instance) if instance else None
    if instance and host is None:
        return None
    suffix = f"@{host}" if host and host != platform.facts.default_instance else ""
    found_id = groups.get("id")
    if found_id:
        account_id = unquote_plus(found_id)
        return AccountRef(platform.id, account_id=account_id + suffix) if _valid_id(platform, account_id) else None
    handle = _decode(groups.get("handle") or "")
    if not handle or not _valid_handle(platform, handle):
        return None
    space = f"{groups['space']}/" if groups.get("space") else ""
    return AccountRef(platform.id, handle=space + handle + suffix)


def _match(platform: Platform, address: str) -> AccountRef | None:
    for pattern in platform.patterns:
        match = pattern.fullmatch(address)
        found = _read_match(platform, match.groupdict()) if match else None
        if found:
            return found
    return None


def _federated(catalogue: Catalogue, host: str) -> Iterator[Platform]:
    """The federated platforms, those whose name is in the host name first: nothing else tells them apart."""
    hinted = [p for p in catalogue.federated if any(hint in host for hint in p.facts.host_hints)]
    yield from hinted
    yield from (p for p in catalogue.federated if p not in hinted)


def _match_host(catalogue: Catalogue, host: str, address: str) -> AccountRef | None:
    owners = catalogue.on_host(host)
    candidates = owners or _federated(catalogue, host)
    return next(filter(None, (_match(platform, address) for platform in candidates)), None)


def _rewrite(catalogue: Catalogue, text: str) -> str:
    """Turn an app's own address (tg://resolve?domain=durov) into the web address that means the same."""
    if ":" not in text[:16] or _SCHEME.match(text):
        return text
    for prefix, replacement in catalogue.uri_prefixes.items():
        if text.lower().startswith(prefix):
            return replacement + text[len(prefix) :]
    return text


def read_profile_url(catalogue: Catalogue, url: str) -> AccountRef | None:
    """Read the identity from a profile address by the platforms of one catalogue; None where there is none."""
    text = url.strip()
    if not text or len(text) > MAX_URL or _is_hostile(text) or any(c.isspace() for c in text):
        return None
    address = _FEDIVERSE.fullmatch(text)
    if address:
        host = ascii_host(address["host"])
        return _match_host(catalogue, host, f"{host}/@{address['name']}") if host else None
    parts = _split_url(_rewrite(catalogue, text))
    return _match_host(catalogue, parts[0], parts[0] + parts[1]) if parts else None


@lru_cache(maxsize=1_000)
def parse_profile_url(url: str) -> AccountRef | None:
    """Read the identity from a profile address; None where there is none, never an error.

    The scheme may be missing; old hosts, mobile hosts, query junk, app addresses (tg://, at://, spotify:, acct:)
    and `@user@host` are understood. Names that a platform reserves for itself are no handles. A federated handle
    comes back as "user@host".
    """
    return read_profile_url(load_catalogue(), url)


def _fill(template: str, name: str, instance: str | None) -> str | None:
    if "{instance}" in template and instance is None:
        return None
    encoded = quote(name, safe=":")
    return template.replace("{instance}", instance or "").replace("{handle}", encoded).replace("{id}", encoded)


def _handle_url(platform: Platform, handle: str) -> str | None:
    facts = platform.facts
    name, host = split_instance(handle) if platform.names_host else (handle.removeprefix("@"), None)
    space, mark, rest = name.partition("/")
    template = facts.profile.spaces.get(space) if mark else facts.profile.canonical
    name = rest if mark else name
    if not (mark or name.isascii()):
        template = facts.profile.non_ascii or template
    if template is None or not _valid_handle(platform, name):
        return None
    instance = ascii_host(host) if host else facts.default_instance
    if "underscore_to_space" in facts.canonicalise:
        name = name.replace(" ", "_")
    # A /pub/ name of LinkedIn has slashes of its own; handle_regex has checked its shape.
    return _fill(template, name, instance) if "/" not in name else template.replace("{handle}", quote(name))


def _id_url(platform: Platform, account_id: str) -> str | None:
    template = platform.facts.profile.by_id
    if template is None:
        return None
    name, host = split_instance(account_id) if "{instance}" in template else (account_id, None)
    instance = ascii_host(host) if host else platform.facts.default_instance
    return _fill(template, name, instance) if _valid_id(platform, name) else None


def address_of(platform: Platform, handle: str | None, account_id: str | None) -> str | None:
    """The canonical address of a profile on this platform; see `profile_url`."""
    if handle and len(handle) <= MAX_HANDLE:
        # On platforms that address people by number only, a number given as the handle is the id.
        url = _handle_url(platform, handle.strip(" ")) or _id_url(platform, handle.strip(" "))
        if url:
            return url
    return _id_url(platform, account_id.strip(" ")) if account_id and len(account_id) <= MAX_HANDLE else None


@lru_cache(maxsize=1_000)
def profile_url(platform: str, handle: str | None, account_id: str | None) -> str | None:
    """The canonical address of a profile, by handle if there is a valid one, else by stable id.

    None for a platform without addresses, and for any handle or id that does not have the platform's shape: a
    hostile handle gives no address rather than a broken one. What is filled in is percent-encoded.
    """
    known = load_catalogue().get(platform)
    return address_of(known, handle, account_id) if known else None
