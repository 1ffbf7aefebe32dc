"""Parquet files as others write them: real files, made by pyarrow."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.cells import cells_to_record
from app.accounts.files import Raw, read_file
from app.accounts.importer import Progress, import_file
from app.accounts.parquet_records import MOST_LOST
from app.accounts.rows import to_account
from app.problems import InvalidInputError, UnsupportedMediaError
from app.settings import Settings
from app.storage import Database
from tests.accounts.conftest import find, hashes
from tests.conftest import ROOT

LIMIT = 10_000


def write(path: Path, columns: dict[str, Any], rows: int = 1_000) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=rows)
    return path


def read(path: Path) -> list[Raw]:
    return list(read_file(path, LIMIT))


def records(path: Path) -> list[dict[str, Any]]:
    return [cells_to_record(raw.content) for raw in read(path) if not isinstance(raw.content, bytes)]


def test_parquet_holds_the_same_as_the_others(tmp_path: Path, db: Database, settings: Settings) -> None:
    jane = {
        "platform": "x",
        "handle": "jane",
        "display_name": "Jane Doe",
        "followers": 3,
        "verified": True,
        "created_at": "2020-05-06T07:08:09.123456Z",
        "labels": ["parody"],
        "links": [{"url": "https://a.example", "verified": True}],
        "avatar": hashes(1),
    }
    kim = {"platform": "x", "handle": "kim", "avatar": hashes(2)}
    (tmp_path / "a.ndjson").write_text(json.dumps(jane) + "\n" + json.dumps(kim))
    assert import_file(tmp_path / "a.ndjson", db, settings).inserted == 2
    nested = {name: [value, kim.get(name)] for name, value in jane.items()}
    moment = datetime(2020, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    nested["created_at"] = pa.array([moment, None], pa.timestamp("ns", "UTC"))
    path = write(tmp_path / "a.parquet", nested)
    assert pa.types.is_struct(pq.read_schema(path).field("avatar").type)
    assert import_file(path, db, settings).unchanged == 2
    as_text = nested | {"avatar": [json.dumps(jane["avatar"]), json.dumps(kim["avatar"])], "labels": ["parody", ""]}
    as_text["created_at"] = ["2020-05-06T07:08:09.123456Z", None]
    assert import_file(write(tmp_path / "b.parquet", as_text), db, settings).unchanged == 2
    apart = {name: cells for name, cells in nested.items() if name != "avatar"}
    apart["avatar_hashes"] = [hashes(3)["hashes"], hashes(2)["hashes"]]
    result = import_file(write(tmp_path / "c.parquet", apart), db, settings)
    assert (result.updated, result.unchanged, result.errors) == (1, 1, [])
    avatar = to_account(find(db, handle="jane")).avatar
    assert avatar is not None
    assert f"{avatar.views['whole']:064x}" == hashes(3)["hashes"]["views"]["whole"]


def test_cells_without_a_value_say_nothing(tmp_path: Path) -> None:
    columns = {
        " Handle ": ["jane", "kim", "lee"],
        "bio": pa.array([None, "", "text"]).dictionary_encode(),
        "followers": [float("nan"), 2.0, None],
        "avatar": [{"url": None, "hashes": None}, {"url": "https://a.example/b", "hashes": None}, None],
        "avatar_path": pa.nulls(3),
        "links": [[], None, ["https://a.example", None]],
        "created_at": [date(2020, 1, 2), None, None],
        "shoe": [1, 2, 3],
    }
    assert records(write(tmp_path / "a.parquet", columns)) == [
        {"handle": "jane", "links": [], "created_at": date(2020, 1, 2)},
        {"handle": "kim", "followers": 2.0, "avatar": {"url": "https://a.example/b"}},
        {"handle": "lee", "bio": "text", "links": [{"url": "https://a.example"}]},
    ]


def test_bad_rows_are_named_and_cost_themselves_alone(tmp_path: Path, db: Database, settings: Settings) -> None:
    spoilt = pa.array([b"a", b"\xff\xfe", b"c", b"d", b"e", b"f"], pa.binary()).view(pa.string())
    columns = {
        "platform": ["x", "x", "No Platform!", "x", "x", "x"],
        "handle": spoilt,
        "created_at": pa.array([0, 0, 0, 2**62, 0, 0], pa.timestamp("us", "UTC")),
        "followers": [1, 2, 3, 4, -5, 6],
        "bio": ["", "", "", "", "", "b" * 20_000_000],
    }
    result = import_file(write(tmp_path / "a.parquet", columns), db, settings)
    assert (result.inserted, result.rejected) == (1, 5)
    told = {rejected.line: rejected.reason for rejected in result.errors}
    assert list(told) == [2, 3, 4, 5, 6]
    for line, part in ((2, "handle: is not text"), (3, "platform"), (4, "created_at: cannot be read as timestamp")):
        assert part in told[line]
    assert "followers" in told[5]
    assert "bytes" in told[6]
    assert find(db, handle="a").followers == 1


def test_a_damaged_part_costs_only_its_own_rows(tmp_path: Path, db: Database, settings: Settings) -> None:
    path = write(tmp_path / "a.parquet", {"platform": ["x"] * 30, "handle": [f"h{n}" for n in range(30)]}, rows=10)
    damaged = pq.ParquetFile(path).metadata.row_group(1).column(1)
    data = bytearray(path.read_bytes())
    start = damaged.dictionary_page_offset or damaged.data_page_offset
    data[start : start + damaged.total_compressed_size] = b"\xff" * damaged.total_compressed_size
    path.write_bytes(data)
    told: list[Progress] = []
    result = import_file(path, db, settings, told.append)
    assert (result.inserted, result.rejected) == (20, 10)
    assert [rejected.line for rejected in result.errors] == list(range(11, 21))
    assert "this part of the file is damaged" in result.errors[0].reason
    assert find(db, handle="h29").handle == "h29"
    assert told[-1].bytes_done == told[-1].bytes_total


def test_a_list_of_millions_in_a_kilobyte_is_refused_before_it_is_unfolded(tmp_path: Path) -> None:
    count = 3_000_000
    labels = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array(["parody"]))
    lists = pa.ListArray.from_arrays(pa.array([0, 1, count], pa.int32()), labels)
    path = write(tmp_path / "a.parquet", {"platform": ["x", "x"], "handle": ["a", "b"], "labels": lists})
    assert path.stat().st_size < 5_000
    read(write(tmp_path / "b.parquet", {"platform": ["x"], "handle": ["a"]}))
    tracemalloc.start()
    good, bad = read(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (good.fault, bad.fault) == (None, "labels: has more than 10,000 bytes")
    assert cells_to_record(good.content)["labels"] == ["parody"]  # type: ignore[arg-type]
    assert most < 5_000_000


def test_rows_that_only_the_damaged_file_speaks_of_are_not_told_for_ever(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"platform": ["x"] * 26, "handle": [f"h{n}" for n in range(26)]}, rows=13)
    data = path.read_bytes()
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    endless = 0
    # Whatever counts 13 in the description (as Thrift writes it) shall count 2^40.
    for at in (at for at in range(start, len(data) - 8) if data[at] == 2 * 13):
        told = data[start:at] + b"\x80\x80\x80\x80\x80\x40" + data[at + 1 : -8]
        path.write_bytes(data[:start] + told + len(told).to_bytes(4, "little") + b"PAR1")
        try:
            rows = sum(1 for _ in islice(read_file(path, LIMIT), 2 * MOST_LOST + 100))
        except InvalidInputError:
            continue
        assert rows <= MOST_LOST + 100
        endless += rows > MOST_LOST
    assert endless == 2


def test_an_import_that_was_broken_off_goes_on(tmp_path: Path, db: Database, settings: Settings) -> None:
    count = 1_500
    path = write(tmp_path / "a.parquet", {"platform": ["x"] * count, "handle": [f"h{n}" for n in range(count)]}, 400)

    def stop(done: Progress) -> None:
        assert 0 < done.bytes_done < done.bytes_total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(path, db, settings, stop, workers=1)
    told: list[Progress] = []
    result = import_file(path, db, settings, told.append, workers=1)
    assert (result.inserted, result.unchanged) == (count, 0)
    assert [done.records_done for done in told] == [count]


def test_a_file_is_never_held_whole(tmp_path: Path) -> None:
    texts = [f"{n}" * 1_000 for n in range(10_000, 18_000)]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"bio": texts}), path, compression="none", use_dictionary=False)
    before, peak = pa.total_allocated_bytes(), 0
    for _ in read_file(path, LIMIT):
        peak = max(peak, pa.total_allocated_bytes() - before)
    assert path.stat().st_size > 39_000_000
    assert pq.ParquetFile(path).num_row_groups == 1
    assert peak < 10_000_000


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=12), st.integers(1, 5))
def test_every_text_comes_back_wherever_the_groups_end(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], rows: int
) -> None:
    path = write(tmp_path_factory.mktemp("p") / "a.parquet", {"bio": pa.array(texts, pa.string())}, rows)
    assert [(raw.line, raw.content) for raw in read(path)] == [(n, {"bio": text}) for n, text in enumerate(texts, 1)]


def test_files_that_hold_no_accounts(tmp_path: Path, db: Database, settings: Settings) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not at all PAR1")
    with pytest.raises(InvalidInputError, match="not Parquet"):
        read(tmp_path / "a.parquet")
    with pytest.raises(InvalidInputError, match="columns name no field"):
        read(write(tmp_path / "b.parquet", {"shoe": [1]}))
    with pytest.raises(InvalidInputError, match="holds no accounts"):
        import_file(write(tmp_path / "c.parquet", {"handle": pa.array([], pa.string())}), db, settings)


_WITHOUT = """
import sys
from pathlib import Path
sys.modules["pyarrow"] = None
from app.accounts.files import read_file
list(read_file(Path(sys.argv[1]), 100))
"""


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"handle": ["jane"]})
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, path], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert f"{UnsupportedMediaError.__name__}: " in done.stderr
    assert "pip install 'clonecheck[parquet]'" in done.stderr
