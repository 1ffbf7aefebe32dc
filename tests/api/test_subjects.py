"""Stored subjects over HTTP: one or many in, shown, listed, changed, erased."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.accounts.models import CorpusRow
from app.scans.models import DecisionRow
from app.storage import Database
from app.subjects.models import SubjectKeyCountRow, SubjectKeyRow, SubjectPhotoRow, SubjectRow
from tests.api.conftest import Json, as_photo, ndjson

SUBJECT: Json = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "platform": "x"}


def add(client: TestClient, **fields: Any) -> Json:
    answer = client.post("/v1/subjects", json=fields)
    assert answer.status_code == 201, answer.text
    stored: Json = answer.json()
    assert answer.headers["Location"] == f"/v1/subjects/{stored['id']}"
    return stored


def count(client: TestClient, table: type[Any]) -> int:
    database: Database = client.app.state.db  # type: ignore[attr-defined]
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_subject_comes_back_as_it_was_given_with_hashes_for_the_photo(client: TestClient, portrait: bytes) -> None:
    given = {
        **SUBJECT,
        "photo": as_photo(portrait),
        "bio": "Ornithologist",
        "links": ["https://example.org"],
        "languages": ["en"],
        "own_accounts": ["https://x.com/adaezebrandvold"],
        "absent_from": ["tiktok"],
    }
    stored = add(client, **given)
    assert stored["names"] == ["Adaeze Brandvold"]
    assert stored["handles"] == [{"handle": "adaezebrandvold", "platform": "x"}]
    assert "base64" not in json.dumps(stored)
    assert {name: stored[name] for name in ("bio", "links", "languages", "own_accounts", "absent_from")} == {
        name: given[name] for name in ("bio", "links", "languages", "own_accounts", "absent_from")
    }
    shown = client.get(f"/v1/subjects/{stored['id']}").json()
    assert shown == stored
    # What is shown can be given again: it is the very same subject.
    again = {name: shown[name] for name in shown if name not in {"id", "created_at", "updated_at"}}
    answer = client.post("/v1/subjects", json=again)
    assert (answer.status_code, answer.json()["id"]) == (200, stored["id"])


def test_lines_are_stored_and_bad_ones_listed(client: TestClient) -> None:
    lines = [SUBJECT, {"name": ""}, {"name": "Jane Doe"}, {"platform": "x"}, SUBJECT, {"own_accounts": ["nowhere"]}]
    body = ndjson(lines) + b"\nnot json\n[]\n"
    answer = client.post("/v1/subjects", content=body, headers={"Content-Type": "application/x-ndjson"})
    told = answer.json()
    assert (told["inserted"], told["unchanged"], told["rejected"]) == (2, 1, 5)
    assert [item["line"] for item in told["subjects"]] == [1, 3, 5]
    assert told["subjects"][0]["id"] == told["subjects"][2]["id"]
    assert [error["line"] for error in told["errors"]] == [2, 4, 6, 7, 8]
    assert "not JSON" in told["errors"][3]["reason"]


def test_an_array_is_an_import(client: TestClient) -> None:
    told = client.post("/v1/subjects", json=[SUBJECT, {"name": "Jane Doe"}]).json()
    assert told["inserted"] == 2


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[]", "application/json", 422),
        (b"5", "application/json", 422),
        (b"{", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"name": "A B", "names": ["C D"]}', "application/json", 422),
        (b"nothing", "application/x-ndjson", 422),
        (b"name=x", "text/plain", 415),
    ],
)
def test_refusals_are_problems(client: TestClient, body: bytes, kind: str, status: int) -> None:
    answer = client.post("/v1/subjects", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("br", 415), ("identity", 201)])
def test_a_compressed_body_is_refused_by_name(client: TestClient, encoding: str, status: int) -> None:
    given = json.dumps(SUBJECT).encode()
    body = gzip.compress(given) if status == 415 else given
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    answer = client.post("/v1/subjects", content=body, headers=headers)
    assert answer.status_code == status
    assert ("Content-Encoding" in answer.json().get("detail", "")) == (status == 415)


def test_a_fault_points_into_the_subject(client: TestClient) -> None:
    answer = client.post("/v1/subjects", json={"name": "Jane Doe", "own_accounts": ["https://example.org/nobody"]})
    assert answer.json()["errors"][0]["pointer"] == "/own_accounts/0"


def test_the_list_goes_on_by_cursor(client: TestClient) -> None:
    ids = [add(client, name=f"Jane Number{number} Doe")["id"] for number in range(5)]
    first = client.get("/v1/subjects", params={"limit": 3}).json()
    second = client.get("/v1/subjects", params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None
    assert first["items"][0]["photos"] == 0
    assert client.get("/v1/subjects", params={"cursor": "%%%"}).status_code == 422
    assert client.get("/v1/subjects", params={"cursor": "LTU="}).status_code == 422


def test_absent_stays_and_null_clears(client: TestClient, portrait: bytes) -> None:
    stored = add(client, **SUBJECT, photo=as_photo(portrait), bio="Ornithologist", absent_from=["tiktok"])
    url = f"/v1/subjects/{stored['id']}"
    changed = client.patch(url, json={"bio": None, "links": ["https://example.org"]}).json()
    assert changed["bio"] is None
    assert changed["links"] == ["https://example.org"]
    for name in ("names", "handles", "photos", "absent_from", "created_at"):
        assert changed[name] == stored[name], name
    assert client.patch(url, json={"name": "Adaeze B. Brandvold"}).json()["names"] == ["Adaeze B. Brandvold"]
    assert client.patch(url, json={"photo": None, "absent_from": None}).json()["photos"] == []
    assert count(client, SubjectPhotoRow) == 0
    assert client.patch(url, json={"handle": "brandvold"}).json()["handles"] == [
        {"handle": "brandvold", "platform": None}
    ]


def test_a_change_may_not_leave_nothing_or_contradict_itself(client: TestClient) -> None:
    url = f"/v1/subjects/{add(client, **SUBJECT)['id']}"
    before = client.get(url).json()
    for patch in (
        {"names": None, "handles": None},
        {"name": "A B", "names": ["C D"]},
        {"platform": "x"},
        {"unknown": 1},
        {"name": "\u0000"},
    ):
        answer = client.patch(url, json=patch)
        assert answer.status_code == 422, patch
    assert client.get(url).json() == before


def test_a_change_into_another_stored_subject_is_a_conflict(client: TestClient) -> None:
    add(client, name="Jane Doe")
    other = add(client, name="Jane Dough")
    assert client.patch(f"/v1/subjects/{other['id']}", json={"name": "Jane Doe"}).status_code == 409


def test_erasing_leaves_nothing(client: TestClient, portrait: bytes) -> None:
    first = add(client, **SUBJECT, photo=as_photo(portrait))
    second = add(client, name="Jane Doe")
    assert client.delete(f"/v1/subjects/{first['id']}").status_code == 204
    assert client.get(f"/v1/subjects/{first['id']}").status_code == 404
    assert client.delete(f"/v1/subjects/{first['id']}").status_code == 404
    assert client.patch(f"/v1/subjects/{first['id']}", json={"bio": "x"}).status_code == 404
    assert client.delete(f"/v1/subjects/{second['id']}").status_code == 204
    for table in (SubjectRow, SubjectPhotoRow, SubjectKeyRow, SubjectKeyCountRow):
        assert count(client, table) == 0, table
    database: Database = client.app.state.db  # type: ignore[attr-defined]
    with database.read() as session:
        assert session.scalars(select(CorpusRow.subjects)).all() == [0]


def test_common_keys_are_counted_and_counted_down(client: TestClient) -> None:
    ids = [add(client, name="Jane Doe", bio=str(number))["id"] for number in range(40)]
    assert count(client, SubjectKeyCountRow) > 0
    client.patch(f"/v1/subjects/{ids[0]}", json={"name": "Quentin Xu"})
    for subject in ids[1:10]:
        client.delete(f"/v1/subjects/{subject}")
    assert count(client, SubjectKeyCountRow) == 0


def test_a_stored_subject_is_scanned_for_by_its_id(filled: TestClient, portrait: bytes) -> None:
    given = {**SUBJECT, "photo": as_photo(portrait), "own_accounts": ["https://x.com/adaezebrandvold"]}
    stored = add(filled, **given)
    answer = filled.post("/v1/scans", json={"subject_id": stored["id"]})
    by_id = answer.json()
    inline = filled.post("/v1/scans", json=given).json()
    assert answer.status_code == 200
    assert len(by_id["suspects"]) == 3
    # Without the picture itself no pixels can be laid over one another; the hashes say the same of who is listed.
    assert [one["account"] for one in by_id["suspects"]] == [one["account"] for one in inline["suspects"]]
    assert filled.post("/v1/scans", json={"subject_id": "nobody"}).status_code == 404
    assert filled.post("/v1/scans", json={"subject_id": stored["id"], "name": "A B"}).status_code == 422


def test_erasing_a_subject_erases_the_scans_made_by_its_id(filled: TestClient) -> None:
    stored, other = add(filled, **SUBJECT), add(filled, name="Jane Doe")
    scans = [filled.post("/v1/scans", json={"subject_id": one["id"]}).json() for one in (stored, other)]
    suspect = scans[0]["suspects"][0]["id"]
    decided = filled.put(f"/v1/scans/{scans[0]['id']}/suspects/{suspect}/decision", json={"verdict": "clone"})
    assert decided.status_code == 204
    assert filled.delete(f"/v1/subjects/{stored['id']}").status_code == 204
    assert filled.get(f"/v1/scans/{scans[0]['id']}").status_code == 404
    assert filled.get(f"/v1/scans/{scans[1]['id']}").status_code == 200
    assert count(filled, DecisionRow) == 0
