"""Starting a server process, waiting until it answers, and stopping it by its own id."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

# Nobody's account, which every Linux has: PostgreSQL refuses to run as root.
NOBODY = 65534
PORTS = (15_000, 32_000)
# Seconds that a reply may take where the machine has other things to do.
PATIENCE = 60.0


def free_ports(count: int) -> list[int]:
    """Ports of this machine that are free now; held together, so that they differ.

    They lie below those of outgoing connections, which could otherwise take one before its server does. Of test
    processes side by side (pytest-xdist numbers them) each takes every nth, so that none takes another's.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    step = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    sockets: list[socket.socket] = []
    while len(sockets) < count:
        port = random.randrange(PORTS[0] + number, PORTS[1], step)  # noqa: S311  # guards nothing
        with suppress(OSError):
            sockets.append(socket.create_server(("127.0.0.1", port)))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def open_client(base: str = "") -> httpx2.Client:
    """Plain HTTP without the user's proxy. A connection serves once: snac hangs up after a reply without saying so."""
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.Client(
        base_url=base, trust_env=False, timeout=PATIENCE, limits=limits, headers={"Connection": "close"}
    )


def answers(url: str) -> Callable[[], bool]:
    """A check whether anything speaks HTTP at this address."""

    def check() -> bool:
        try:
            httpx2.get(url, timeout=10, trust_env=False)
        except httpx2.TransportError:
            return False
        return True

    return check


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment of a server: no proxy, no settings of ours or of the user's."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "TZ") if key in os.environ}
    return kept | {"HOME": "/nonexistent", **extra}


@contextmanager
def run_server(
    command: Sequence[str | Path],
    log: Path,
    ready: Callable[[], bool],
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float = 120,
    user: int | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Iterator[int]:
    """Run a server for the time of the block; gives its process id.

    Raises AssertionError with the end of its log if it dies, then or later, or is not ready within `seconds`.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=log.parent,
            env=dict(environment) if environment is not None else clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
    try:
        _wait(process, log, ready, seconds)
        yield process.pid
        assert process.poll() is None, f"the server ended by itself while it was used:\n{_tail(log)}"
    finally:
        _stop(process, stop_signal)


def _wait(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert process.poll() is None, f"the server ended at once:\n{_tail(log)}"
        assert time.monotonic() < end, f"the server was not ready in {seconds:.0f} s:\n{_tail(log)}"
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]
