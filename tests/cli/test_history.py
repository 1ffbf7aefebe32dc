"""Past scans on the command line: listed, shown again, what is new, exported, erased."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

from tests.cli.running import run

BASE = ("--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--platform", "x")
FIRST = {"platform": "x", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold"}
SECOND = {"platform": "instagram", "handle": "adaezebrandvoId", "display_name": "=Adaeze \u202eBrandvold"}


def _import(folder: Path, *accounts: dict[str, str]) -> None:
    (folder / "a.ndjson").write_text("\n".join(map(json.dumps, accounts)), encoding="utf-8")
    run(folder, "import", str(folder / "a.ndjson"), "--quiet")


def test_what_is_new_is_listed_shown_exported_and_erased(tmp_path: Path) -> None:
    _import(tmp_path, FIRST)
    first = json.loads(run(tmp_path, "scan", *BASE, "--json"))
    _import(tmp_path, FIRST, SECOND)
    second = json.loads(run(tmp_path, "scan", *BASE, "--json", "--fail-on-suspects", code=3))
    items = json.loads(run(tmp_path, "history", "--json"))["items"]
    assert [(one["id"], one["suspects"], one["new"]) for one in items] == [(second["id"], 2, 1), (first["id"], 1, None)]
    told = run(tmp_path, "history")
    assert "2 suspects, 1 account new since the last" in told
    assert "Adaeze Brandvold" in told
    again = json.loads(run(tmp_path, "show", "--json"))
    assert again == second
    fresh = json.loads(run(tmp_path, "show", second["id"], "--only-new", "--json"))
    assert [one["account"]["handle"] for one in fresh["suspects"]] == ["adaezebrandvoId"]
    assert len(json.loads(run(tmp_path, "show", first["id"], "--only-new", "--json"))["suspects"]) == 1
    rows = list(csv.reader(io.StringIO(run(tmp_path, "history", "export", second["id"], "--only-new"))))
    assert [row[4] for row in rows] == ["handle", "adaezebrandvoId"]
    assert rows[1][5].startswith("'=")
    assert json.loads(run(tmp_path, "history", "export", "--json")) == second
    target = tmp_path / "found.csv"
    run(tmp_path, "history", "export", "-o", str(target))
    assert target.read_bytes().startswith(b"\xef\xbb\xbfrank")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert "exists" in run(tmp_path, "history", "export", "-o", str(target), code=1)
    assert "add --yes" in run(tmp_path, "history", "erase", first["id"], code=2)
    assert "No such scan" in run(tmp_path, "history", "erase", first["id"], "nothing", "--yes", code=2)
    assert json.loads(run(tmp_path, "history", "erase", first["id"], "--yes", "--json")) == {"erased": 1}
    assert [one["id"] for one in json.loads(run(tmp_path, "history", "--json"))["items"]] == [second["id"]]
    assert "Erased 1 scan." in run(tmp_path, "history", "erase", "--all", "--yes")
    assert "No scan is kept here" in run(tmp_path, "show", code=2)
    assert "Give the ids of scans, or --all" in run(tmp_path, "history", "erase", "--yes", code=2)
