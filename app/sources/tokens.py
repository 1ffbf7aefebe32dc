"""App tokens of OAuth 2 (RFC 6749, 4.4: client credentials): asked for once, kept in memory until they end."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from app.net.errors import BadReplyError, StatusError
from app.net.reply import Reply
from app.sources.contract import Asker
from app.sources.reading import text_of

# A token is renewed this long before it ends, so that none ends on the way.
_MARGIN_SECONDS = 60.0
# Used where a server does not say how long its token lasts.
_UNTOLD_SECONDS = 600.0
_LONGEST_SECONDS = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an operator got from a platform for the app. `basic`: sent as HTTP Basic, else in the form."""

    url: str
    client_id: str = field(repr=False)
    secret: str = field(repr=False)
    basic: bool = False


class AppToken:
    """One token for all calls of a source; safe to share among threads. Its text is in no repr and no log."""

    def __init__(self, credentials: Credentials, clock: Callable[[], float] = time.monotonic) -> None:
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._ends = 0.0

    def get(self, ask: Asker, url: str, params: Mapping[str, str | int | list[str]], **headers: str) -> Reply:
        """Ask with the token; a 401 is answered with a new one, once. Raises `app.net.errors`."""
        for fresh in (False, True):
            bearer = self._bearer(ask, fresh)
            reply = ask.get(url, params, headers={**headers, "Authorization": f"Bearer {bearer}"})
            if reply.status != 401:
                break
        return reply

    def _bearer(self, ask: Asker, fresh: bool) -> str:
        with self._lock:
            if fresh or self._token is None or self._clock() >= self._ends:
                self._token, seconds = _fetch(self._credentials, ask)
                self._ends = self._clock() + seconds - _MARGIN_SECONDS
            return self._token


def _fetch(credentials: Credentials, ask: Asker) -> tuple[str, float]:
    form = {"grant_type": "client_credentials"}
    headers = {}
    if credentials.basic:
        pair = f"{quote(credentials.client_id, safe='')}:{quote(credentials.secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form |= {"client_id": credentials.client_id, "client_secret": credentials.secret}
    reply = ask.post(credentials.url, form=form, headers=headers, repeat=True)
    if reply.status in {400, 401, 403}:
        raise StatusError(reply.status, "The platform did not accept the app's key and secret")
    body = reply.expect().json_object()
    token = text_of(body.get("access_token"), 4_096)
    if token is None or not token.isascii() or any(c.isspace() for c in token):
        raise BadReplyError
    return token, _seconds(body.get("expires_in"))


def _seconds(told: Any) -> float:
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 < told <= _LONGEST_SECONDS:
        return float(told)
    return _UNTOLD_SECONDS
