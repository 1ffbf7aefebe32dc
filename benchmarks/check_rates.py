"""How many checks a second: many at once in one thread and in several processes, and through the real service.

Busy machines lengthen what the clock says, so that the processor's seconds stand beside it wherever they can be read.
"""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

from app.checks.schemas import CheckIn
from app.checks.service import CheckService
from app.demo.service import LOOPBACK, Service, start_service, stop_service
from app.settings import Settings
from app.storage import Database

Wire = dict[str, Any]
FIRST_PORT = 8470
# Accounts in one large request; the service takes 500.
TOGETHER = 500
_JSON = {"Content-Type": "application/json"}


def write_rates(url: str, accounts: Sequence[Wire], workers: int) -> Iterator[str]:
    """The figures, a line each."""
    yield _measure_together(url, accounts, 1)
    yield _measure_together(url, accounts, workers)
    with _serve(url, workers) as service:
        yield from _measure_service(service, accounts, workers)


def _processor_seconds() -> float:
    """Of this process and of those of its own that have ended."""
    used = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in used)


def _measure_together(url: str, accounts: Sequence[Wire], workers: int) -> str:
    """Check accounts `TOGETHER` in a request, without sockets; the processes start before the clock does."""
    settings = Settings(database_url=url, check_workers=workers)
    with _opened(url) as database, closing(CheckService(database, settings)) as service:
        requests = [_pack(accounts[at : at + TOGETHER]) for at in range(0, len(accounts), TOGETHER)]
        _answer(service, requests[0])
        processor, clock = _processor_seconds(), time.perf_counter()
        for body in requests:
            _answer(service, body)
        clock = time.perf_counter() - clock
        service.close()
        # What ended processes used counts from their start: the first request is in it for several.
        done = len(accounts) + (min(len(accounts), TOGETHER) if workers > 1 else 0)
        processor = _processor_seconds() - processor
    return (
        f"{TOGETHER} together, {_count(workers)}: {processor / done * 1000:.2f} ms of the processor an account, "
        f"{len(accounts) / clock:.0f} accounts/s by the clock"
    )


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.dispose()


def _count(workers: int) -> str:
    return "one thread" if workers == 1 else f"{workers} processes (their start included)"


def _pack(accounts: Sequence[Wire]) -> bytes:
    return json.dumps({"accounts": list(accounts)}, ensure_ascii=False).encode()


def _answer(service: CheckService, body: bytes) -> None:
    service.check(CheckIn.model_validate_json(body)).model_dump_json()


@contextmanager
def _serve(url: str, workers: int) -> Iterator[Service]:
    """The real service on loopback, over the database that is there."""
    told = {"CLONECHECK_DATABASE_URL": url, "CLONECHECK_CHECK_WORKERS": str(workers)}
    with tempfile.TemporaryDirectory() as folder:
        service = start_service(Path(folder), FIRST_PORT, settings=told)
        try:
            yield service
        finally:
            stop_service(service)


def _measure_service(service: Service, accounts: Sequence[Wire], workers: int) -> Iterator[str]:
    bodies = [json.dumps({"account": one}, ensure_ascii=False).encode() for one in accounts]
    _ask(service, bodies[:100])
    used = _used_by(service)
    taken = sorted(_ask(service, bodies))
    processor = _used_by(service) - used
    p50, p95 = taken[len(taken) // 2] * 1000, taken[int(len(taken) * 0.95)] * 1000
    yield f"over HTTP one by one: p50 {p50:.1f} ms, p95 {p95:.1f} ms by the clock" + _tell(processor, len(bodies))
    start = time.perf_counter()
    with ThreadPoolExecutor(2 * workers) as threads:
        list(threads.map(lambda at: _ask(service, bodies[at :: 2 * workers]), range(2 * workers)))
    yield f"over HTTP, {2 * workers} clients at once: {len(bodies) / (time.perf_counter() - start):.0f} checks/s"
    large = [_pack(accounts[at : at + TOGETHER]) for at in range(0, len(accounts), TOGETHER)]
    _ask(service, large[:1])
    start = time.perf_counter()
    _ask(service, large)
    yield f"over HTTP, {TOGETHER} together: {len(accounts) / (time.perf_counter() - start):.0f} accounts/s"


def _ask(service: Service, bodies: Sequence[bytes]) -> list[float]:
    """Send requests over one connection; the seconds that each took by the clock."""
    taken = []
    with closing(http.client.HTTPConnection(LOOPBACK, service.port, timeout=120)) as connection:
        for body in bodies:
            start = time.perf_counter()
            connection.request("POST", "/v1/checks", body, _JSON)
            answer = connection.getresponse()
            answer.read()
            taken.append(time.perf_counter() - start)
            if answer.status != 200:
                raise SystemExit(f"a check was answered with {answer.status}")
    return taken


def _used_by(service: Service) -> float:
    """Seconds of the processor that the service has used; 0 where the system does not tell."""
    file = Path(f"/proc/{service.pid}/stat")
    if not file.exists():
        return 0.0
    fields = file.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _tell(processor: float, checks: int) -> str:
    return f", {processor / checks * 1000:.2f} ms of the processor in the service" if processor else ""
