"""What may befall an import: nothing that was acknowledged is lost, and keys stay in step with accounts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.accounts.importer import WorkerLostError, import_file
from app.accounts.key_store import COMMON, MAX_KEYS
from app.accounts.models import AccountKeyRow, AccountRow, KeyCountRow
from app.accounts.retrieval import find_candidates
from app.accounts.rows import to_account
from app.accounts.scope import Scope
from app.accounts.service import BATCH
from app.settings import Settings
from app.storage import Database
from matchers.keys import account_keys
from matchers.profile import Handle, Subject
from tests.accounts.conftest import SCOPE, Put, find, hashes

ROOT = Path(__file__).resolve().parents[2]


def write_accounts(path: Path, count: int) -> Path:
    with path.open("w") as out:
        for number in range(count):
            record = {"platform": "x", "handle": f"jane{number}", "display_name": f"Jane Doe {number % 40}"}
            out.write(json.dumps(record) + "\n")
    return path


def check_index(db: Database) -> int:
    """Every account has exactly its keys, the common ones are counted exactly; returns how many accounts there are."""
    with db.read() as session:
        rows = session.scalars(select(AccountRow)).all()
        wanted = {(key, row.id) for row in rows for key in account_keys(to_account(row), SCOPE.key_space)}
        stored = {tuple(pair) for pair in session.execute(select(AccountKeyRow.key, AccountKeyRow.account))}
        assert stored == wanted
        grouped = select(AccountKeyRow.key, func.count()).group_by(AccountKeyRow.key).having(func.count() > COMMON)
        common = {tuple(row) for row in session.execute(grouped)}
        counted = session.execute(select(KeyCountRow.key, KeyCountRow.accounts))
        assert {tuple(row) for row in counted} == common
        assert session.scalar(text("SELECT accounts FROM corpora")) == len(rows)
    return len(rows)


_RUN = """
import os, resource, sys
from pathlib import Path
from app.accounts import importer
from app.settings import Settings
from app.storage import Database
if __name__ == "__main__":
    settings = Settings(database_url=sys.argv[2])
    if len(sys.argv) > 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    tell = lambda progress: print(progress.records_done, flush=True)
    importer.import_file(Path(sys.argv[1]), Database.of(settings), settings, tell)
    print("done", flush=True)
"""


@pytest.mark.slow
def test_kill_9_leaves_keys_and_accounts_in_step(tmp_path: Path, db: Database, settings: Settings) -> None:
    # Large enough for the pool of processes.
    path = write_accounts(tmp_path / "a.ndjson", 16 * BATCH)
    assert path.stat().st_size > 1 << 20
    command = [sys.executable, "-c", _RUN, str(path), settings.url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(2)]
        os.kill(running.pid, signal.SIGKILL)
        lines += running.stdout.readlines()
    acknowledged = [int(line) for line in lines if line.strip().isdigit()]
    assert "done" not in "".join(lines)
    assert acknowledged[-1] <= check_index(db) < 16 * BATCH
    result = import_file(path, db, settings)
    assert result.inserted == check_index(db) == 16 * BATCH


# The limit on the size of files is one of the importing process; a server writes its own.
@pytest.mark.slow
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_file_that_cannot_grow_is_a_clear_error_and_no_damage(
    tmp_path: Path, db: Database, settings: Settings
) -> None:
    path = write_accounts(tmp_path / "a.ndjson", 5 * BATCH)
    command = [sys.executable, "-c", _RUN, str(path), settings.url, str(3 << 20)]
    # Python ignores the signal, so that a write beyond the limit fails as one to a full disk does.
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    acknowledged = [int(line) for line in run.stdout.splitlines() if line.isdigit()]
    assert run.returncode != 0
    assert "OperationalError" in run.stderr
    assert "jane1" not in run.stderr
    assert max(acknowledged, default=0) == check_index(db) < 5 * BATCH
    with db.read() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    assert import_file(path, db, settings).inserted == check_index(db) == 5 * BATCH


def test_a_worker_that_dies_is_a_clear_error_and_the_import_goes_on(
    tmp_path: Path, db: Database, settings: Settings
) -> None:
    path = write_accounts(tmp_path / "a.ndjson", 16 * BATCH)
    killed: list[int] = []

    def kill_worker(_progress: object) -> None:
        if not killed:
            killed.extend(find_children())
            for child in killed:
                os.kill(child, signal.SIGKILL)

    with pytest.raises(WorkerLostError, match="goes on"):
        import_file(path, db, settings, kill_worker, workers=2)
    assert killed
    assert BATCH <= check_index(db) < 16 * BATCH
    assert import_file(path, db, settings).inserted == check_index(db) == 16 * BATCH


def find_children() -> list[int]:
    """The worker processes of this one; not the helper that cleans up behind `multiprocessing`."""
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = [int(pid) for file in found for pid in file.read_text().split()]
    return [pid for pid in pids if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_poisoned_accounts_stay_within_bounds(put: Put, db: Database) -> None:
    """Names and pictures that would make thousands of keys; what is larger still is refused where it is read."""
    long_name = " ".join(f"part{number}" for number in range(1_000))
    links = [{"url": f"https://a{number}.example/"} for number in range(100)]
    result = put({"handle": "h" * 500, "display_name": long_name, "bio": "b" * 100_000, "links": links})
    assert result.inserted == 1
    with db.read() as session:
        assert (session.scalar(select(func.count()).select_from(AccountKeyRow)) or 0) <= MAX_KEYS


def test_a_bio_of_a_megabyte_and_ten_thousand_links_cost_their_lines_alone(
    tmp_path: Path, db: Database, settings: Settings
) -> None:
    poisoned = [
        {"platform": "x", "handle": "bio", "bio": "b" * 1_000_000},
        {"platform": "x", "handle": "links", "links": [{"url": f"https://a{n}.example/"} for n in range(10_000)]},
    ]
    lines = [*poisoned, {"platform": "x", "handle": "good"}]
    (tmp_path / "a.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = import_file(tmp_path / "a.ndjson", db, settings)
    assert [line.line for line in result.errors] == [1, 2]
    assert (result.inserted, check_index(db)) == (1, 1)


@pytest.mark.slow
def test_ten_thousand_accounts_of_one_name_and_picture_do_not_flood_retrieval(
    tmp_path: Path, db: Database, settings: Settings
) -> None:
    with (tmp_path / "a.ndjson").open("w") as out:
        for number in range(10_000):
            record = {"platform": "x", "handle": f"u{number * 7919}", "display_name": "Jane Doe", "avatar": hashes(1)}
            out.write(json.dumps(record) + "\n")
        out.write(json.dumps({"platform": "x", "handle": "janed0e", "display_name": "Jane Doe"}) + "\n")
    assert import_file(tmp_path / "a.ndjson", db, settings).inserted == 10_001
    subject = Subject(names=("Jane Doe",), handles=(Handle("janedoe", "x"),))
    with db.read() as session:
        found = find_candidates(session, subject, Scope.of(settings).corpus, 200)
    assert len(found.candidates) <= 200
    assert any(candidate.account.handle == "janed0e" for candidate in found.candidates)


def test_keys_follow_a_handle_that_changes(put: Put, db: Database) -> None:
    put({"account_id": "7", "handle": "janedoe", "display_name": "Jane Doe"})
    result = put({"account_id": "7", "handle": "quietfox"}, {"account_id": "8", "handle": "janedoe"})
    assert (result.updated, result.inserted) == (1, 1)
    assert find(db, handle="quietfox").account_id == "7"
    assert find(db, handle="janedoe").account_id == "8"
    assert check_index(db) == 2
