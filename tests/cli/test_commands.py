"""All commands: each that prints results takes --json; its exit codes and completion are as told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli import app
from app.demo.portraits import draw_portrait, encode_jpeg
from tests.cli.running import run, run_process
from tests.conftest import ROOT

# They run until they are stopped, and print no result.
RUNNING = {("serve",), ("demo",)}
PERSON = ("--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--platform", "x")
# Commands that send something, or need a report, a token or the network: their flags are looked at, and they run in
# tests of their own.
ELSEWHERE = {("report",), ("reports", "record"), ("sources", "test"), ("index", "restore")}


def _walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    subcommands = getattr(command, "commands", None)
    if subcommands is None or getattr(command, "invoke_without_command", False):
        yield path, command
    for name, one in (subcommands or {}).items():
        yield from _walk(one, (*path, name))


COMMANDS = dict(_walk(typer.main.get_command(app)))


def test_every_command_that_prints_results_takes_json() -> None:
    without = [path for path, command in COMMANDS.items() if not any("--json" in one.opts for one in command.params)]
    assert set(without) == RUNNING


@pytest.mark.slow
def test_json_stands_alone_on_the_output_and_is_valid(tmp_path: Path) -> None:
    me, accounts, pair = tmp_path / "me.jpg", tmp_path / "a.ndjson", tmp_path / "pair.json"
    me.write_bytes(encode_jpeg(draw_portrait("commands")))
    hostile = {"platform": "x", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold \u202e\x9b31m\u2028"}
    accounts.write_text(json.dumps(hostile), encoding="utf-8")
    pair.write_text(json.dumps({"subject": {"name": "Jane Doe"}, "account": hostile}), encoding="utf-8")
    run(tmp_path, "import", str(accounts))
    scan = json.loads(run(tmp_path, "scan", *PERSON, "--json"))["id"]
    subject = json.loads(run(tmp_path, "subjects", "add", *PERSON, "--json"))["id"]
    bundle, erasures = str(tmp_path / "b.zip"), str(tmp_path / "s.txt")
    calls: list[tuple[str, ...]] = [
        ("scan", *PERSON), ("show", scan), ("history",), ("history", "export", scan), ("attack", *PERSON),
        ("preview", *PERSON), ("check", *PERSON), ("compare", str(pair)), ("hash", str(me)), ("import", str(accounts)),
        ("evidence", scan, "1", "-o", bundle), ("verify", bundle), ("routes", "https://x.com/adaeze", *PERSON[:2]),
        ("platforms",), ("sources",), ("subjects", "add", *PERSON), ("subjects", "list"),
        ("subjects", "remove", subject),
        ("reports", "list"), ("reports", "stats"), ("index", "stats"), ("index", "check"), ("index", "rebuild"),
        ("index", "backup", str(tmp_path / "backup")), ("index", "suppressions", "export", erasures),
        ("index", "suppressions", "import", erasures), ("history", "erase", scan, "--yes"), ("version",),
    ]  # fmt: skip
    known = set(COMMANDS)
    assert known == RUNNING | ELSEWHERE | {max((p for p in known if call[: len(p)] == p), key=len) for call in calls}
    for call in calls:
        done = run_process(tmp_path, *call, "--json")
        assert done.returncode == 0, (call, done.stdout, done.stderr)
        json.loads(done.stdout)
        assert done.stdout.replace("\n", "").isprintable(), call


def test_scripts_can_tell_by_the_exit_code(tmp_path: Path) -> None:
    assert "suspect" in run(tmp_path, "scan", "--help")
    assert run_process(tmp_path, "scan", *PERSON, "--fail-on-suspects").returncode == 0
    done = run_process(tmp_path, "scan", *PERSON, "--json", "--pictures")
    assert (done.returncode, done.stdout) == (2, "")
    for code in ("0 done", "1 ", "2 ", "3 ", "130 "):
        assert code in run(tmp_path, "--help")


# Shells let what they start in the background ignore Ctrl-C, with all that is started from there, as tests may be.
MINDFUL = """import signal; signal.signal(signal.SIGINT, signal.default_int_handler)
from app.cli import main; main()"""


@pytest.mark.slow
def test_a_scan_ended_by_ctrl_c_keeps_what_it_found(tmp_path: Path) -> None:
    account = {"platform": "x", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold"}
    (tmp_path / "a.ndjson").write_text(json.dumps(account), encoding="utf-8")
    run(tmp_path, "import", str(tmp_path / "a.ndjson"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        reach = {"CLONECHECK_BLUESKY_URL": f"http://{place}", "CLONECHECK_NET_ALLOW_PRIVATE": place}
        with subprocess.Popen(
            [sys.executable, "-c", MINDFUL, "scan", *PERSON, "--source", "index", "--source", "bluesky", "--json"],
            cwd=ROOT, env={**os.environ, **reach, "CLONECHECK_DATA_DIR": str(tmp_path / "data")},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            # Somebody is asked, and will never answer.
            asked, _ = silent.accept()
            with asked:
                time.sleep(1)
                process.send_signal(signal.SIGINT)
                told, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    found = json.loads(told)
    assert (found["status"], [one["account"]["handle"] for one in found["suspects"]]) == (
        "cancelled", ["adaezebrandvo1d"],
    )  # fmt: skip
    assert "cancelled" in run(tmp_path, "history")


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    script = tmp_path / "complete.sh"
    beside = str(Path(sys.executable).parent)
    given = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}"}
    printed = subprocess.run(
        ["clonecheck", "--show-completion", "bash"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
        env={**given, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    ).stdout  # fmt: skip
    ask = "_clonecheck_completion clonecheck; echo ${COMPREPLY[@]}"
    tries = (
        f"COMP_WORDS=(clonecheck hist); COMP_CWORD=1; {ask}; COMP_WORDS=(clonecheck scan --fail); COMP_CWORD=2; {ask}"
    )
    script.write_text(f"{printed}\n{tries}\n", encoding="utf-8")
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=True, timeout=60, env=given)
    assert done.stdout.split() == ["history", "--fail-on-suspects"]
