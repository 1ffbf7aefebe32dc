"""Bundles and the ledger on the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from app.demo.portraits import draw_portrait, encode_jpeg
from app.settings import Settings
from tests.cli.running import run
from tests.reports.bundles import make

LINES = (
    {"platform": "x", "handle": "adaezebrandvo1d", "account_id": "11", "display_name": "Adaeze Brandvold"},
    {"platform": "x", "handle": "adaezebrandvoId_", "display_name": "Adaeze Brandvold"},
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index."""
    folder = tmp_path_factory.mktemp("evidence")
    (folder / "accounts.ndjson").write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    run(folder, "import", str(folder / "accounts.ndjson"))
    return folder


@pytest.fixture(scope="module")
def scan(home: Path) -> dict[str, Any]:
    """A scan that was made there."""
    whom = ("--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--platform", "x")
    found: dict[str, Any] = json.loads(run(home, "scan", *whom, "--json"))
    assert len(found["suspects"]) == 2
    return found


def test_a_bundle_is_made_and_verified(home: Path, scan: dict[str, Any], tmp_path: Path) -> None:
    photo, target = tmp_path / "me.jpg", tmp_path / "bundle.zip"
    photo.write_bytes(encode_jpeg(draw_portrait("cli evidence")))
    made = run(home, "evidence", scan["id"], "1", "-o", str(target), "--picture", str(photo))
    key = run(home, "evidence", "--public-key").splitlines()[-1]
    assert key in made
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    # What stands there is never overwritten.
    before = target.read_bytes()
    run(home, "evidence", scan["id"], scan["suspects"][1]["id"], "-o", str(target), code=1)
    refused = run(home, "evidence", scan["id"], "1", "-o", str(target), code=1)
    assert f"{target}" in refused
    assert "already" in refused
    assert f"{tmp_path / 'no' / 'x.zip'}" in run(
        home, "evidence", scan["id"], "1", "-o", str(tmp_path / "no" / "x.zip"), code=1
    )
    assert "No such suspect" in run(home, "evidence", scan["id"], "0", "-o", str(tmp_path / "0.zip"), code=2)
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle.zip", "me.jpg"]
    # Another installation, which has never seen the scan and needs none.
    elsewhere = tmp_path / "elsewhere"
    told = json.loads(run(elsewhere, "verify", str(target), "--key", key, "--json"))
    assert told["outcome"] == "intact"
    assert told["recorded"] == told["again"]
    assert told["recorded"]["bits"] == scan["suspects"][0]["bits"]
    assert [picture["side"] for picture in told["pictures"]] == ["subject"]
    assert "judged again to the same result" in run(elsewhere, "verify", str(target))
    assert not elsewhere.exists()
    assert "ANOTHER KEY" in run(elsewhere, "verify", str(target), "--key", "0" * 64, code=4)


def test_what_is_not_intact_has_its_own_exit_code(home: Path, scan: dict[str, Any], tmp_path: Path) -> None:
    target = tmp_path / "bundle.zip"
    run(home, "evidence", scan["id"], scan["suspects"][0]["id"], "-o", str(target))
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    assert "Not intact" in run(home, "verify", str(target), code=3)
    target.write_bytes(b"")
    assert json.loads(run(home, "verify", str(target), "--json", code=3))["outcome"] == "not_intact"


def test_another_result_and_another_model_have_their_own_exit_codes(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    (tmp_path / "lie.zip").write_bytes(make(settings, verdict="namesake"))
    assert "ANOTHER RESULT" in run(tmp_path, "verify", str(tmp_path / "lie.zip"), code=5)
    (tmp_path / "old.zip").write_bytes(make(settings, model="2025.01", bits=12.5))
    assert "another version of the model" in run(tmp_path, "verify", str(tmp_path / "old.zip"), code=6)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("evidence", "{scan}", "9"), "No such suspect"),
        (("evidence", "nothing", "1"), "No such scan"),
        (("evidence", "{scan}"), "--public-key"),
        (("verify", "nowhere.zip"), "does not exist"),
        (("verify", "README.md", "--key", "nonsense"), "64 hexadecimal digits"),
        (("reports", "record", "{scan}", "1", "--status", "ignored"), "status"),
        (("reports", "record", "nothing", "--status", "removed"), "No such report"),
        (("reports", "record", "{scan}", "1", "--at", "2999-01-01"), "future"),
    ],
)
def test_wrong_arguments_are_told(home: Path, scan: dict[str, Any], arguments: tuple[str, ...], told: str) -> None:
    given = [argument.format(scan=scan["id"]) for argument in arguments]
    assert told in run(home, *given, code=2)


def test_reports_are_recorded_listed_and_counted(home: Path, scan: dict[str, Any]) -> None:
    made = json.loads(run(home, "reports", "record", scan["id"], "1", "--at", "2026-11-01", "--json"))
    assert made["account"]["handle"] == scan["suspects"][0]["account"]["handle"]
    told = run(home, "reports", "record", made["id"], "--status", "removed", "--at", "2026-11-04")
    assert "removed 2026-11-04" in " ".join(told.split())
    suspect = scan["suspects"][1]["id"]
    run(home, "reports", "record", scan["id"], suspect, "--channel", "email", "--reference", "[red]#5")
    assert "[red]#5" in run(home, "reports", "list")
    assert len(json.loads(run(home, "reports", "list", "--status", "removed", "--json"))["items"]) == 1
    (platform,) = json.loads(run(home, "reports", "stats", "--json"))["platforms"]
    assert (platform["filings"], platform["removed"], platform["removed_share"]) == (2, 1, None)
    assert "too few" in run(home, "reports", "stats")
