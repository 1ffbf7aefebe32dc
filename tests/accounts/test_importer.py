from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from app.accounts.importer import Progress, import_file
from app.accounts.models import AccountRow, ImportRow
from app.accounts.retrieval import find_candidates
from app.accounts.rows import to_account
from app.accounts.service import BATCH
from app.problems import InvalidInputError, UnsupportedMediaError
from app.settings import Settings
from app.storage import Database
from matchers.profile import Handle, Subject
from tests.accounts.conftest import find, hashes

ROOT = Path(__file__).resolve().parents[2]


def picture(seed: int) -> bytes:
    """A JPEG with enough detail to be evidence."""
    noise = np.random.default_rng(seed).integers(0, 255, (24, 24), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(noise).resize((160, 160)).save(out, "JPEG")
    return out.getvalue()


def write_lines(path: Path, records: list[Any]) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records))
    return path


def count(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(AccountRow)) or 0


def test_broken_lines_never_cost_the_good_ones(tmp_path: Path, db: Database, settings: Settings) -> None:
    bad = ["{broken", "[]", "7", '"text"', "null", '{"platform": "x"}', "[" * 5_000, '{"a": NaN}', '{"a": "\\ud800"}']
    bad += [json.dumps({"platform": "x", "handle": "poisoned", "bio": "b" * 1_000_000})]
    records: list[Any] = []
    for number, line in enumerate(bad):
        records += [{"platform": "x", "handle": f"good{number}"}, line]
    result = import_file(write_lines(tmp_path / "a.ndjson", records), db, settings)
    assert (result.inserted, result.rejected) == (len(bad), len(bad))
    assert [rejected.line for rejected in result.errors] == [2 * n + 2 for n in range(len(bad))]
    assert all(rejected.reason for rejected in result.errors)


def test_lines_that_are_not_utf8_are_rejected(tmp_path: Path, db: Database, settings: Settings) -> None:
    (tmp_path / "a.ndjson").write_bytes(b'{"platform":"x","handle":"a\xff"}\n{"platform":"x","handle":"b"}\n')
    result = import_file(tmp_path / "a.ndjson", db, settings)
    assert (result.inserted, [r.line for r in result.errors]) == (1, [1])


def test_json_and_csv_hold_the_same(tmp_path: Path, db: Database, settings: Settings) -> None:
    record = {"platform": "x", "handle": "jane", "display_name": "Jane Doe", "followers": 3, "verified": True}
    (tmp_path / "a.json").write_text(json.dumps([record, {"platform": "x", "handle": "kim"}], indent=2))
    (tmp_path / "a.csv").write_text("platform,handle,display_name,followers,verified\nx,jane,Jane Doe,3,yes\n")
    assert import_file(tmp_path / "a.json", db, settings).inserted == 2
    assert import_file(tmp_path / "a.csv", db, settings).unchanged == 1


def test_elements_that_are_no_objects_are_rejected_by_number(tmp_path: Path, db: Database, settings: Settings) -> None:
    good = [{"platform": "x", "handle": name} for name in ("jane", "kim")]
    (tmp_path / "a.json").write_text(json.dumps([1, "a", good[0], None, good[1], [good[0]]]))
    result = import_file(tmp_path / "a.json", db, settings)
    assert (result.inserted, result.rejected) == (2, 4)
    assert [(line.line, line.reason) for line in result.errors] == [(n, "is not a JSON object") for n in (1, 2, 4, 6)]


@pytest.mark.parametrize("workers", [1, 2])
def test_pictures_beside_the_file(tmp_path: Path, db: Database, settings: Settings, workers: int) -> None:
    (tmp_path / "faces").mkdir()
    for number in range(3):
        (tmp_path / "faces" / f"{number}.jpg").write_bytes(picture(number))
    rows = [f"x,h{n},faces/{n}.jpg" for n in range(3)]
    (tmp_path / "a.csv").write_text("platform,handle,avatar\n" + "\n".join([*rows, "x,h9,faces/9.jpg"]) + "\n")
    result = import_file(tmp_path / "a.csv", db, settings, workers=workers)
    assert (result.inserted, [r.line for r in result.errors]) == (3, [5])
    by_path = [to_account(find(db, handle=f"h{n}")).avatar for n in range(3)]
    inline = [
        {"platform": "x", "handle": "h0", "avatar": {"base64": base64.b64encode(picture(0)).decode()}},
        {"platform": "x", "handle": "h1", "avatar": {"path": "faces/1.jpg"}},
        {"platform": "x", "handle": "h2", "avatar": {"url": "https://example.org/2.jpg"}},
    ]
    again = import_file(write_lines(tmp_path / "a.ndjson", inline), db, settings, workers=workers)
    assert (again.unchanged, again.updated) == (2, 1)
    assert [to_account(find(db, handle=f"h{n}")).avatar for n in range(3)] == by_path
    assert len({photo.views["whole"] for photo in by_path if photo}) == 3


@pytest.mark.parametrize("kind", ["parent", "absolute", "link", "folder", "null", "fifo", "number", "long"])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, db: Database, settings: Settings, kind: str) -> None:
    folder = tmp_path / "import"
    folder.mkdir()
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(picture(1))
    (folder / "link.jpg").symlink_to(secret)
    os.mkfifo(folder / "pipe.jpg")
    paths: dict[str, Any] = {
        "parent": "../secret.jpg",
        "absolute": str(secret),
        "link": "link.jpg",
        "folder": ".",
        "null": "a\x00.jpg",
        "fifo": "pipe.jpg",
        "number": 7,
        "long": "a/" * 5_000,
    }
    record = {"platform": "x", "handle": "a", "avatar": {"path": paths[kind]}}
    result = import_file(write_lines(folder / "a.ndjson", [record, {"platform": "x", "handle": "b"}]), db, settings)
    assert (result.inserted, [r.line for r in result.errors]) == (1, [1])
    assert "avatar" in result.errors[0].reason
    assert str(tmp_path) not in result.errors[0].reason


def test_pictures_that_are_too_large_are_not_opened(tmp_path: Path, db: Database, settings: Settings) -> None:
    small = settings.model_copy(update={"max_photo_bytes": 2_000})
    (tmp_path / "large.jpg").write_bytes(picture(1) + b"\0" * 2_000)
    record = {"platform": "x", "handle": "a", "avatar": {"path": "large.jpg"}}
    result = import_file(write_lines(tmp_path / "a.ndjson", [record]), db, small)
    assert "2,000 bytes" in result.errors[0].reason


def test_files_that_hold_nothing(tmp_path: Path, db: Database, settings: Settings) -> None:
    with pytest.raises(InvalidInputError, match="no file"):
        import_file(tmp_path / "missing.ndjson", db, settings)
    with pytest.raises(InvalidInputError, match="no accounts"):
        import_file(write_lines(tmp_path / "empty.ndjson", [""]), db, settings)
    with pytest.raises(UnsupportedMediaError):
        import_file(write_lines(tmp_path / "a.txt", ["{}"]), db, settings)


class BrokenOffError(Exception):
    """The test's own interruption."""


def test_an_interrupted_import_goes_on_where_it_was(tmp_path: Path, db: Database, settings: Settings) -> None:
    records: list[Any] = [{"platform": "x", "handle": f"h{n}"} for n in range(2 * BATCH + 10)]
    records[5] = "broken"
    path = write_lines(tmp_path / "a.ndjson", records)
    seen: list[Progress] = []

    def interrupt(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 2:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        import_file(path, db, settings, interrupt)
    assert count(db) == 2 * BATCH - 1
    seen.clear()
    result = import_file(path, db, settings, seen.append)
    assert [progress.records_done for progress in seen] == [2 * BATCH + 10]
    assert seen[-1].bytes_done == seen[-1].bytes_total == path.stat().st_size
    assert (result.inserted, result.unchanged, result.rejected) == (2 * BATCH + 9, 0, 1)
    assert [rejected.line for rejected in result.errors] == [6]
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
    # done: the next run begins anew
    assert import_file(path, db, settings).unchanged == 2 * BATCH + 9


_RUN = """
import sys
from pathlib import Path
from app.accounts.importer import import_file
from app.settings import Settings
from app.storage import Database
if __name__ == "__main__":
    settings = Settings(database_url=sys.argv[2])
    tell = lambda progress: print(progress.records_done, flush=True)
    result = import_file(Path(sys.argv[1]), Database.of(settings), settings, tell)
    print("done", result.inserted, flush=True)
"""


@pytest.mark.slow
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, db: Database, settings: Settings) -> None:
    total = 5 * BATCH
    picture_text = base64.b64encode(picture(1)).decode()
    records: list[Any] = [{"platform": "x", "handle": f"h{n}", "display_name": f"Name {n}"} for n in range(total)]
    # A few pictures, so that the pool of workers is there to be left behind.
    for number in range(0, total, 500):
        records[number]["avatar"] = {"base64": picture_text}
    path = write_lines(tmp_path / "a.ndjson", records)
    command = [sys.executable, "-c", _RUN, str(path), settings.url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline() for _ in range(2)]
        os.kill(running.pid, signal.SIGKILL)
        # Ends only when no worker holds the pipe any more.
        lines += running.stdout.readlines()
    acknowledged = [int(line) for line in lines if line.strip().isdigit()]
    assert "done" not in "".join(lines)
    assert acknowledged[-1] <= count(db) < total
    result = import_file(path, db, settings)
    assert result.inserted == count(db) == total


@pytest.mark.slow
def test_two_importers_and_readers_at_once(tmp_path: Path, db: Database, settings: Settings) -> None:
    mine = [{"platform": "x", "handle": f"a{n}", "display_name": "Jane Doe"} for n in range(1500)]
    both = [{"platform": "x", "handle": f"both{n}", "avatar": hashes(n)} for n in range(500)]
    yours = [{"platform": "x", "handle": f"b{n}", "display_name": "Jane Doe"} for n in range(1500)]
    files = [write_lines(tmp_path / "1.ndjson", mine + both), write_lines(tmp_path / "2.ndjson", both + yours)]
    failures: list[BaseException] = []
    finished = threading.Event()
    found: list[int] = []

    def guarded(work: Any, *args: Any) -> threading.Thread:
        def run() -> None:
            try:
                work(*args)
            except BaseException as error:  # noqa: BLE001 - handed to the main thread
                failures.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def look() -> None:
        subject = Subject(names=("Jane Doe",), handles=(Handle("both7", "x"),))
        while not finished.wait(0.005):
            with db.read() as session:
                found.append(len(find_candidates(session, subject, "default", 50).candidates))

    importers = [guarded(import_file, file, db, settings) for file in files]
    readers = [guarded(look) for _ in range(2)]
    for thread in importers:
        thread.join()
    finished.set()
    for thread in readers:
        thread.join()
    assert failures == []
    assert count(db) == 3500
    assert max(found) == 50
