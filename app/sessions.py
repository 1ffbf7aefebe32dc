"""Sessions of people who gave an API key to the pages, so that a browser need not hold the key itself.

A session is a signed token in a cookie; nothing of it is stored. It names no key: each key signs its own sessions, so
that a session is worth what its key is, and ends when the key is taken out of the settings. The signing key of an API
key is HMAC-SHA256 of it under the corpus' secret: a cookie alone lets nobody guess at keys.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from app.accounts.corpora import read_secret
from app.accounts.scope import Scope
from app.settings import Settings
from app.storage import Database

SESSION_SECONDS = 12 * 3600
# Only a page that came over TLS from this very host can set a cookie with this prefix (RFC 6265bis, 4.1.3.2).
SECURE_COOKIE, COOKIE = "__Host-clonecheck-session", "clonecheck-session"
_EXPIRY_BYTES, _NONCE_BYTES, _MAC_BYTES = 8, 16, 32
# So many wrong keys at once, then one in so many seconds.
FREE_MISSES, MISS_SECONDS = 10, 30.0
MOST_CLIENTS = 10_000

_KEY_ALONE = ("/v1/", "/openapi.json")
# What the scripts and forms of the pages call of the API.
_PAGE_CALLS = (
    ("GET", re.compile(r"/v1/scans/[^/]+/events")),
    ("GET", re.compile(r"/v1/scans/[^/]+/suspects/[^/]+/evidence")),
    ("POST", re.compile(r"/v1/scans/[^/]+/suspects/[^/]+/evidence")),
)


def takes_session(method: str, path: str) -> bool:
    """Whether a session opens this: the pages, and those calls of the API that the pages themselves make."""
    if not path.startswith(_KEY_ALONE):
        return True
    return any(method == known and pattern.fullmatch(path) for known, pattern in _PAGE_CALLS)


def read_keys(settings: Settings) -> tuple[bytes, ...]:
    """The configured API keys."""
    return tuple(key.get_secret_value().encode() for key in settings.api_keys)


def find_key(keys: Sequence[bytes], given: str) -> bytes | None:
    """The configured key that was given. Each is compared: the time taken does not tell which one came near."""
    told = given.strip().encode("utf-8", "surrogatepass")
    matches = [key for key in keys if hmac.compare_digest(told, key)]
    return matches[0] if matches else None


class Sessions:
    """Begins sessions and knows them again. `load` comes first: before it no session is known."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._scope = Scope.of(settings)
        self._keys = read_keys(settings)
        self._clock = clock
        self._signers: dict[bytes, bytes] = {}

    def load(self) -> None:
        """Read the corpus' secret from the database, and make the keys that sign."""
        secret = read_secret(self._database, self._scope)
        self._signers = {key: hmac.digest(secret, b"session\0" + key, "sha256") for key in self._keys}

    def begin(self, given: str) -> str | None:
        """The token of a new session for an API key; None where there is no such key."""
        key = find_key(self._keys, given)
        if key is None:
            return None
        expires = int(self._clock()) + SESSION_SECONDS
        told = expires.to_bytes(_EXPIRY_BYTES) + secrets.token_bytes(_NONCE_BYTES)
        signed = told + hmac.digest(self._signers[key], told, "sha256")
        return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()

    def knows(self, token: str) -> bool:
        """Whether a token is that of a session of a key that is still configured, and not too old."""
        try:
            signed = base64.urlsafe_b64decode(token + "=")
        except ValueError:
            return False
        if len(signed) != _EXPIRY_BYTES + _NONCE_BYTES + _MAC_BYTES:
            return False
        told, mac = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
        matches = [hmac.compare_digest(hmac.digest(signer, told, "sha256"), mac) for signer in self._signers.values()]
        return any(matches) and int.from_bytes(told[:_EXPIRY_BYTES]) > self._clock()

    def opens(self, request: Request) -> bool:
        """Whether the request carries such a token."""
        token = request.cookies.get(cookie_name(request))
        return token is not None and self.knows(token)


def cookie_name(request: Request) -> str:
    """The name of the session's cookie: another one over TLS than without."""
    return SECURE_COOKIE if request.scope["scheme"] == "https" else COOKIE


class Misses:
    """Wrong keys given from each address. Ask and count without waiting in between, in the service's one loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # When the last miss of an address will be forgiven; addresses in the order of their last miss.
        self._until: OrderedDict[str, float] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until another key may be tried from there; 0 for now."""
        over = self._until.get(_network(address), 0.0) - self._clock() - (FREE_MISSES - 1) * MISS_SECONDS
        return max(0.0, over)

    def count(self, address: str) -> None:
        """Count a wrong key. The longest forgotten address makes room for a new one."""
        network = _network(address)
        self._until[network] = max(self._until.get(network, 0.0), self._clock()) + MISS_SECONDS
        self._until.move_to_end(network)
        if len(self._until) > MOST_CLIENTS:
            self._until.popitem(last=False)


def _network(address: str) -> str:
    """Whoever has an IPv6 address has 2^64 of them, so that they count as one."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address) and known.ipv4_mapped is None:
        return known.exploded[:19]
    return address
