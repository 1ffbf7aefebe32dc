"""Which file a database is kept in is worked out once, for all who lay something beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.accounts.photo_hashes import find_path
from app.care import gather_stats
from app.problems import InvalidInputError
from app.restore import back_up, restore
from app.scans.offline import open_database
from app.settings import Settings
from app.storage import find_sqlite_file

IN_MEMORY = (
    "sqlite://",
    "sqlite:///:memory:",
    "sqlite:///file::memory:?uri=true",
    "sqlite:///file:shared?mode=memory&cache=shared&uri=true",
)


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("sqlite:////var/lib/a.db", "/var/lib/a.db"),
        ("sqlite:///a.db?timeout=5", "a.db"),
        ("sqlite+pysqlite:///a.db", "a.db"),
        ("sqlite:///file:/var/a%2520b.db?mode=rw&uri=true", "/var/a b.db"),
        ("postgresql://me@localhost/a.db", None),
        *((address, None) for address in IN_MEMORY),
    ],
)
def test_the_file_of_an_address(address: str, file: str | None) -> None:
    assert find_sqlite_file(address) == (None if file is None else Path(file))


@pytest.mark.parametrize("address", IN_MEMORY)
def test_a_database_in_memory_leaves_no_file(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(data_dir=tmp_path, database_url=address)
    assert find_path(settings) is None
    for care in (lambda: back_up(settings, tmp_path / "b"), lambda: restore(settings, tmp_path / "b")):
        with pytest.raises(InvalidInputError, match="in memory"):
            care()
    database = open_database(settings)
    assert gather_stats(database, settings)["hash_file"] == {"state": "off", "bytes": 0}
    database.dispose()
    assert list(tmp_path.iterdir()) == []


def test_a_file_named_by_an_address_of_its_own_is_backed_up(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=f"sqlite:///file:{tmp_path}/deep/a.db?uri=true")
    open_database(settings).dispose()
    assert find_path(settings) == tmp_path / "deep" / "a.db.default.hashes"
    assert back_up(settings, tmp_path / "b") > 0
    assert restore(settings, tmp_path / "b").erased == 0
