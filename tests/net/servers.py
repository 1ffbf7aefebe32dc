"""Servers that misbehave as told, on real sockets of this machine."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# What a server does with one connection: gets it with the request's head, and how many came before.
Behaviour = Callable[[socket.socket, str, int], None]


@dataclass
class Running:
    """A server that runs: its port, and the heads of the requests it got."""

    port: int
    requests: list[str] = field(default_factory=list)
    host: str = "localhost"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


def reply(body: bytes = b"{}", status: str = "200 OK", kind: str = "application/json", extra: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{extra}\r\n"
    )
    return head.encode() + body


def says(*answers: bytes) -> Behaviour:
    """Answer with these in turn, the last one from then on."""

    def behave(line: socket.socket, _head: str, count: int) -> None:
        line.sendall(answers[min(count, len(answers) - 1)])

    return behave


def keeps_and_resets(served: int) -> Behaviour:
    """Keep each connection for so many requests, and reset it when the next one has come."""

    def behave(line: socket.socket, _head: str, _count: int) -> None:
        for _ in range(served):
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
            if not line.recv(65_536):
                return
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        line.close()

    return behave


@contextmanager
def serve(behave: Behaviour, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Running]:
    """Run a server for the time of the block."""
    listener = socket.create_server((address, 0))
    running = Running(listener.getsockname()[1])
    over = threading.Event()

    def answer(line: socket.socket, count: int) -> None:
        with line, suppress(OSError):
            line.settimeout(5)
            secure = tls.wrap_socket(line, server_side=True) if tls else line
            head = b""
            while b"\r\n\r\n" not in head and (piece := secure.recv(65_536)):
                head += piece
            running.requests.append(head.decode("latin-1"))
            behave(secure, running.requests[-1], count)
            with suppress(OSError):
                secure.shutdown(socket.SHUT_RDWR)
            secure.close()

    def accept() -> None:
        count = 0
        while not over.is_set():
            try:
                line, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(line, count), daemon=True).start()
            count += 1

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)
