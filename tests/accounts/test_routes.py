from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.storage import Database

NDJSON = {"content-type": "application/x-ndjson"}


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        yield client


def counts(body: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return body["inserted"], body["updated"], body["unchanged"], body["suppressed"], body["rejected"]


def test_one_account_a_line(client: TestClient) -> None:
    lines = b'{"platform":"x","handle":"a"}\n\n{broken\n{"platform":"x"}\n{"platform":"myspace","handle":"b"}'
    answer = client.post("/v1/accounts", content=lines, headers=NDJSON)
    assert answer.status_code == 200
    assert counts(answer.json()) == (2, 0, 0, 0, 2)
    assert [(r["line"], r["reason"][:11]) for r in answer.json()["errors"]] == [
        (3, "is not JSON"),
        (4, "needs a han"),
    ]


def test_broken_lines_before_the_first_good_one_keep_their_place(client: TestClient) -> None:
    answer = client.post("/v1/accounts", content=b'{\n{\n{"platform":"x","handle":"a"}', headers=NDJSON)
    assert [r["line"] for r in answer.json()["errors"]] == [1, 2]


def test_an_array_or_a_single_account(client: TestClient) -> None:
    accounts = [{"platform": "x", "handle": "a"}, 7, {"platform": "x", "handle": "b"}]
    assert counts(client.post("/v1/accounts", json=accounts).json()) == (2, 0, 0, 0, 1)
    assert counts(client.post("/v1/accounts", json=accounts[0]).json()) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"7", "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b"", "application/x-ndjson", 422),
        (b"\n \n", "application/x-ndjson", 422),
        (b"platform,handle\nx,a", "application/x-ndjson", 422),
        (b"\x89PNG\r\n\x1a\n\0\0", "application/x-ndjson", 422),
        (b"platform,handle\nx,a", "text/csv", 415),
    ],
)
def test_bodies_that_hold_no_accounts(client: TestClient, body: bytes, kind: str, status: int) -> None:
    answer = client.post("/v1/accounts", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


def test_a_byte_order_mark_costs_nothing(client: TestClient) -> None:
    lines = b'\xef\xbb\xbf{"platform":"x","handle":"a"}\n{"platform":"x","handle":"b"}'
    assert counts(client.post("/v1/accounts", content=lines, headers=NDJSON).json()) == (2, 0, 0, 0, 0)
    array = b'\xef\xbb\xbf[{"platform":"x","handle":"a"}]'
    answer = client.post("/v1/accounts", content=array, headers={"content-type": "application/json"})
    assert counts(answer.json()) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("br", 415), ("identity", 200)])
def test_a_compressed_body_is_refused_by_name(client: TestClient, encoding: str, status: int) -> None:
    line = b'{"platform":"x","handle":"a"}'
    body = gzip.compress(line) if status == 415 else line
    answer = client.post("/v1/accounts", content=body, headers={**NDJSON, "content-encoding": encoding})
    assert answer.status_code == status
    assert ("Content-Encoding" in answer.json().get("detail", "")) == (status == 415)


def test_a_path_is_no_avatar_over_http(client: TestClient) -> None:
    record = {"platform": "x", "handle": "a", "avatar": {"path": "/etc/passwd"}}
    assert client.post("/v1/accounts", json=record).json()["rejected"] == 1


def test_read_look_up_delete(client: TestClient) -> None:
    record = {"platform": "x", "handle": "JaneDoe", "account_id": "1", "avatar": {"url": "https://example.org/a.jpg"}}
    client.post("/v1/accounts", content=json.dumps(record), headers=NDJSON)
    found = client.post("/v1/accounts/lookup", json={"platform": "x", "handle": "janedoe"}).json()
    assert found == client.post("/v1/accounts/lookup", json={"platform": "x", "account_id": "1"}).json()
    assert (found["handle"], found["avatar"]["url"]) == ("JaneDoe", "https://example.org/a.jpg")
    address = f"/v1/accounts/{found['id']}"
    assert client.get(address).json() == found
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == client.delete(address).status_code == 404
    assert client.get("/v1/accounts/1").status_code == 404


@pytest.mark.parametrize(
    "wanted",
    [{}, {"platform": "x"}, {"platform": "x", "handle": "a", "account_id": "1"}, {"platform": "x", "handle": ""}],
)
def test_who_is_meant_must_be_said_once(client: TestClient, wanted: dict[str, str]) -> None:
    for action in ("lookup", "erase"):
        assert client.post(f"/v1/accounts/{action}", json=wanted).status_code == 422


def test_erasure(client: TestClient) -> None:
    wanted = {"platform": "x", "handle": "jane"}
    client.post("/v1/accounts", json=wanted)
    assert client.post("/v1/accounts/erase", json=wanted).json() == {"accounts": 1, "scans": 0}
    assert client.post("/v1/accounts/lookup", json=wanted).status_code == 404
    assert counts(client.post("/v1/accounts", json=wanted).json()) == (0, 0, 0, 1, 0)


ADDRESS = "https://x.com/urlguy"


@pytest.mark.parametrize("imported", ["urlguy", "@UrlGuy", ADDRESS])
@pytest.mark.parametrize("asked", ["urlguy", "@urlguy", ADDRESS, "https://www.twitter.com/UrlGuy?lang=en"])
def test_whoever_can_be_imported_can_be_looked_up_and_erased(client: TestClient, imported: str, asked: str) -> None:
    client.post("/v1/accounts", json={"platform": "x", "handle": imported})
    wanted = {"platform": "x", "handle": asked}
    assert client.post("/v1/accounts/lookup", json=wanted).json()["platform"] == "x"
    assert client.post("/v1/accounts/erase", json=wanted).json() == {"accounts": 1, "scans": 0}
    again = client.post("/v1/accounts", json={"platform": "x", "handle": imported})
    assert counts(again.json()) == (0, 0, 0, 1, 0)


def test_an_address_may_hold_the_stable_id(client: TestClient) -> None:
    client.post("/v1/accounts", json={"platform": "x", "account_id": "42", "handle": "urlguy"})
    wanted = {"platform": "x", "handle": "https://x.com/i/user/42"}
    assert client.post("/v1/accounts/lookup", json=wanted).json()["handle"] == "urlguy"


@pytest.mark.parametrize(
    ("handle", "told"),
    [
        ("https://nowhere.example/jane/x", "is no profile address"),
        ("https://instagram.com/jane/", "is an address on instagram, but platform says x"),
    ],
)
def test_an_address_that_means_nobody_is_pointed_out(client: TestClient, handle: str, told: str) -> None:
    for action in ("lookup", "erase"):
        answer = client.post(f"/v1/accounts/{action}", json={"platform": "x", "handle": handle})
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["pointer"] == "/handle"
        assert told in error["detail"]


# A server fills a disk of its own.
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_full_disk_is_a_503_that_passes(client: TestClient) -> None:
    database: Database = client.app.state.db  # type: ignore[attr-defined]
    given = [{"platform": "x", "handle": f"jane{n}", "display_name": "Jane Doe", "bio": "b" * 900} for n in range(300)]

    def end_file(connection: Any, _entry: object) -> None:
        # SQLite answers a page beyond this as it answers a full disk: SQLITE_FULL.
        connection.execute("PRAGMA max_page_count = 1")

    database.engine.dispose()
    event.listen(database.engine, "connect", end_file)
    full = client.post("/v1/accounts", json=given)
    assert full.status_code == 503
    assert int(full.headers["Retry-After"]) > 0
    assert "jane" not in full.text
    event.remove(database.engine, "connect", end_file)
    database.engine.dispose()
    assert client.post("/v1/accounts", json=given).json()["inserted"] == 300
