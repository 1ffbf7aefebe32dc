"""Bundles and the ledger on the command line."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from app.demo.portraits import draw_portrait, encode_jpeg
from tests.cli.test_cli import run

LINES = (
    {"platform": "x", "handle": "adaezebrandvo1d", "account_id": "11", "display_name": "Adaeze Brandvold"},
    {"platform": "x", "handle": "adaezebrandvoId_", "display_name": "Adaeze Brandvold"},
)


@pytest.fixture
def scan(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "accounts.ndjson").write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    run(tmp_path, "import", str(tmp_path / "accounts.ndjson"))
    told = run(
        tmp_path, "scan", "--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--platform", "x", "--json"
    )
    found: dict[str, Any] = json.loads(told)
    assert len(found["suspects"]) == 2
    return found


def test_a_bundle_is_made_and_verified(tmp_path: Path, scan: dict[str, Any]) -> None:
    target = tmp_path / "bundle.zip"
    made = run(tmp_path, "evidence", scan["id"], "1", "-o", str(target))
    key = run(tmp_path, "evidence", "--public-key").splitlines()[-1]
    assert key in made
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    told = json.loads(run(tmp_path, "verify", str(target), "--key", key, "--json"))
    assert told["outcome"] == "intact"
    assert told["recorded"] == told["again"]
    assert told["recorded"]["bits"] == scan["suspects"][0]["bits"]
    # Another installation, which has never seen the scan.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shown = run(elsewhere, "verify", str(target))
    assert "judged again to the same result" in shown
    assert "--key" in shown
    assert not list(elsewhere.iterdir())
    assert "ANOTHER KEY" in run(tmp_path, "verify", str(target), "--key", "0" * 64, code=4)
    run(tmp_path, "verify", str(target), "--key", "nonsense", code=2)


def test_a_bundle_with_pictures_by_the_suspects_id(tmp_path: Path, scan: dict[str, Any]) -> None:
    photo = tmp_path / "me.jpg"
    photo.write_bytes(encode_jpeg(draw_portrait("cli evidence")))
    target = tmp_path / "bundle.zip"
    suspect = scan["suspects"][1]["id"]
    run(tmp_path, "evidence", scan["id"], suspect, "-o", str(target), "--picture", str(photo))
    told = json.loads(run(tmp_path, "verify", str(target), "--json"))
    assert [picture["side"] for picture in told["pictures"]] == ["subject"]
    # What stands there is never overwritten.
    before = target.read_bytes()
    run(tmp_path, "evidence", scan["id"], suspect, "-o", str(target), code=1)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob(".bundle*"))


def test_what_is_not_intact_has_its_own_exit_code(tmp_path: Path, scan: dict[str, Any]) -> None:
    target = tmp_path / "bundle.zip"
    run(tmp_path, "evidence", scan["id"], "1", "-o", str(target))
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    assert "Not intact" in run(tmp_path, "verify", str(target), code=3)
    assert json.loads(run(tmp_path, "verify", str(target), "--json", code=3))["outcome"] == "not_intact"
    target.write_bytes(b"")
    run(tmp_path, "verify", str(target), code=3)
    run(tmp_path, "verify", str(tmp_path / "nowhere.zip"), code=2)


def test_wrong_arguments_are_told(tmp_path: Path, scan: dict[str, Any]) -> None:
    assert "No such suspect" in run(tmp_path, "evidence", scan["id"], "9", code=2)
    assert "No such scan" in run(tmp_path, "evidence", "nothing", "1", code=2)
    run(tmp_path, "evidence", scan["id"], code=2)


def test_reports_are_recorded_listed_and_counted(tmp_path: Path, scan: dict[str, Any]) -> None:
    made = json.loads(run(tmp_path, "reports", "record", scan["id"], "1", "--at", "2026-11-01", "--json"))
    assert made["account"]["account_id"] == "11"
    told = run(tmp_path, "reports", "record", made["id"], "--status", "removed", "--at", "2026-11-04")
    assert "removed 2026-11-04" in " ".join(told.split())
    suspect = scan["suspects"][1]["id"]
    run(tmp_path, "reports", "record", scan["id"], suspect, "--channel", "email", "--reference", "[red]#5")
    assert "[red]#5" in run(tmp_path, "reports", "list")
    assert len(json.loads(run(tmp_path, "reports", "list", "--status", "removed", "--json"))["items"]) == 1
    (platform,) = json.loads(run(tmp_path, "reports", "stats", "--json"))["platforms"]
    assert (platform["filings"], platform["removed"], platform["removed_share"]) == (2, 1, None)
    assert "too few" in run(tmp_path, "reports", "stats")
    run(tmp_path, "reports", "record", scan["id"], "1", "--status", "ignored", code=2)
    run(tmp_path, "reports", "record", "nothing", "--status", "removed", code=2)
    run(tmp_path, "reports", "record", scan["id"], "1", "--at", "2999-01-01", code=2)
