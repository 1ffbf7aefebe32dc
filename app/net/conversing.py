"""A short talk over a WebSocket: say what there is to say, listen until told enough, hang up."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from app.net.errors import BadCertificateError, RefusedAddressError, TimedOutError, TooBigError, UnreachableError

# How long a wait lasts before it looks whether the scan was cancelled, in seconds.
SLICE_SECONDS = 0.2
MAX_MESSAGES = 10_000

# It would write addresses and messages.
_silent = logging.getLogger("clonecheck.net.websockets")
_silent.disabled = True


def converse(
    line: socket.socket,
    url: str,
    tls: ssl.SSLContext,
    user_agent: str,
    texts: Sequence[str],
    is_last: Callable[[str], bool],
    is_over: Callable[[], bool],
    seconds: float,
    max_bytes: int,
) -> list[str]:
    """Send texts over a connected line and return what comes, up to and with the last one.

    Ends early, with what came, when the other side hangs up after saying something. Raises `TimedOutError`,
    `TooBigError`, `BadCertificateError`, `RefusedAddressError` and `UnreachableError`.
    """
    deadline = time.monotonic() + seconds
    secure = urlsplit(url).scheme == "wss"
    try:
        with connect(
            url,
            sock=line,
            ssl=tls if secure else None,
            user_agent_header=user_agent,
            proxy=None,
            compression=None,
            open_timeout=seconds,
            close_timeout=0.5,
            ping_interval=None,
            max_size=max_bytes,
            logger=_silent,
        ) as connection:
            for text in texts:
                connection.send(text)
            return _listen(connection, is_last, is_over, deadline, max_bytes)
    except ssl.SSLError:
        raise BadCertificateError from None
    except TimeoutError:
        raise TimedOutError from None
    except ValueError:
        # The library's word for a redirect: it has our connection and no other.
        raise RefusedAddressError("The address leads to another place") from None
    except (WebSocketException, OSError):
        raise UnreachableError from None


def _listen(
    connection: ClientConnection,
    is_last: Callable[[str], bool],
    is_over: Callable[[], bool],
    deadline: float,
    max_bytes: int,
) -> list[str]:
    heard: list[str] = []
    size = 0
    while len(heard) < MAX_MESSAGES:
        if is_over() or time.monotonic() >= deadline:
            raise TimedOutError
        try:
            message = connection.recv(SLICE_SECONDS)
        except TimeoutError:
            continue
        except ConnectionClosed:
            if heard:
                return heard
            raise
        size += len(message)
        if size > max_bytes:
            raise TooBigError
        heard.append(message if isinstance(message, str) else message.decode("utf-8", "replace"))
        if is_last(heard[-1]):
            break
    return heard
