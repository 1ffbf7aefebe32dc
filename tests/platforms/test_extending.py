"""A platform is added by one file of YAML: what docs/extending.md shows, done in a folder of one's own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.platforms.catalogue import DATA, read_catalogue
from app.platforms.identity import address_of, read_profile_url
from app.platforms.review import review_catalogue
from app.reports.route import Reporter
from app.reports.service import build_routes
from matchers.profile import Account, AccountRef, Subject
from tests.conftest import ROOT

EXAMPLE = re.search(r"```yaml\n(id: .*?)```", (ROOT / "docs" / "extending.md").read_text(encoding="utf-8"), re.DOTALL)
TODAY = date(2026, 12, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The catalogue with the platform that the documentation adds."""
    shutil.copytree(DATA, tmp_path / "data")
    assert EXAMPLE is not None
    text = EXAMPLE[1]
    (tmp_path / "data" / f"{text.splitlines()[0].removeprefix('id: ')}.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "data"


def test_the_file_alone_adds_addresses_and_routes(folder: Path) -> None:
    catalogue = read_catalogue(folder)
    platform = catalogue.platforms["chirp"]
    assert read_profile_url(catalogue, "https://m.chirp.example/Jane_Doe?ref=1") == AccountRef("chirp", "Jane_Doe")
    assert read_profile_url(catalogue, "https://chirp.example/settings") is None
    assert address_of(platform, "jane&x=1", None) is None
    found = build_routes(
        Subject(names=("Jane Doe",)), Account("chirp", "jane_d0e"), "clone", [], Reporter(), catalogue=catalogue
    )
    assert found.routes[0].url == "https://chirp.example/report?profile=https%3A%2F%2Fchirp.example%2Fjane_d0e"
    assert found.routes[0].prefilled == ("profile",)
    assert not [r for r in review_catalogue(catalogue, TODAY) if r.platform == "chirp" and r.is_wrong]


def _check(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "platforms", "--folder", str(folder), *more],
        cwd=ROOT, env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def _set_dates(path: Path, reviewed: date, due: date) -> None:
    text = re.sub(r"(?m)^reviewed_at: .*$", f"reviewed_at: {reviewed}", path.read_text(encoding="utf-8"))
    path.write_text(re.sub(r"(?m)^review_after: .*$", f"review_after: {due}", text), encoding="utf-8")


def test_the_command_lists_and_checks_a_folder(folder: Path) -> None:
    today = datetime.now(UTC).date()
    for path in folder.glob("[!_]*.yaml"):
        _set_dates(path, today - timedelta(days=10), today + timedelta(days=170))
    listed = json.loads(_check(folder, "--json").stdout)["platforms"]
    assert len(listed) == 55
    fine = _check(folder, "--check")
    assert fine.returncode == 0, fine.stdout + fine.stderr
    assert "55 platforms, 113 ways to report" in fine.stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("handle: Jane_Doe", "handle: jane", "chirp: the example https://chirp.example/Jane_Doe is read as chirp Jane"),
        ("kind: query", "kind: guess", "chirp.yaml: channels[0].prefill.kind"),
        ("https://chirp.example/report", "https://www.twitch.tv/user/report", "do_not_use"),
    ],
)
def test_the_command_names_what_is_wrong(folder: Path, old: str, new: str, told: str) -> None:
    path = folder / "chirp.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    done = _check(folder, "--check")
    assert done.returncode == 2
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_review_that_is_past_fails_the_check(folder: Path) -> None:
    today = datetime.now(UTC).date()
    _set_dates(folder / "chirp.yaml", today - timedelta(days=200), today - timedelta(days=1))
    done = _check(folder, "--check")
    assert done.returncode == 2
    assert "chirp: to be checked again since" in done.stdout
