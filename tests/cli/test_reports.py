"""`clonecheck report` as a user meets it: a terminal to answer on, a platform on a socket."""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.running import run_inside
from tests.conftest import ROOT
from tests.filing.cases import NAME, REAL, copied_portrait, portrait
from tests.filing.platform import Platform, Says, run_platform

TOKEN = "tok-5ecret-N0body-may-read-this"
HANDLE = "adaezebrandvo1d@impostors.example"
REPORTS = "/api/v1/reports"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with one impostor."""
    folder = tmp_path_factory.mktemp("report")
    account = {"platform": "mastodon", "handle": HANDLE, "display_name": NAME, "avatar": {"base64": copied_portrait()}}
    (folder / "accounts.ndjson").write_text(json.dumps(account) + "\n", encoding="utf-8")
    (folder / "me.jpg").write_bytes(base64.b64decode(portrait()))
    assert _run(folder, "import", str(folder / "accounts.ndjson"))[0] == 0
    return folder


@pytest.fixture(scope="module")
def scan(folder: Path) -> str:
    """The id of a scan that found it, as the last lines of a scan tell it."""
    _, told = _run(folder, "scan", "--name", NAME, "--handle", REAL, "--photo", str(folder / "me.jpg"))
    return told.rpartition("This is scan ")[2].partition(".")[0]


@pytest.fixture
def platform() -> Iterator[Platform]:
    known = Says({"id": "4711", "acct": HANDLE})
    with run_platform({"/api/v1/accounts/lookup": known, REPORTS: Says({"id": "48914"})}) as running:
        yield running


def _run(folder: Path, *arguments: str, **settings: str) -> tuple[int, str]:
    """The exit code, and what was printed where nobody can be asked."""
    done = run_inside(folder, *arguments, **settings)
    return done.returncode, done.stdout + done.stderr


def _run_asking(folder: Path, *arguments: str, stdin: int, **settings: str) -> tuple[int, str]:
    """The same in a process of its own, which may ask."""
    ours = {"CLONECHECK_DATA_DIR": str(folder / "data"), "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **ours, **settings},
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def _report(folder: Path, scan: str, platform: Platform, *more: str, answer: str | None = None) -> tuple[int, str]:
    """File a report; with an answer there is a terminal, on which it is typed."""
    arguments = ("report", scan, "1", "--channel", "mastodon-api", "--server", platform.url, *more)
    settings = {"CLONECHECK_NET_ALLOW_PRIVATE": urlsplit(platform.url).netloc, "CLONECHECK_REPORT_TOKEN": TOKEN}
    if answer is None:
        return _run(folder, *arguments, **settings)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        return _run_asking(folder, *arguments, stdin=theirs, **settings)
    finally:
        for end in (ours, theirs):
            with suppress(OSError):
                os.close(end)


def test_it_shows_asks_and_sends_once(folder: Path, scan: str, platform: Platform) -> None:
    code, told = _report(folder, scan, platform)
    assert (code, "without a terminal to ask on, say --yes" in told) == (2, True), told
    code, told = _report(folder, scan, platform, answer="n")
    assert (code, "Nothing was sent." in told) == (1, True), told
    assert platform.seen == []
    code, told = _report(folder, scan, platform, answer="y")
    assert (code, "Its number there is 48914." in told) == (0, True), told
    assert f"@{HANDLE} will be sent, if you confirm it" in told
    [sent] = platform.posted(REPORTS)
    assert f"comment: {sent.form()['comment'][0]}" in told, "what was shown is what was sent"
    assert f"request: POST {platform.url}{REPORTS}" in told
    assert TOKEN not in told
    code, told = _report(folder, scan, platform, "--yes", "--json")
    assert code == 0
    assert '"already": true' in told
    assert len(platform.posted(REPORTS)) == 1


def test_what_may_have_arrived_is_said_and_not_sent_again_unasked(folder: Path, scan: str, platform: Platform) -> None:
    # A channel of its own: by the other one this account was reported already.
    channel = ("--channel", "misskey-api", "--language", "de", "--yes")
    platform.answers["/api/users/show"] = Says({"id": "9abc", "username": "adaezebrandvo1d"})
    platform.answers["/api/users/report-abuse"] = Says({}, 502)
    code, told = _report(folder, scan, platform, *channel)
    assert (code, "Whether the report arrived is not known" in told) == (1, True), told
    code, told = _report(folder, scan, platform, *channel)
    assert (code, "it is not known whether it arrived" in told) == (2, True), told
    [sent] = platform.posted("/api/users/report-abuse")
    assert "gibt sich" in sent.json()["comment"] or "Konto" in sent.json()["comment"]
    platform.answers["/api/users/report-abuse"] = Says(b"", 204)
    code, told = _report(folder, scan, platform, *channel, "--again")
    assert (code, "The report was filed with" in told) == (0, True), told


def test_the_token_is_no_option(folder: Path, scan: str, platform: Platform) -> None:
    code, told = _report(folder, scan, platform, "--token", "x")
    assert (code, "No such option" in told) == (2, True)


def test_platforms_tell_how_to_get_a_token(folder: Path) -> None:
    code, told = _run(folder, "platforms")
    assert code == 0
    assert "--channel bluesky-api --account YOUR-HANDLE" in told
    assert "Settings > Privacy and security > App passwords" in told
