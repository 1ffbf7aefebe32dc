"""The command line as a user meets it: real files, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from app.cli import _explain
from app.demo.portraits import draw_portrait, encode_jpeg
from tests.cli.running import run

ACCOUNTS = [
    {"platform": "x", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold", "avatar": {"path": "copy.jpg"}},
    {"platform": "x", "handle": "adaezebrandvold", "display_name": "Adaeze Brandvold"},
    {"platform": "instagram", "handle": "kim.lee", "display_name": "Kim Lee"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with accounts, pictures and an index made from them."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "me.jpg").write_bytes(encode_jpeg(draw_portrait("cli subject")))
    (folder / "copy.jpg").write_bytes(encode_jpeg(draw_portrait("cli subject"), 60))
    (folder / "accounts.ndjson").write_text("\n".join(map(json.dumps, ACCOUNTS)) + "\nnot json\n", encoding="utf-8")
    told = json.loads(run(folder, "import", str(folder / "accounts.ndjson"), "--json"))
    assert told["inserted"] == 3
    assert [line["line"] for line in told["errors"]] == [4]
    return folder


def _scan(folder: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(folder, "scan", "--name", "Adaeze Brandvold", "--json", *more))
    return found


def test_scan_prints_what_the_api_answers(folder: Path) -> None:
    found = _scan(folder, "--handle", "adaezebrandvold", "--platform", "x", "--photo", str(folder / "me.jpg"))
    assert [(s["account"]["handle"], s["verdict"]) for s in found["suspects"]] == [("adaezebrandvo1d", "clone")]
    assert [(s["account"]["handle"], s["verdict"]) for s in found["set_aside"]] == [("adaezebrandvold", "own_account")]


def test_scan_prints_a_table_for_people(folder: Path) -> None:
    told = run(
        folder, "scan", "--name", "Adaeze Brandvold", "--handle", "adaezebrandvold", "--photo", str(folder / "me.jpg")
    )
    assert "suspected clone" in told
    assert "1 in place of" in told
    assert "https://help.x.com" in told
    assert "criminal" not in told


def test_preview_tells_of_name_photo_and_lookalikes(folder: Path) -> None:
    given = (
        "preview",
        "--name",
        "Jane Smith",
        "--handle",
        "https://x.com/JaneSmith",
        "--photo",
        str(folder / "me.jpg"),
    )
    told = json.loads(run(folder, *given, "--limit", "5", "--json"))
    assert len(told["lookalikes"]) == 5
    assert {(item["platform"], item["imitates"]) for item in told["lookalikes"]} == {("x", "JaneSmith")}
    shown = run(folder, *given)
    assert "people share this name: the name alone proves nothing, the photo will matter" in shown
    assert "The photo can be compared." in shown
    assert "realJaneSmith" in shown


def test_importing_again_changes_nothing(folder: Path) -> None:
    assert "0 inserted, 0 updated, 3 unchanged" in run(folder, "import", str(folder / "accounts.ndjson"))


def test_hashes_stand_for_the_photo(folder: Path) -> None:
    told = json.loads(run(folder, "hash", str(folder / "me.jpg")))
    assert told["usable"] is True
    assert told["hashes"]["scheme"] == "cc1"
    assert "pdq" not in told["hashes"]
    asked = json.loads(run(folder, "hash", str(folder / "me.jpg"), "--exchange", "pdq"))
    assert len(asked["hashes"]["pdq"]) == 64
    assert "phash" not in asked["hashes"]


def test_compare_reads_a_pair(folder: Path) -> None:
    pair = {"subject": {"name": "Adaeze Brandvold"}, "account": {"platform": "x", "display_name": "Adaeze Brandvold"}}
    # Windows editors begin a file with a byte order mark.
    (folder / "pair.json").write_text(json.dumps(pair), encoding="utf-8-sig")
    assert json.loads(run(folder, "compare", str(folder / "pair.json"), "--json"))["verdict"] == "namesake"
    assert "nother person of the same name" in run(folder, "compare", str(folder / "pair.json"))


def test_routes_and_lists(folder: Path) -> None:
    routes = json.loads(run(folder, "routes", "https://x.com/adaezebrandvo1d", "--name", "Adaeze Brandvold", "--json"))
    assert routes["routes"]
    assert {p["id"] for p in json.loads(run(folder, "platforms", "--json"))["platforms"]} >= {
        "x",
        "instagram",
        "bluesky",
    }
    listed = {s["name"]: s for s in json.loads(run(folder, "sources", "--json"))["sources"]}
    assert listed.keys() >= {"index", "bluesky", "mastodon", "links"}
    assert not listed["index"]["leaves_machine"]
    assert "cannot see" in run(folder, "sources")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("scan",), "give the subject once"),
        (("scan", "--name", ""), "empty or invisible"),
        (("preview",), "at least one of name, handle and photo"),
        (("scan", "--name", "a" * 400), "at most 300"),
        (("scan", "--handle", "https://example.com/x"), "address that belongs to no known profile"),
        (("scan", "--name", "Jane", "--source", "nowhere"), "not known here"),
        (("scan", "--name", "Jane", "--photo", "pyproject.toml"), "picture"),
        (("scan", "--name", "Jane", "--photo", "missing.jpg"), "does not exist"),
        (("import", "missing.ndjson"), "does not exist"),
        (("compare", "pyproject.toml"), "JSON"),
        (("compare", "app"), "is a directory"),
        (("routes", "not an address"), "The address belongs to no known profile"),
        (("serve", "--host", "0.0.0.0"), "CLONECHECK_API_KEYS"),  # noqa: S104  # it must refuse to bind
        (("hash", "README.md"), "picture"),
        (("hash", "README.md", "--exchange", "md5"), "are pdq and phash"),
    ],
)
def test_bad_input_is_one_clear_line_and_exit_code_2(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    assert told in run(folder, *arguments, code=2)


def test_a_csv_file_of_an_old_mac_is_refused_in_words(folder: Path) -> None:
    (folder / "mac.csv").write_bytes(b"platform,handle\rx,jane\rx,kim\r")
    assert "CR alone" in run(folder, "import", str(folder / "mac.csv"), code=2)


@pytest.mark.parametrize(
    ("name", "value", "code", "told"),
    [
        ("CLONECHECK_PRIOR_BITS", "many", 2, "CLONECHECK_PRIOR_BITS: Input should be a valid number"),
        ("CLONECHECK_CORPUS", "Not A Name", 2, "CLONECHECK_CORPUS: String should match"),
        ("CLONECHECK_DATABASE_URL", "nonsense", 2, "CLONECHECK_DATABASE_URL: must begin with"),
        ("CLONECHECK_DATABASE_URL", "nosuch://localhost/a", 2, "CLONECHECK_DATABASE_URL: must begin with"),
        ("CLONECHECK_DATABASE_URL", "postgresql://localhost:x/a", 2, "CLONECHECK_DATABASE_URL: is no database URL"),
        ("CLONECHECK_DATABASE_URL", "postgresql://127.0.0.1:9/a", 1, "The database cannot be used (OperationalError)"),
        ("CLONECHECK_CITUS", "true", 2, "CLONECHECK_CITUS: needs the address of a coordinator"),
        ("CLONECHECK_DATABASE_URL", "sqlite:///{folder}/noise.db", 1, "The database cannot be used (DatabaseError)"),
        ("CLONECHECK_DATABASE_URL", "sqlite:///{folder}", 1, "The database cannot be used (OperationalError)"),
        ("CLONECHECK_DATA_DIR", "{folder}/noise.db/data", 1, "Not a directory: "),
    ],
)
def test_a_bad_setting_is_one_clear_line(folder: Path, name: str, value: str, code: int, told: str) -> None:
    (folder / "noise.db").write_bytes(b"this is no database " * 500)
    shown = run(folder, "scan", "--name", "Adaeze Brandvold", code=code, **{name: value.format(folder=folder)})
    (line,) = shown.strip().splitlines()
    assert told in line
    assert "Adaeze" not in line


def test_a_service_without_a_database_does_not_start(folder: Path) -> None:
    (folder / "noise.db").write_bytes(b"this is no database " * 500)
    shown = run(folder, "serve", "--port", "8765", code=1, CLONECHECK_DATABASE_URL=f"sqlite:///{folder}/noise.db")
    assert "The database cannot be used" in shown


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Adaeze"),
        IntegrityError("INSERT", {"handle": "Adaeze"}, Exception("Adaeze")),
        ValidationError.from_exception_data("Other", [{"type": "missing", "loc": ("Adaeze",), "input": "Adaeze"}]),
    ],
)
def test_a_fault_of_ours_is_told_without_what_was_asked(error: Exception) -> None:
    told, code = _explain(error)
    assert "Adaeze" not in told
    assert type(error).__name__ in told or "database" in told
    assert code == 1
