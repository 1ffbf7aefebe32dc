"""The line to a platform while one report is filed: `app.net`'s guarded client, nothing cached, a budget of its own.

A reply of any status comes back but 429, which `app.net` raises as `RateLimitedError`.
"""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.net.asking import Net
from app.net.budget import Budget, Ledger
from app.net.client import Call
from app.net.errors import BadReplyError, NetError
from app.net.reply import Reply
from app.platforms.identity import ascii_host
from app.problems import FieldError, InvalidInputError

CALLS = 12
SECONDS = 60.0
# A machine's word for what is wrong. Without digits, so that no token passes for one.
_CODE = re.compile(r"[A-Za-z_]{3,40}")
MAX_REPLY = 1024 * 1024
_SERVER = re.compile(r"(?:(https?)://)?(\[[^\]]*\]|[^\[\]:/]*)(?::([0-9]{1,5}))?", re.I | re.A)
_PORTS = {"https": 443, "http": 80}
# Names and addresses as they are; what has other letters is turned into punycode, or is none.
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*|\[[0-9a-f:.]+\]")


class Line:
    """What a channel asks with. Its methods raise the errors of `app.net.errors`."""

    def __init__(self, net: Net) -> None:
        self._net = net
        self._ledger = Ledger(Budget(CALLS, SECONDS))

    def get(self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Look something up; repeated where the platform is in trouble."""
        target = f"{url}?{urlencode(params)}" if params else url
        call = Call("GET", target, headers or {}, None, MAX_REPLY, cached=False)
        return self._net.call(call, self._ledger, repeat=True)

    def post(self, url: str, json: Any, headers: Mapping[str, str] | None = None, *, repeat: bool = False) -> Reply:
        """Ask with a JSON body; `repeat`: it changes nothing and may be sent again."""
        content = json_module.dumps(json).encode()
        told = {"Content-Type": "application/json", **(headers or {})}
        call = Call("POST", url, told, content, MAX_REPLY, cached=False)
        return self._net.call(call, self._ledger, repeat=repeat)

    def send(self, call: Call) -> Reply:
        """Send a report: once."""
        return self._net.call(call, self._ledger, repeat=False)

    def leave(self, farewell: Call | None) -> None:
        """End a session, if there is one; what goes wrong with that changes nothing."""
        if farewell is not None:
            with suppress(NetError):
                self._net.call(farewell, self._ledger, repeat=False)


def read_base(server: str) -> str:
    """From "mastodon.social" or "https://mastodon.social/" to the base of its addresses; raises `InvalidInputError`."""
    found = _SERVER.fullmatch(server.strip().rstrip("/"))
    scheme, host, port = ((part or "").lower() for part in found.groups()) if found else ("", "", "")
    name = host if _HOST.fullmatch(host) else ascii_host(host)
    if name is None or (port and not 0 < int(port) < 65_536):
        raise InvalidInputError(
            "The server is named as in mastodon.social, without a path.",
            errors=[FieldError("/server", "is no name of a server")],
        )
    scheme = scheme or "https"
    usual = not port or int(port) == _PORTS[scheme]
    return f"{scheme}://{name}{'' if usual else f':{int(port)}'}"


def host_of(base: str) -> str:
    """The host (and port) of a base."""
    return urlsplit(base).netloc


def object_in(reply: Reply) -> dict[str, Any]:
    """The reply's JSON object; an empty one for anything else."""
    try:
        return reply.json_object()
    except BadReplyError:
        return {}


def code_in(reply: Reply, *path: str) -> str | None:
    """The machine's word for what is wrong, at a place in the reply; None where there is none."""
    value: Any = object_in(reply)
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None


def number_in(value: Any) -> str | None:
    """A number or short id from a reply, as text; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:64]
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) else None
