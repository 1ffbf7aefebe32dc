"""A door before a server that lets everything through and notes what was asked: a count that owes nothing to ours."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PIECE = 65_536
# Requests follow each other on a connection, so each begins a piece of its own; bodies here are JSON.
_REQUEST = re.compile(rb"(?:GET|HEAD|POST|PUT|OPTIONS) (\S+) HTTP/1\.1\r\n")


@dataclass(slots=True)
class Door:
    """Where to knock instead of at the server, and the paths that were asked for, in order.

    A WebSocket counts once, for the request that opens it.
    """

    url: str
    asked: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Its host and port."""
        return urlsplit(self.url).netloc


@contextmanager
def open_door(address: str, delay: float = 0.0) -> Iterator[Door]:
    """Stand before the server at an address (http: or ws:, of this machine) for the time of the block.

    With a delay, in seconds, what is asked is passed on that much later, as if the server were far away.
    """
    target = urlsplit(address)
    if target.port is None:
        raise ValueError("the address has no port")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = Door(f"{target.scheme}://127.0.0.1:{listener.getsockname()[1]}")
        accepting = threading.Thread(target=_accept, args=(listener, target.port, door, delay), daemon=True)
        accepting.start()
        try:
            yield door
        finally:
            # Closing alone does not wake a thread that waits for a visitor.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join(5)


def _accept(listener: socket.socket, port: int, door: Door, delay: float) -> None:
    while True:
        try:
            visitor, _ = listener.accept()
        except OSError:
            return
        # snac listens at this address alone, the others there too.
        server = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=_pass_on, args=(visitor, server, door, delay), daemon=True).start()
        threading.Thread(target=_pass_on, args=(server, visitor), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, door: Door | None = None, delay: float = 0.0) -> None:
    """Pass on what comes until one side hangs up; the other is told so."""
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            if door is not None and (found := _REQUEST.match(piece)):
                door.asked.append(found[1].decode("ascii", "replace"))
                time.sleep(delay)
            target.sendall(piece)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
    if door is not None:
        return
    for one in (source, target):
        one.close()
