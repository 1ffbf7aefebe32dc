"""The real service as a process of its own: start it, wait for it, fill it, stop it, and know it again later."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2

LOOPBACK = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 15.0
CHUNK = 250  # accounts per import request: a few megabytes
_PORTS_TRIED = 100
# Services started by this process. They may outlive it, so nothing waits for them unless they are stopped.
_STARTED: dict[int, subprocess.Popen[bytes]] = {}


class ServiceError(Exception):
    """The service could not be started, or did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. `identity` tells whether a process id still is the same process."""

    pid: int
    port: int
    identity: str

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"


def find_port(first: int) -> int:
    """The first free port on loopback from `first` on; raises `ServiceError` after a hundred busy ones."""
    for port in range(first, min(first + _PORTS_TRIED, 65_536)):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((LOOPBACK, port))
                return port
    raise ServiceError(f"no free port from {first} on")


def start_service(folder: Path, first_port: int, *, settings: Mapping[str, str] | None = None) -> Service:
    """Start the service on a free port with its database in `folder`, and wait until it is ready.

    It runs in a session of its own, so that it outlives the caller and Ctrl-C does not reach it. Nothing of the
    caller's own configuration reaches it either: the demo must not touch a real database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = find_port(first_port)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CLONECHECK_")}
    environment = {**inherited, "CLONECHECK_DATA_DIR": str(folder.resolve()), **(settings or {})}
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    with (folder / "service.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_ready(process, port)
    except BaseException:
        process.kill()
        process.wait()
        raise
    _STARTED[process.pid] = process
    return Service(process.pid, port, identify(process.pid) or "")


def _wait_ready(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    with httpx2.Client(base_url=f"http://{LOOPBACK}:{port}", trust_env=False) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ServiceError(f"the service ended at once with code {process.returncode}; see service.log")
            with suppress(httpx2.TransportError):
                if client.get("/readyz").status_code == 200:
                    return
            time.sleep(0.1)
    raise ServiceError(f"the service was not ready within {START_SECONDS:.0f} seconds; see service.log")


def identify(pid: int) -> str | None:
    """What tells a process from a later one of the same id: its start and its command line; None when it has ended."""
    if Path("/proc/self/stat").exists():
        return _identify_in_proc(Path("/proc") / str(pid))
    command = ["ps", "-ww", "-o", "lstart=,command=", "-p", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # nothing from outside
    return " ".join(found.stdout.split()) or None


def _identify_in_proc(folder: Path) -> str | None:
    with suppress(OSError, IndexError):
        # The second field, in brackets, may hold anything; state and start time are the 1st and 20th after it.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        # A process that has ended stays in the table until its parent asks; it is gone all the same.
        return None if fields[0] == "Z" else f"{fields[19]} {command}"
    return None


def is_running(service: Service) -> bool:
    """Whether the service still runs; False when its id belongs to another process by now."""
    return bool(service.identity) and identify(service.pid) == service.identity


def stop_service(service: Service) -> bool:
    """Stop the service; False when it does not run. A process that is not the one we started is left alone."""
    if not is_running(service):
        return False
    os.kill(service.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    # A process that is ending loses its command line before it goes: only the start tells it then.
    while (now := identify(service.pid)) and now.split()[0] == service.identity.split()[0]:
        if time.monotonic() > deadline:
            os.kill(service.pid, signal.SIGKILL)
            break
        time.sleep(0.05)
    if service.pid in _STARTED:
        _STARTED.pop(service.pid).wait()
    return True


def remember(service: Service, file: Path) -> None:
    """Write down which process runs the service."""
    file.write_text(json.dumps(asdict(service)), encoding="utf-8")


def recall(file: Path) -> Service | None:
    """Read which process runs the service; None when nothing readable is written down."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        noted = json.loads(file.read_text(encoding="utf-8"))
        return Service(int(noted["pid"]), int(noted["port"]), str(noted["identity"]))
    return None


def open_client(service: Service, timeout: float = 120.0) -> httpx2.Client:
    """A client for the service; proxies from the environment are not for loopback."""
    return httpx2.Client(base_url=service.url, timeout=timeout, trust_env=False)


def send_accounts(client: httpx2.Client, accounts: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """Import accounts in chunks and yield how many each took; raises `ServiceError` if one is refused."""
    remaining = iter(accounts)
    while chunk := list(islice(remaining, CHUNK)):
        body = "\n".join(json.dumps(account, ensure_ascii=False) for account in chunk)
        answer = client.post("/v1/accounts", content=body.encode(), headers={"Content-Type": "application/x-ndjson"})
        told = read_answer(answer)
        if told.get("rejected"):
            raise ServiceError(f"an account was refused: {told['errors'][0]}")
        yield len(chunk)


def read_answer(answer: httpx2.Response) -> dict[str, Any]:
    """Read a JSON answer; raises `ServiceError` with the service's own words when it is a refusal."""
    if answer.is_error:
        raise ServiceError(f"{answer.request.method} {answer.request.url.path} {answer.status_code}: {answer.text}")
    told: dict[str, Any] = answer.json()
    return told
