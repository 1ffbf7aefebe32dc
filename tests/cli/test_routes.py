"""`clonecheck routes` as a user meets it: what is printed, what is opened, and that nothing else happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli import running
from tests.conftest import ROOT

CLONE = ("routes", "https://x.com/janed0e", "--name", "Jane Doe", "--suspect-name", "Jane Doe")


def run(*arguments: str, code: int = 0, **environment: str) -> str:
    """Run the command line in a process of its own, as opening links needs it; gives what it printed, in order."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout
    return done.stdout


def show(*arguments: str, code: int = 0, columns: int = 100) -> str:
    """Run a command that opens and stores nothing, in this process; gives what it printed."""
    return running.run(ROOT / "nowhere", *arguments, code=code, COLUMNS=f"{columns}")


def _json(*arguments: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(show(*arguments, "--json"))
    return body


def test_everything_is_shown() -> None:
    told = show(*CLONE, "--own-account", "https://x.com/janedoe", "--evidence", "Same photo", "--country", "GB")
    for part in (
        "1. X report form (proof of identity needed): https://",
        "     Whose identity is being impersonated? choose “me”",
        "       - Same photo.",
        "   Only you can give:",
        "     - A government-issued identity document",
        "   What happens then: X compares the two profiles",
        "to be checked again after",
        "Information, not legal advice.",
        "     Phone: 0300 123 2040",
        "Nothing has been sent.",
    ):
        assert part in told, part


def test_a_text_can_be_copied_as_it_is() -> None:
    """No line is broken and none is padded, whatever the width of the terminal."""
    text = next(c["text"] for c in _json(*CLONE)["routes"][0]["copy"] if "\n" in c["text"])
    lines = [line.strip() for line in show(*CLONE, columns=40).splitlines()]
    assert set(text.splitlines()) <= set(lines)
    assert not any(line.endswith(" ") for line in show(*CLONE, columns=40).splitlines())


def test_role_country_and_language_change_the_answer() -> None:
    bystander = _json(*CLONE, "--role", "bystander", "--country", "BR", "--language", "pt-BR")
    assert [route["channel"] for route in bystander["routes"]] == ["in_app"]
    assert "parece fazer-se passar por Jane Doe" in bystander["routes"][0]["copy"][-1]["text"]
    assert "br_safernet" in [option["id"] for option in bystander["legal"]]
    told = show(*CLONE, "--role", "bystander", "--verdict", "namesake", "--language", "de")
    assert "keine Meldung entworfen" in told.replace("\n", " ")
    assert "1." not in told


def test_without_a_name_no_placeholder_is_left() -> None:
    body = _json("routes", "https://x.com/janed0e")
    assert "the person concerned" not in str([c for r in body["routes"] for c in r["copy"] if "name" in c["field"]])


@pytest.fixture
def browser(tmp_path: Path) -> tuple[Path, Path]:
    """A browser that writes down what it is told to open, and where it writes."""
    log, script = tmp_path / "opened", tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> "{log}"\n', encoding="utf-8")
    script.chmod(0o700)
    return script, log


def test_a_link_is_opened_only_when_asked_and_only_after_saying_so(browser: tuple[Path, Path]) -> None:
    script, log = browser
    run(*CLONE, BROWSER=str(script))
    assert not log.exists()
    told = run(*CLONE, "--open", "--number", "2", BROWSER=str(script))
    opened = log.read_text(encoding="utf-8").splitlines()
    assert opened == ["https://x.com/janed0e"]
    assert told.rstrip().endswith("Opening in your browser, way 2 (Report in X): https://x.com/janed0e")


def test_what_cannot_be_opened_is_said(browser: tuple[Path, Path]) -> None:
    script, log = browser
    assert "Way 9 has no link to open" in run(*CLONE, "--open", "--number", "9", code=2, BROWSER=str(script))
    assert not log.exists()
    assert "No browser could be started" in run(*CLONE, "--open", code=2, BROWSER="/nonexistent/browser", PATH="/none")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--role", "police"), "role"),
        (("--country", "Germany"), "country"),
        (("--verdict", "guilty"), "verdict"),
        (("--your-email", "a@b.example?bcc=x@y.example"), "email"),
        (("--number", "0"), "number"),
    ],
)
def test_bad_input_is_named(more: tuple[str, ...], told: str) -> None:
    assert told in show(*CLONE, *more, code=2)
