"""Erasing everything takes all of a corpus, seen in the database, and nothing of another one on the same database."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.settings import Settings
from tests.api.conftest import as_photo, connect

PHOTO = encode_jpeg(draw_portrait("page subject"))
CLONE = {"platform": "x", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold", "avatar": as_photo(PHOTO)}
KEY = {"Idempotency-Key": "the same in both"}
TOLD = ("scans", "scan_findings", "decisions", "reports", "report_events", "idempotency_keys")


@pytest.fixture
def corpora(tmp_path: Path) -> Iterator[list[TestClient]]:
    """Two services on one database, each with a corpus of its own."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect(Settings(data_dir=tmp_path, corpus=name))) for name in ("one", "two")]


def count_rows(folder: Path) -> dict[str, int]:
    database = sqlite3.connect(folder / "clonecheck.db")
    counts = {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TOLD}  # noqa: S608
    database.close()
    return counts


def act(client: TestClient) -> str:
    """Search, say what an account is, and note a report; gives the path of the scan."""
    assert client.post("/v1/accounts", json=[CLONE]).json()["inserted"] == 1
    asked = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "photo": as_photo(PHOTO)}
    scan = client.post("/v1/scans", json=asked, headers=KEY).json()
    path = f"/scan/{scan['id']}"
    account = f"{path}/accounts/{scan['suspects'][0]['id']}"
    channel = re.findall(r'name="channel" value="([^"]*)"', client.get(account).text)[0]
    assert client.post(f"{account}/reported", data={"channel": channel}).status_code == 200
    assert client.post(f"{account}/decision", data={"verdict": "namesake"}).status_code == 200
    return path


def test_one_corpus_is_erased_and_the_other_stays(corpora: list[TestClient], tmp_path: Path) -> None:
    one, two = corpora
    paths = [act(client) for client in corpora]
    assert paths[0] != paths[1], "a key binds within its corpus"
    before = count_rows(tmp_path)
    assert all(before.values())
    one.post("/history/erase", data={"sure": "yes"})
    assert "There are no searches" in one.get("/history").text
    assert {table: count * 2 for table, count in count_rows(tmp_path).items()} == before
    assert "You said: Another person of this name" in two.get(paths[1]).text
    two.post("/history/erase", data={"sure": "yes"})
    assert set(count_rows(tmp_path).values()) == {0}


def test_a_word_counts_in_its_own_corpus(corpora: list[TestClient]) -> None:
    one, two = corpora
    act(one)
    two.post("/v1/accounts", json=[CLONE])
    asked = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "photo": as_photo(PHOTO)}
    assert two.post("/v1/scans", json=asked).json()["suspects"][0]["decision"] is None


def test_reports_go_whose_scans_have_expired(corpora: list[TestClient], tmp_path: Path) -> None:
    act(corpora[0])
    database = sqlite3.connect(tmp_path / "clonecheck.db")
    with database:
        database.execute("UPDATE scans SET expires_at = '2020-01-01 00:00:00.000000'")
    database.close()
    corpora[0].post("/history/erase", data={"sure": "yes"})
    assert set(count_rows(tmp_path).values()) == {0}
