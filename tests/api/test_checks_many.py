"""Many accounts in one request: the same answers, from processes of their own."""

from __future__ import annotations

import inspect
import os
import signal
import struct
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.checks.pool import WorkerPool
from app.checks.service import BATCH, MANY
from app.demo.portraits import draw_portrait, encode_jpeg
from app.problems import UnavailableError
from app.settings import Settings
from tests.api.conftest import Json, as_photo, connect

NAMES = ("Maria", "Paolo", "Ines", "Viktor", "Ottilie", "Bram", "Soraya", "Hugo", "Dilek", "Anton")


def fill(client: TestClient, portrait: bytes) -> None:
    """Store people of whom some share a name."""
    people: list[Json] = [{"name": f"{name} Quist", "handle": f"{name.lower()}.q", "platform": "x"} for name in NAMES]
    people += [{"name": f"{name} Brandvold", "photo": as_photo(portrait)} for name in NAMES[:3]]
    people += [{"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "photo": as_photo(portrait)}]
    assert client.post("/v1/subjects", json=people).json()["inserted"] == len(people)


def draw(accounts: list[Json], count: int) -> list[Json]:
    """Copies and strangers in turn."""
    stranger = as_photo(encode_jpeg(draw_portrait("check stranger")))
    others = [
        {"platform": "x", "handle": f"{name.lower()}_q", "display_name": f"{name} Quist", "avatar": stranger}
        for name in NAMES
    ]
    return [(accounts[:8] + others)[at % 18] for at in range(count)]


def ask(client: TestClient, **body: object) -> Json:
    answer = client.post("/v1/checks", json=body)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def test_together_they_are_answered_as_one_by_one(on_each: TestClient, accounts: list[Json], portrait: bytes) -> None:
    fill(on_each, portrait)
    asked = draw(accounts, BATCH + 4)
    apart = [ask(on_each, account=account) for account in asked]
    assert any(one["matches"] for one in apart)
    assert ask(on_each, accounts=asked)["results"] == apart


@pytest.mark.slow
def test_so_are_many_in_processes_of_their_own(tmp_path: Path, accounts: list[Json], portrait: bytes) -> None:
    asked = draw(accounts, MANY + 7)
    with connect(Settings(data_dir=tmp_path, check_workers=1)) as client:
        fill(client, portrait)
        here = ask(client, accounts=asked, min_probability=0.1, limit=2)
    with connect(Settings(data_dir=tmp_path, check_workers=2)) as client:
        assert ask(client, accounts=asked, min_probability=0.1, limit=2) == here
        asked[MANY] = {"platform": "x", "handle": "x", "avatar": {"base64": "bm8gcGljdHVyZQ=="}}
        refused = client.post("/v1/checks", json={"accounts": asked})
        assert refused.status_code == 415
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["errors"][0]["pointer"].startswith(f"/accounts/{MANY}/avatar")


@pytest.mark.slow
def test_a_process_that_dies_is_a_503_and_the_next_request_is_answered(
    tmp_path: Path, accounts: list[Json], portrait: bytes
) -> None:
    pool = WorkerPool(2)
    pids = set(pool.run(_tell_process, range(8)))
    assert os.getpid() not in pids
    pool.close()
    with connect(Settings(data_dir=tmp_path, check_workers=2)) as client:
        fill(client, portrait)
        asked = draw(accounts, MANY)
        checks: WorkerPool = client.app.state.checks._pool  # type: ignore[attr-defined]
        for pid in set(checks.run(_tell_process, range(8))):
            os.kill(pid, signal.SIGKILL)
        answer = client.post("/v1/checks", json={"accounts": asked})
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert len(ask(client, accounts=asked)["results"]) == MANY


def _tell_process(_task: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def die_while_answering(number: int) -> int:
    """Tell of an answer of a megabyte, and be killed before it is written."""
    if number:
        return number
    frame = inspect.currentframe()
    while frame is not None and "result_queue" not in frame.f_locals:
        frame = frame.f_back
    assert frame is not None
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1 << 20) + b"half")
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.slow
def test_a_process_that_is_killed_while_it_answers_is_noticed_too() -> None:
    pool = WorkerPool(2)
    with pytest.raises(UnavailableError):
        pool.run(die_while_answering, range(3))
    assert pool.run(die_while_answering, range(1, 4)) == [1, 2, 3]
    pool.close()
