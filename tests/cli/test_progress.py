"""How far a long command has come: on a terminal, and where nobody looks."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from rich.console import Console

from app.cli_progress import INTERVAL, ProgressTeller
from tests.cli.running import run


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _tell(console: Console, *, silent: bool = False, before: int = 0) -> None:
    """Twenty steps of 1,000 accounts in 4 seconds each; half the work was done before, where anything was."""
    clock = _Clock()
    with ProgressTeller(console, "Importing", "accounts", silent=silent, clock=clock) as teller:
        for step in range(1, 21):
            clock.now += 4
            count = before + 1_000 * step
            teller.tell(count, count, before + 20_000, before)


def test_plain_lines_come_at_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever forces colours does not make a terminal of a file.
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = io.StringIO()
    _tell(Console(file=shown))
    lines = shown.getvalue().splitlines()
    assert lines[0] == "Importing: 3,000 accounts, 15 %, 250 accounts/s, 0:01:08 left"
    assert lines[-1] == "Importing: 18,000 accounts, 90 %, 250 accounts/s, 0:00:08 left"
    assert len(lines) == 80 // (-(-INTERVAL // 4) * 4)
    assert shown.getvalue().replace("\n", "").isprintable()


def test_what_an_earlier_run_did_is_no_speed() -> None:
    shown = io.StringIO()
    _tell(Console(file=shown), before=100_000)
    assert shown.getvalue().splitlines()[0] == "Importing: 103,000 accounts, 86 %, 250 accounts/s, 0:01:08 left"


def test_the_rate_is_that_of_the_last_seconds() -> None:
    clock, shown = _Clock(), io.StringIO()
    with ProgressTeller(Console(file=shown), "Importing", "accounts", clock=clock) as teller:
        for count, seconds in ((10_000, 10), (10_100, 10), (10_200, 10), (10_300, 10), (10_400, 10)):
            clock.now += seconds
            teller.tell(count, count, 20_000)
    assert "1,000 accounts/s" in shown.getvalue().splitlines()[0]
    assert "10 accounts/s, 0:16:00 left" in shown.getvalue().splitlines()[-1]


def test_another_kind_of_things_begins_again() -> None:
    clock, shown = _Clock(), io.StringIO()
    with ProgressTeller(Console(file=shown), "Rebuilding", "rows", clock=clock) as teller:
        for count in (1_000, 100, 200):
            clock.now += 10
            teller.tell(count, count, 1_000)
    lines = shown.getvalue().splitlines()
    assert "-" not in lines[1]
    assert lines[2].endswith("10 rows/s, 0:01:20 left")


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")  # a terminal that nobody reads takes in 4 KiB
    reader, terminal = os.openpty()
    with os.fdopen(terminal, "w") as file, os.fdopen(reader, "rb", buffering=0) as screen:
        _tell(Console(file=file, width=100))
        os.set_blocking(reader, False)
        shown = b"".join(iter(lambda: screen.read(4_096), None)).decode()
    assert "\x1b[" in shown
    assert "250 accounts/s, 0:00:00 left" in shown


@pytest.mark.parametrize("terminal", [False, True])
def test_silence_is_silence(terminal: bool) -> None:
    shown = io.StringIO()
    _tell(Console(file=shown, force_terminal=terminal), silent=True)
    assert shown.getvalue() == ""


@pytest.mark.slow
def test_an_import_says_nothing_beside_its_result(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"platform": "x", "handle": "jane"}\n')
    assert (
        run(tmp_path, "import", str(tmp_path / "a.ndjson"), "--quiet")
        == "1 inserted, 0 updated, 0 unchanged, 0 suppressed\n"
    )
    assert "--quiet" in run(tmp_path, "import", "--help")
