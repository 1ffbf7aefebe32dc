"""Protected people and checks on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from app.demo.portraits import draw_portrait, encode_jpeg
from tests.cli.running import run


def test_add_list_check_remove(tmp_path: Path) -> None:
    photo = tmp_path / "me.jpg"
    photo.write_bytes(encode_jpeg(draw_portrait("cli protected")))
    whole = ("--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--platform", "x", "--photo", str(photo))
    stored = json.loads(run(tmp_path, "subjects", "add", *whole, "--json"))
    assert "is stored already" in run(tmp_path, "subjects", "add", *whole)
    lines = tmp_path / "people.ndjson"
    lines.write_text('{"name": "Jane Doe"}\n{"name": ""}\n', encoding="utf-8")
    assert "1 inserted" in run(tmp_path, "subjects", "add", str(lines))
    listed = json.loads(run(tmp_path, "subjects", "list", "--json"))["items"]
    assert [item["names"] for item in listed] == [["Jane Doe"], ["Adaeze Brandvold"]]
    assert "Adaeze Brandvold" in run(tmp_path, "subjects", "list")
    copy = ("--name", "Adaeze Brandvold", "--handle", "adaezebrandvo1d", "--platform", "x", "--photo", str(photo))
    assert json.loads(run(tmp_path, "check", *copy, "--json"))["matches"][0]["subject_id"] == stored["id"]
    assert "Suspected clone" in run(tmp_path, "check", *copy)
    accounts = tmp_path / "accounts.ndjson"
    told = (
        {"platform": "x", "handle": "adaezebrandvo1d"},
        {"platform": "x"},
        {"handle": "kim.lee"},
        {"handle": "kim.lee", "avatar": {"base64": "bm8gcGljdHVyZQ=="}},
        5,
    )
    accounts.write_text("\n".join(map(json.dumps, told)), encoding="utf-8")
    answers = [json.loads(line) for line in run(tmp_path, "check", str(accounts)).splitlines()]
    assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5]
    assert len(answers[0]["matches"]) == 1
    assert "needs a handle" in answers[1]["rejected"]
    assert answers[2]["matches"] == []
    assert "picture" in answers[3]["rejected"]
    assert "not a JSON object" in answers[4]["rejected"]
    assert "erased" in run(tmp_path, "subjects", "remove", stored["id"])
    assert "copies none" in run(tmp_path, "check", *copy)
    assert "No such subject" in run(tmp_path, "subjects", "remove", stored["id"], code=2)


def test_a_scan_by_id_without_a_server(tmp_path: Path) -> None:
    stored = json.loads(run(tmp_path, "subjects", "add", "--name", "Jane Doe", "--json"))
    assert json.loads(run(tmp_path, "scan", "--subject-id", stored["id"], "--json"))["status"] == "completed"
    assert "No such subject" in run(tmp_path, "scan", "--subject-id", "nobody", code=2)
