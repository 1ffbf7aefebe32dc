"""Starting, knowing again and stopping the service's process; nobody else's process is ever touched."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.demo.run import run_demo, stop_demo
from app.demo.service import (
    Service,
    ServiceError,
    find_port,
    identify,
    is_running,
    open_client,
    recall,
    remember,
    start_service,
    stop_service,
)


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"], stdout=-1)
    assert process.stdout is not None
    process.stdout.readline()
    with process:
        yield process
        process.kill()


def test_a_process_of_ours_is_known_again_and_stopped(sleeper: subprocess.Popen[bytes]) -> None:
    service = Service(sleeper.pid, 1, identify(sleeper.pid) or "")
    assert is_running(service)
    assert stop_service(service)
    assert not is_running(service)
    assert not stop_service(service)


def test_a_process_that_is_not_ours_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    for identity in ("", "123 python -m app.cli serve --port 8000", f"{identify(os.getpid())}"):
        assert not stop_service(Service(sleeper.pid, 8000, identity))
    assert sleeper.poll() is None


def test_an_ended_process_has_no_identity(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()
    assert identify(sleeper.pid) is None


@pytest.mark.parametrize("noted", [None, "", "[]", '{"pid": "x"}', '{"pid": 1}', "\x00"])
def test_an_unreadable_note_is_no_service(tmp_path: Path, noted: str | None) -> None:
    file = tmp_path / "service.json"
    if noted is not None:
        file.write_text(noted)
    assert recall(file) is None


def test_a_note_comes_back_as_written(tmp_path: Path) -> None:
    remember(Service(12, 8000, "é 1"), tmp_path / "service.json")
    assert recall(tmp_path / "service.json") == Service(12, 8000, "é 1")


def test_a_busy_port_is_passed_over() -> None:
    with closing(socket.socket()) as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert find_port(taken) > taken


def test_a_service_that_cannot_start_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"service\.log"):
        start_service(tmp_path, 18_600, settings={"CLONECHECK_DATABASE_URL": "nonsense://"})


def test_a_database_that_no_demo_made_is_not_touched(tmp_path: Path) -> None:
    database = tmp_path / "clonecheck.db"
    database.write_bytes(b"precious")
    with pytest.raises(SystemExit):
        run_demo(port=18_600, folder=tmp_path, exit=True, size=100)
    assert database.read_bytes() == b"precious"


@pytest.mark.slow
def test_the_demo_finds_what_was_planted_and_leaves_the_service_running(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run_demo(port=18_600, folder=tmp_path, exit=False, size=120)
    shown = capfd.readouterr().out
    service = recall(tmp_path / "service.json")
    assert service is not None
    try:
        assert "Told apart rightly: 16 of 16" in " ".join(shown.split())
        assert shown.rstrip().splitlines()[-1].startswith(service.url)
        with open_client(service) as client:
            assert client.get("/readyz").status_code == 200
        run_demo(port=18_600, folder=tmp_path, exit=True, size=100)
        assert not is_running(service)
    finally:
        stop_demo(tmp_path)
    assert recall(tmp_path / "service.json") is None
    run_demo(port=18_600, folder=tmp_path, exit=True, size=100)
    assert "Told apart rightly: 16 of 16" in " ".join(capfd.readouterr().out.split()), "once more after it was stopped"
