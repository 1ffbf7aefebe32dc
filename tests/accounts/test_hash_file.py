"""The file alone: what was stored is read back, whatever its order; what is broken is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.hash_file import BLOCK, OBLONG, PAGE, SHAPES, SQUARE, HashFile, UnusableFileError, split_hashes
from tests.conftest import ROOT

IDENTITY = b"i" * 32


def draw(shape: int, ids: list[int]) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Made-up hashes, always the same for an id; none is all zero."""
    rows = [np.random.default_rng(one).integers(1, 256, (len(SHAPES[shape]), 32), np.uint8) for one in ids]
    return np.stack(rows)


def store(file: HashFile, shape: int, ids: list[int]) -> None:
    file.append(shape, np.array(ids, np.int64), draw(shape, ids))


def stored(file: HashFile) -> dict[int, int]:
    """The ids in a file and their shapes; checks each one's hashes."""
    found = {}
    for block in file.blocks():
        for at in np.flatnonzero(block.ids):
            row = int(block.ids[at])
            words, rests = split_hashes(draw(block.shape, [row])[0])
            assert (block.words[:, at] == words).all()
            assert (block.rests[:, at] == rests).all()
            assert row not in found
            found[row] = block.shape
    return found


STEPS = st.lists(st.tuples(st.sampled_from([SQUARE, OBLONG]), st.integers(1, 40), st.booleans()), max_size=12)


@given(STEPS)
def test_what_was_stored_and_not_wiped_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, bool]]
) -> None:
    path = tmp_path_factory.mktemp("hashes") / "file"
    writer = HashFile.create(path, IDENTITY)
    reader = HashFile.open(path)
    expected: dict[int, int] = {}
    for change, (shape, count, wipe) in enumerate(steps, start=1):
        first = 1 + len(expected) + 100 * change
        store(writer, shape, list(range(first, first + count)))
        expected |= dict.fromkeys(range(first, first + count), shape)
        if wipe:
            gone = list(expected)[::3]
            assert writer.wipe(gone) == len(gone)
            expected = {row: shape for row, shape in expected.items() if row not in gone}
        writer.commit(change, "token")
        reader.refresh()
        assert stored(reader) == expected
    assert reader.header.applied == len(steps)


def test_blocks_are_added_as_needed(tmp_path: Path) -> None:
    file = HashFile.create(tmp_path / "file", IDENTITY)
    ids = np.arange(1, BLOCK + 5_001)
    for shape in (SQUARE, OBLONG):
        hashes = np.broadcast_to(np.uint8(7), (len(ids), len(SHAPES[shape]), 32))
        file.append(shape, ids + shape * 10**6, hashes)
    file.commit(1, "a")
    reader = HashFile.open(tmp_path / "file")
    assert [(block.shape, len(block.ids)) for block in reader.blocks()] == [
        (0, BLOCK),
        (0, 5000),
        (1, BLOCK),
        (1, 5000),
    ]
    assert reader.blocks()[3].ids[-1] == 10**6 + BLOCK + 5_000
    assert file.wipe([BLOCK + 5_000, 10**6 + 1]) == 2
    assert reader.blocks()[1].ids[-1] == reader.blocks()[2].ids[0] == 0


def test_what_a_dead_writer_began_does_not_count_and_is_wiped(tmp_path: Path) -> None:
    path = tmp_path / "file"
    file = HashFile.create(path, IDENTITY)
    store(file, SQUARE, [1, 2])
    file.commit(1, "a")
    file.close()
    told = "import os, sys; from pathlib import Path; from app.accounts.hash_file import HashFile, SQUARE\n"
    told += "from tests.accounts.test_hash_file import store\n"
    told += "store(HashFile.open(Path(sys.argv[1]), writable=True), SQUARE, [3, 4]); os._exit(9)"
    died = subprocess.run([sys.executable, "-c", told, path], cwd=ROOT, timeout=60, check=False)
    assert died.returncode == 9
    rest = split_hashes(draw(SQUARE, [3])[0])[1][0].tobytes()
    assert rest in path.read_bytes()
    writer = HashFile.open(path, writable=True)
    assert set(stored(writer)) == {1, 2}
    writer.wipe_unfinished()
    assert rest not in path.read_bytes()
    store(writer, SQUARE, [5])
    writer.commit(2, "b")
    assert set(stored(HashFile.open(path))) == {1, 2, 5}


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(UnusableFileError):
        HashFile.open(path)
    file = HashFile.create(path, IDENTITY)
    store(file, SQUARE, [1])
    file.commit(1, "a")
    whole = path.read_bytes()
    for broken in (b"", whole[: PAGE - 1], whole[: len(whole) // 2], whole[:50] + b"\xff" + whole[51:]):
        path.write_bytes(broken)
        handles = len(os.listdir("/dev/fd"))
        with pytest.raises(UnusableFileError):
            HashFile.open(path)
        assert len(os.listdir("/dev/fd")) == handles


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    HashFile.create(tmp_path / "file", IDENTITY)
    assert os.stat(tmp_path / "file").st_mode & 0o077 == 0
