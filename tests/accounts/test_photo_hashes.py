"""The file of picture hashes follows the database: imports, changes, erasures, dead writers, other processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select, update

from app.accounts.avatar_changes import KEPT, prune_changes
from app.accounts.file_lock import lock_file
from app.accounts.hash_file import OBLONG, SQUARE, HashFile
from app.accounts.models import AccountRow, AvatarChangeRow
from app.accounts.photo_hashes import PhotoHashes, find_path
from app.accounts.service import delete_account, erase, erase_now, purge_expired
from app.settings import Settings
from app.storage import Database, utc_now
from matchers.photo_sweep import BYTE_ORDER
from matchers.profile import AccountRef
from tests.accounts.conftest import SCOPE, Put, find, hashes
from tests.conftest import ROOT


@pytest.fixture
def kept(settings: Settings, db: Database) -> PhotoHashes:
    found = PhotoHashes.of(settings, db)
    assert found is not None
    return found


@pytest.fixture
def path(settings: Settings) -> Path:
    found = find_path(settings)
    assert found is not None
    return found


def ids(kept: PhotoHashes) -> list[int]:
    """The row ids that a search would see."""
    blocks, state = kept.read()
    assert state == "ready"
    return sorted(int(one) for block in blocks for one in block.ids if one)


def stored_ids(db: Database) -> list[int]:
    with db.read() as session:
        return sorted(session.scalars(select(AccountRow.id).where(AccountRow.avatar_views.is_not(None))))


def traces(seed: object, path: Path) -> int:
    """How many pieces of the hashes of `hashes(seed)` the file holds."""
    views = hashes(seed)["hashes"]["views"].values()
    ordered = [bytes(bytes.fromhex(view)[at] for at in BYTE_ORDER) for view in views]
    data = path.read_bytes()
    return sum(part in data for one in ordered for part in (one[:8], one[8:]))


def test_what_is_imported_is_there_at_once(put: Put, kept: PhotoHashes, path: Path, db: Database) -> None:
    put({"handle": "anna", "avatar": hashes(1)}, {"handle": "bert"}, {"handle": "cora", "avatar": hashes(2)})
    # The import itself has brought the file on; nobody had to search first.
    assert traces(1, path) == 4
    assert ids(kept) == stored_ids(db)
    start = time.monotonic()
    put(*({"handle": f"user{at}", "avatar": hashes(at)} for at in range(10, 1210)))
    imported = time.monotonic()
    assert len(ids(kept)) == 1202
    assert time.monotonic() - imported < 1
    assert imported - start < 30


def test_a_changed_picture_replaces_the_former_one(put: Put, kept: PhotoHashes, path: Path, db: Database) -> None:
    put({"handle": "anna", "avatar": hashes(1)})
    put({"handle": "anna", "avatar": hashes(2)})
    assert ids(kept) == stored_ids(db)
    assert (traces(1, path), traces(2, path)) == (0, 4)
    put({"handle": "anna", "avatar": {"url": "https://example.org/a.jpg"}}, {"handle": "anna", "avatar": None})
    assert ids(kept) == stored_ids(db) == []
    assert traces(2, path) == 0


def test_only_pictures_that_can_be_evidence_are_kept(put: Put, kept: PhotoHashes) -> None:
    flat = {"hashes": hashes(1)["hashes"] | {"gate": 0.05}}
    put({"handle": "flat", "avatar": flat}, {"handle": "cora", "avatar": hashes(2)})
    assert len(ids(kept)) == 1


def test_oblong_pictures_have_their_squares(put: Put, kept: PhotoHashes) -> None:
    wire = hashes(1)["hashes"]
    squares = {"square": f"{1 << 200:064x}", "top": f"{3 << 100:064x}", "core": f"{5 << 100:064x}"}
    put({"handle": "oblong", "avatar": {"hashes": wire | {"views": wire["views"] | squares}}})
    put({"handle": "square", "avatar": hashes(2)})
    blocks, _ = kept.read()
    assert sorted(block.shape for block in blocks) == [SQUARE, OBLONG]


@pytest.mark.parametrize("way", ["erase", "delete", "purge"])
def test_nothing_of_an_erased_account_is_left_in_the_file(
    put: Put, kept: PhotoHashes, path: Path, db: Database, way: str
) -> None:
    put({"handle": "anna", "avatar": hashes(1)}, {"handle": "bert", "avatar": hashes(2)})
    assert traces(1, path) == traces(2, path) == 4
    anna = find(db, handle="anna")
    if way == "erase":
        erase_now(db, SCOPE, AccountRef("x", "anna"))
    elif way == "delete":
        delete_account(db, SCOPE, anna.public_id)
    else:
        past = utc_now() - timedelta(days=1)
        with db.write() as session:
            session.execute(update(AccountRow).where(AccountRow.id == anna.id).values(expires_at=past))
        purge_expired(db)
    # No search came between.
    assert (traces(1, path), traces(2, path)) == (0, 4)
    assert ids(kept) == stored_ids(db)


def test_an_erasure_that_is_rolled_back_changes_nothing(put: Put, kept: PhotoHashes, db: Database) -> None:
    put({"handle": "anna", "avatar": hashes(1)})

    def erase_and_fail() -> None:
        with db.write() as session:
            erase(session, SCOPE, AccountRef("x", "anna"))
            raise KeyError

    with pytest.raises(KeyError):
        erase_and_fail()
    assert len(ids(kept)) == 1


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwrite(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:20] + b"\xff" * 4 + data[24:])


def _of_another(path: Path) -> None:
    path.unlink()
    HashFile.create(path, b"x" * 32).commit(1, "token")


@pytest.mark.parametrize("harm", [Path.unlink, _truncate, _overwrite, _of_another])
def test_a_missing_or_broken_file_is_made_anew(
    put: Put, kept: PhotoHashes, path: Path, db: Database, harm: object
) -> None:
    put({"handle": "anna", "avatar": hashes(1)}, {"handle": "bert", "avatar": hashes(2)})
    assert len(ids(kept)) == 2
    fresh = PhotoHashes(db, SCOPE, path)
    assert callable(harm)
    harm(path)
    assert ids(fresh) == stored_ids(db)
    assert traces(1, path) == 4


def test_a_reader_lets_go_of_a_file_that_was_replaced(put: Put, kept: PhotoHashes, path: Path) -> None:
    put({"handle": "anna", "avatar": hashes(1)})
    assert len(ids(kept)) == 1
    handles = len(os.listdir("/dev/fd"))
    for _ in range(3):
        path.unlink()
        assert len(ids(kept)) == 1
    assert len(os.listdir("/dev/fd")) == handles


def test_a_file_that_missed_changes_that_are_forgotten_is_made_anew(
    put: Put, settings: Settings, db: Database, path: Path
) -> None:
    kept = PhotoHashes.of(settings, db)
    assert kept is not None
    put({"handle": "anna", "avatar": hashes(1)})
    assert len(ids(kept)) == 1
    copy = path.read_bytes()
    with db.write() as session:
        erase(session, SCOPE, AccountRef("x", "anna"))
    put({"handle": "bert", "avatar": hashes(2)})
    with db.write() as session:
        prune_changes(session, utc_now() + KEPT + timedelta(days=1))
        assert len(session.scalars(select(AvatarChangeRow.id)).all()) == 1
    path.write_bytes(copy)
    assert ids(PhotoHashes(db, SCOPE, path)) == stored_ids(db)
    assert traces(1, path) == 0


def test_a_database_from_before_the_file_is_taken_in(put: Put, db: Database, path: Path) -> None:
    put({"handle": "anna", "avatar": hashes(1)}, {"handle": "bert", "avatar": hashes(2)})
    with db.write() as session:
        session.execute(delete(AvatarChangeRow))
    assert not path.exists()
    assert ids(PhotoHashes(db, SCOPE, path)) == stored_ids(db)


def test_switched_off_nothing_is_kept(put: Put, settings: Settings, db: Database, path: Path) -> None:
    assert PhotoHashes.of(settings, db) is not None
    put({"handle": "anna", "avatar": hashes(1)})
    assert path.exists()
    assert PhotoHashes.of(settings.model_copy(update={"sweep": False}), db) is None
    assert not path.exists()


def test_an_empty_installation_has_no_file(kept: PhotoHashes, path: Path) -> None:
    assert kept.read() == ([], "ready")
    assert not path.exists()


def test_who_finds_it_locked_reads_what_is_there(put: Put, kept: PhotoHashes, path: Path) -> None:
    put({"handle": "anna", "avatar": hashes(1)})
    with lock_file(path.with_name(f"{path.name}.lock"), 1) as held:
        assert held
        put({"handle": "bert", "avatar": hashes(2)})
        blocks, state = kept.read(0.05)
        assert (state, sum(map(len, (block.ids for block in blocks)))) == ("behind", 1)
    assert len(ids(kept)) == 2


_IMPORT = """
import sys
from pathlib import Path
from app.accounts.schemas import AccountIn
from app.accounts.service import import_accounts
from app.scans.offline import open_database
from app.settings import Settings
from tests.accounts.conftest import hashes
settings = Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2])
db = open_database(settings)
for batch in range(6):
    names = [f"{sys.argv[3]}{batch}_{at}" for at in range(40)]
    records = ({"platform": "x", "handle": name, "avatar": hashes(name)} for name in names)
    import_accounts(db, settings, enumerate(map(AccountIn.model_validate, records), start=1))
"""


@pytest.mark.slow
def test_two_processes_import_while_a_third_searches(kept: PhotoHashes, settings: Settings, db: Database) -> None:
    command = [sys.executable, "-c", _IMPORT, str(settings.data_dir), settings.url]
    others = [subprocess.Popen([*command, name], cwd=ROOT) for name in ("anna", "bert")]
    seen = 0
    while any(other.poll() is None for other in others):
        blocks, state = kept.read()
        now = sum(int(np.count_nonzero(block.ids)) for block in blocks)
        assert state in ("ready", "behind")
        assert now >= seen
        seen = now
    assert [other.wait(60) for other in others] == [0, 0]
    assert ids(kept) == stored_ids(db)
    assert len(set(ids(kept))) == 480


def test_a_large_file_is_made_meanwhile(put: Put, db: Database, path: Path) -> None:
    put(*({"handle": f"user{at}", "avatar": hashes(at)} for at in range(5)))
    kept = PhotoHashes(db, SCOPE, path, made_at_once=2)
    assert kept.read() == ([], "being made")
    until = time.monotonic() + 20
    while kept.read()[1] != "ready" and time.monotonic() < until:
        time.sleep(0.02)
    assert ids(kept) == stored_ids(db)
