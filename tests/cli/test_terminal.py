"""What stands on a real terminal: progress, marks, pictures; and nothing of what strangers wrote has any power."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps

from app.demo.portraits import draw_portrait, encode_jpeg
from tests.cli.running import run
from tests.cli.terminal import run_in_terminal
from tests.scans.platforms import Platform
from tests.scans.platforms import run as serve

PORTRAIT = draw_portrait("terminal subject")
HOSTILE = "Adaeze Brandvold \x1b[2J\x1b]0;mine\x07\u202egnp\x9b31m"
# What rich writes itself: colours, the cursor, and clearing its own lines.
OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[1A|\x1b\[2K|\r")
BASE = ("--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--platform", "x")


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """A Bluesky with a clone that wears the photo, and one whose picture is none."""
    pictures = {"/copy.jpg": encode_jpeg(ImageOps.mirror(PORTRAIT), 70), "/none.jpg": b"<html>"}
    with serve(Platform([], pictures)) as bluesky:
        for at, (handle, name, picture) in enumerate(
            (("adaezebrandvo1d.test", "Adaeze Brandvold", "copy"), ("adaezebrandv0ld.test", HOSTILE, "none"))
        ):
            did = f"did:plc:{'bc'[at] * 24}"
            avatar = f"{bluesky.url}/{picture}.jpg"
            shown = {
                "did": did,
                "handle": handle,
                "displayName": name,
                "avatar": avatar,
                "createdAt": "2026-09-01T00:00:00Z",
            }
            bluesky.accounts.append({**shown, "createdAt": "2026-09-01T00:00:00Z"})
        yield bluesky


@pytest.fixture
def outside(platform: Platform) -> dict[str, Any]:
    """The settings that let the command line reach that platform."""
    return {"CLONECHECK_NET_ALLOW_PRIVATE": platform.name, "CLONECHECK_BLUESKY_URL": platform.url}


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """The person's photo as a file."""
    (tmp_path / "me.jpg").write_bytes(encode_jpeg(PORTRAIT))
    return str(tmp_path / "me.jpg")


def _strip(shown: str) -> str:
    return OWN.sub("", shown)


def _check_inert(shown: str) -> None:
    rest = _strip(shown).replace("\n", "")
    assert not [char for char in rest if unicodedata.category(char) in {"Cc", "Cf", "Cs"}]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 40])
def test_a_scan_shows_progress_marks_and_pictures(
    tmp_path: Path, platform: Platform, outside: dict[str, Any], photo: str, columns: int
) -> None:
    given = ("scan", *BASE, "--photo", photo, "--source", "bluesky", "--pictures")
    platform.asked.clear()
    code, shown = run_in_terminal(tmp_path, *given, columns=columns, COLORTERM="truecolor", **outside)
    assert code == 0, shown
    _check_inert(shown)
    assert re.search(r"Looking: \d of 1 done", _strip(shown))
    assert "bluesky: " in _strip(shown)
    assert "like this were clones" in " ".join(_strip(shown).split())
    assert "adaezebrandvo\x1b[0m\x1b[1;7m1" in shown
    assert shown.count("your photo") == 1
    assert shown.count("Its picture could not be fetched.") == 1
    assert re.search(r"\x1b\[38;2;\d+;\d+;\d+;48;2;\d+;\d+;\d+m▀", shown)
    rows = [line for line in _strip(shown).splitlines() if "▀" in line]
    assert rows
    assert all(len(line) <= columns for line in rows)
    assert "Not looked at, so a clone may be there" in _strip(shown)
    code, again = run_in_terminal(tmp_path, "show", columns=columns, **outside)
    assert code == 0
    assert "▀" not in again
    _check_inert(again)
    _check_inert(run_in_terminal(tmp_path, "show", "--json", columns=columns, **outside)[1])
    _check_inert(run_in_terminal(tmp_path, "history", "export", columns=columns, **outside)[1])


@pytest.mark.slow
def test_without_colours_no_picture_is_fetched_and_it_is_said_once(
    tmp_path: Path, platform: Platform, outside: dict[str, Any], photo: str
) -> None:
    run(tmp_path, "scan", *BASE, "--source", "bluesky", **outside)
    platform.asked.clear()
    tries: list[dict[str, Any]] = [{"NO_COLOR": "1"}, {"TERM": "dumb"}]
    for settings in tries:
        code, shown = run_in_terminal(tmp_path, "show", "--pictures", "--photo", photo, **settings, **outside)
        assert code == 0
        assert shown.count("No pictures: ") == 1
        assert "▀" not in shown
    assert "▀" not in run(tmp_path, "show", "--pictures", "--photo", photo, **outside)
    assert not platform.asked


@pytest.mark.slow
def test_erasing_asks_first(tmp_path: Path) -> None:
    run(tmp_path, "scan", *BASE)
    code, shown = run_in_terminal(tmp_path, "history", "erase", "--all", typed="n\n")
    assert code == 1
    assert "Erase 1 scan for good" in shown
    assert len(json.loads(run(tmp_path, "history", "--json"))["items"]) == 1
    code, shown = run_in_terminal(tmp_path, "history", "erase", "--all", typed="y\n")
    assert code == 0
    assert "Erased 1 scan." in shown
    assert "No scan is kept here." in run(tmp_path, "history")
