"""`clonecheck index` as a user meets it: real processes, a real database."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from app.accounts.scope import Scope
from app.accounts.service import erase
from app.scans.offline import open_database
from app.settings import Settings
from app.storage import Database
from matchers.profile import AccountRef
from tests.accounts.conftest import hashes
from tests.cli.running import run, run_process

# Each starts several processes.
pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [
        {"platform": "x", "handle": f"janedoe{n}", "display_name": f"Jane Doe {n}", "avatar": hashes(n)}
        for n in range(9)
    ]
    (tmp_path / "accounts.ndjson").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    run(tmp_path, "import", str(tmp_path / "accounts.ndjson"))
    return tmp_path


def _open(folder: Path) -> Database:
    return open_database(Settings(data_dir=folder / "data"))


def _erase(folder: Path, handle: str) -> None:
    database = _open(folder)
    with database.write() as session:
        assert erase(session, Scope("default"), AccountRef("x", handle)).accounts == 1
    database.dispose()


def _sql(folder: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "data" / "clonecheck.db")
    found = connection.execute(statement).fetchall()
    connection.commit()
    connection.close()
    return found


def _handles(folder: Path) -> set[object]:
    return {row[0] for row in _sql(folder, "SELECT handle FROM accounts")}


def test_stats_check_rebuild(folder: Path) -> None:
    stats = json.loads(run(folder, "index", "stats", "--json"))
    assert stats["accounts"]["by_platform"] == {"x": 9}
    assert stats["hash_file"]["state"] == "ready"
    assert stats["table_bytes"]["account_keys"] > 0
    assert "Nothing is wrong" in run(folder, "index", "check")
    _sql(folder, "UPDATE accounts SET key_version = 0 WHERE id < 5")
    assert json.loads(run(folder, "index", "stats", "--json"))["accounts"]["to_rebuild"] == 4
    assert "keys of 4 accounts" in run(folder, "index", "rebuild").replace("the ", "")
    _sql(folder, "DELETE FROM account_keys WHERE account = 3")
    assert "1 of 9 accounts" in run(folder, "index", "check", code=1)
    assert "0 findings are left" in run(folder, "index", "check", "--repair")
    assert "Nothing is wrong" in run(folder, "index", "check", "--all")


def test_a_repair_that_leaves_something_exits_with_1(folder: Path) -> None:
    _sql(folder, "DELETE FROM account_keys WHERE account = 3")
    # A folder is where the file of hashes should be: no repair of ours removes what somebody else put there.
    (folder / "data" / "clonecheck.db.default.hashes").unlink()
    (folder / "data" / "clonecheck.db.default.hashes").mkdir()
    told = run(folder, "index", "check", "--repair", "--json", code=1)
    body = json.loads(told[: told.index("\n}") + 2])
    assert len(body["findings"]) == 2
    assert body["left"] == ["The file of picture hashes is not in step: unusable."]
    assert "1 findings are left" in run(folder, "index", "check", "--repair", code=1)


def test_a_restore_brings_nothing_back_that_was_erased(folder: Path) -> None:
    run(folder, "subjects", "add", "--name", "Jane Doe")
    subject = json.loads(run(folder, "subjects", "list", "--json"))["items"][0]["id"]
    run(folder, "index", "backup", str(folder / "b"))
    assert (folder / "b").stat().st_mode & 0o077 == 0
    _erase(folder, "janedoe3")
    run(folder, "subjects", "remove", subject)
    _sql(folder, "UPDATE accounts SET display_name = 'Spoilt'")
    assert "2 accounts and subjects" in run(folder, "index", "restore", str(folder / "b"))
    assert _handles(folder) == {f"janedoe{n}" for n in range(9) if n != 3}
    assert not _sql(folder, "SELECT id FROM accounts WHERE display_name = 'Spoilt'")
    assert not _sql(folder, "SELECT id FROM subjects")
    assert "Nothing is wrong" in run(folder, "index", "check", "--all")
    assert "1 suppressed" in run(folder, "import", str(folder / "accounts.ndjson"))


def test_erasures_travel_to_a_fresh_machine(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    run(folder, "index", "backup", str(folder / "b"))
    _erase(folder, "janedoe3")
    run(folder, "index", "suppressions", "export", str(folder / "s"))
    fresh = tmp_path_factory.mktemp("fresh")
    given = ("index", "restore", str(folder / "b"), "--suppressions", str(folder / "s"))
    assert run_process(fresh, *given).stderr == ""
    assert "janedoe3" not in _handles(fresh)
    again = tmp_path_factory.mktemp("again")
    told = run_process(again, "index", "restore", str(folder / "b")).stderr
    assert "Warning: there was no database here" in told
    assert "`clonecheck index suppressions import FILE` here" in told.replace("\n", " ")
    assert "janedoe3" in _handles(again)
    run(again, "index", "suppressions", "import", str(folder / "s"))
    assert "janedoe3" not in _handles(again)
    assert "no exported suppressions" in run(again, "index", "suppressions", "import", str(folder / "b"), code=2)


def test_a_damaged_or_newer_backup_is_refused(folder: Path) -> None:
    whole = folder / "b"
    run(folder, "index", "backup", str(whole))
    data = bytearray(whole.read_bytes())
    (folder / "short").write_bytes(data[:-100])
    data[5000] ^= 1
    (folder / "flipped").write_bytes(data)
    for name in ("short", "flipped", "accounts.ndjson"):
        assert "checksum does not fit" in run(folder, "index", "restore", str(folder / name), code=2)
    assert "never overwritten" in run(folder, "index", "backup", str(whole), code=2)
    _sql(folder, "UPDATE alembic_version SET version_num = '9999'")
    # No command of ours opens such a database: the file is written by hand.
    from app.storage.backup import write_backup  # noqa: PLC0415

    write_backup(folder / "data" / "clonecheck.db", folder / "newer")
    _sql(folder, "UPDATE alembic_version SET version_num = '0003'")
    assert "newer version" in run(folder, "index", "restore", str(folder / "newer"), code=2)
    assert len(_handles(folder)) == 9


def test_a_restore_waits_for_nobody_who_uses_the_database(folder: Path) -> None:
    run(folder, "index", "backup", str(folder / "b"))
    database = _open(folder)
    with database.read():
        pass
    assert "in use" in run(folder, "index", "restore", str(folder / "b"), code=2)
    database.dispose()
    run(folder, "index", "restore", str(folder / "b"))
    assert not list((folder / "data").glob("*restoring*"))
