"""Which addresses may be asked: those of hosts on the public internet, and what the operator allows by name."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection, Sequence

import httpx2

from app.net.errors import RefusedAddressError, TimedOutError, UnreachableError

# From a host name and a port to addresses; the seam at which tests answer in place of the system.
Resolver = Callable[[str, int], Sequence[str]]
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL = 4096

# Global unicast (RFC 4291); whatever lies outside carries other protocols or other addresses inside (NAT64, mapped).
_UNICAST = ipaddress.ip_network("2000::/3")
# Not told apart by `is_global`: 6to4 and its relays, which lead to the IPv4 address inside, and examples of documents.
_STRANGE = tuple(map(ipaddress.ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "192.88.99.0/24")))


def is_public(address: str) -> bool:
    """Say whether an IP address is one host on the public internet, itself and not by way of another address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or any(ip in net for net in _STRANGE):
        return False
    return ip.version == 4 or (ip in _UNICAST and getattr(ip, "scope_id", None) is None)


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve_in_time(resolver: Resolver, host: str, port: int, seconds: float) -> Sequence[str]:
    """Resolve, but wait no longer than this: the system's own patience is not ours.

    Raises `TimedOutError`, and `UnreachableError` for an unknown name.
    """
    found: list[Sequence[str]] = []
    thread = threading.Thread(target=lambda: found.append(_ask(resolver, host, port)), daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimedOutError
    if not found[0]:
        raise UnreachableError
    return found[0]


def _ask(resolver: Resolver, host: str, port: int) -> Sequence[str]:
    try:
        return resolver(host, port)
    except (OSError, UnicodeError):
        return ()


def check_url(url: str, ports: Collection[int], allowed: Collection[str]) -> tuple[str, str, int]:
    """Check an address before anything is sent: its scheme, host and port.

    `allowed` holds "host:port" that may also be asked without TLS and in private networks. Raises
    `RefusedAddressError`.
    """
    # Read as the transport below reads it: two readers of one address may see two hosts in it.
    try:
        parts = httpx2.URL(url) if len(url) <= MAX_URL else None
    except (httpx2.InvalidURL, UnicodeError):
        parts = None
    if parts is None:
        raise RefusedAddressError("The address is not written as a web address")
    scheme, host, port = parts.scheme, parts.raw_host.decode("ascii"), parts.port
    if scheme not in DEFAULT_PORTS or not host:
        raise RefusedAddressError("Only web addresses (https) are fetched")
    if parts.userinfo:
        raise RefusedAddressError("An address with a user name or password in it is not fetched")
    port = DEFAULT_PORTS[scheme] if port is None else port
    if f"{host}:{port}" in allowed:
        return scheme, host, port
    if scheme != "https":
        raise RefusedAddressError("Only addresses with https are fetched")
    if port not in ports:
        raise RefusedAddressError("An address with this port is not fetched")
    return scheme, host, port
