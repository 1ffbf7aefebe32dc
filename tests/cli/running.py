"""The command line as tests run it: in a process of its own, or quickly in the test's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path

from app.cli import main
from tests.conftest import ROOT


def run(folder: Path, *arguments: str, code: int = 0, **settings: str) -> str:
    """Run the command line with its data in `folder`; returns what it printed, errors too where it fails as it must.

    It runs in this process, a second quicker than in one of its own. What only a process can show (signals, terminals,
    start-up, two at a time) is for `run_process`; test_commands.py starts almost every command once by it.
    """
    done = run_inside(folder, *arguments, **settings)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


def run_inside(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in this process, from the program's entry on, with nobody at the input."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code: object = 0
    with _environment(folder, settings), chdir(ROOT), _nobody(), redirect_stdout(out), redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as end:
            code = end.code
    assert code is None or isinstance(code, int), "a message in place of a code would print itself"
    told, errors = (stream.buffer.getvalue().decode() for stream in (out, err))
    assert "Traceback" not in errors
    return subprocess.CompletedProcess(arguments, code or 0, told, errors)


def run_process(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **_given(folder, settings)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def _given(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    return {"CLONECHECK_DATA_DIR": str(folder / "data"), "COLUMNS": "200", "NO_COLOR": "1", **settings}


@contextmanager
def _environment(folder: Path, settings: dict[str, str]) -> Iterator[None]:
    """The settings as the program finds them, for the time of the block."""
    before = dict(os.environ)
    os.environ.update(_given(folder, settings))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _nobody() -> Iterator[None]:
    """An input with nothing on it, and no terminal."""
    before = sys.stdin
    with open(os.devnull, encoding="utf-8") as nothing:
        sys.stdin = nothing
        try:
            yield
        finally:
            sys.stdin = before
