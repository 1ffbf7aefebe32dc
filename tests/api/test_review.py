"""Ways in which the service once failed its users, held for good."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.scans.judging import Ranking
from app.scans.store import finish_scan
from app.settings import Settings
from tests.api.conftest import Json, as_photo, connect

Scan = Callable[..., Json]
BODY = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold"}


def _forbid_findings(client: TestClient) -> None:
    with client.app.state.db.write() as session:  # type: ignore[attr-defined]
        session.connection().exec_driver_sql(
            "CREATE TRIGGER forbid BEFORE INSERT ON scan_findings BEGIN SELECT RAISE(ABORT, 'no'); END"
        )


def test_a_scan_that_cannot_be_stored_ends_as_failed_and_tells_nobody_its_names(
    filled: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    _forbid_findings(filled)
    scan = filled.post("/v1/scans", json=BODY).json()
    assert scan["status"] == "failed"
    assert "event: finished" in filled.get(f"/v1/scans/{scan['id']}/events").text
    assert filled.get(f"/v1/scans/{scan['id']}").json()["status"] == "failed"
    assert "scan failed" in caplog.text
    assert "daeze" not in "\n".join(
        record.getMessage() + str(record.exc_text) for record in caplog.records if record.levelno >= logging.ERROR
    )


def test_a_scan_that_two_processes_finish_is_reported_once(filled: TestClient, scan: Scan) -> None:
    made = scan()
    database = filled.app.state.db  # type: ignore[attr-defined]
    with database.write() as session:
        assert finish_scan(session, made["id"], "completed", Ranking(), [], 0.0) is False
    assert filled.get(f"/v1/scans/{made['id']}").json() == made


@pytest.mark.parametrize("cut", [3, 8, 5000])
def test_a_form_that_was_cut_off_is_refused(client: TestClient, portrait: bytes, cut: int) -> None:
    boundary = b"----b"
    parts = [
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="name"\r\n\r\nJane Doe\r\n',
        b"--"
        + boundary
        + b'\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
        + portrait
        + b"\r\n",
        b"--" + boundary + b"--\r\n",
    ]
    headers = {"Content-Type": "multipart/form-data; boundary=----b"}
    assert client.post("/v1/scans", content=b"".join(parts), headers=headers).status_code == 200
    answer = client.post("/v1/scans", content=b"".join(parts)[:-cut], headers=headers)
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:clonecheck:problem:malformed_form"


def test_a_form_with_two_photos_or_names_is_refused(client: TestClient, portrait: bytes) -> None:
    twice = [("photo", ("a.jpg", portrait, "image/jpeg")), ("photo", ("b.jpg", portrait, "image/jpeg"))]
    answer = client.post("/v1/scans", data={"name": ["Jane", "Joan"]}, files=twice)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/name", "/photo"}


def test_fields_that_a_browser_sends_blank_are_left_out(client: TestClient) -> None:
    form = {"name": "Jane Doe", "own_account": "", "absent_from": "", "handle": ""}
    assert client.post("/v1/scans", data=form, files={"photo": ("", b"")}).status_code == 200


@pytest.mark.parametrize(
    ("own", "account"),
    [
        ("https://www.facebook.com/jane.qdoe", {"platform": "facebook", "handle": "janeqdoe"}),
        ("https://x.com/JaneQDoe", {"platform": "x", "handle": "janeqdoe"}),
    ],
)
def test_an_own_account_is_known_by_the_platforms_rules(
    client: TestClient, portrait: bytes, own: str, account: Json
) -> None:
    body = {"subject": {"name": "Jane Q Doe", "photo": as_photo(portrait), "own_accounts": [own]}}
    full = account | {"display_name": "Jane Q Doe", "avatar": as_photo(portrait)}
    assert client.post("/v1/compare", json=body | {"account": full}).json()["verdict"] == "own_account"
    client.post("/v1/accounts", json=[full])
    found = client.post("/v1/scans", json=body).json()
    assert (found["suspects"], found["set_aside"][0]["verdict"]) == ([], "own_account")


def test_following_after_the_last_event_ends_at_once(filled: TestClient) -> None:
    scan = filled.post("/v1/scans", json=BODY).json()
    path = f"/v1/scans/{scan['id']}/events"
    last = [line for line in filled.get(path).text.splitlines() if line.startswith("id: ")][-1].removeprefix("id: ")
    assert filled.get(path, headers={"Last-Event-ID": last}).text.strip() == ""
    assert "event: started" in filled.get(path, headers={"Last-Event-ID": "999"}).text


def test_a_stored_scan_that_no_longer_reads_stops_nothing(settings: Settings) -> None:
    with connect(settings) as client:
        made = client.post("/v1/scans", json=BODY).json()
        with client.app.state.db.write() as session:  # type: ignore[attr-defined]
            session.connection().exec_driver_sql(
                "UPDATE scans SET finished_at = NULL, status = 'queued', "
                "request = json_set(request, '$.subject.own_accounts', json('[\"https://gone.example/jane\"]'))"
            )
    with connect(settings) as client:
        assert client.get("/readyz").status_code == 200
        assert client.get(f"/v1/scans/{made['id']}").json()["status"] == "failed"


def test_corpora_do_not_see_each_others_scans(tmp_path: Path, accounts: list[Json]) -> None:
    with connect(Settings(data_dir=tmp_path)) as client:
        client.post("/v1/accounts", json=accounts)
        made = client.post("/v1/scans", json=BODY).json()
    with connect(Settings(data_dir=tmp_path, corpus="other")) as client:
        assert client.get("/v1/scans").json()["items"] == []
        assert client.get(f"/v1/scans/{made['id']}").status_code == 404
        assert client.delete(f"/v1/scans/{made['id']}").status_code == 404
        erased = client.post("/v1/accounts/erase", json={"platform": "x", "handle": "adaezebrandvo1d"}).json()
        assert erased["scans"] == 0
    with connect(Settings(data_dir=tmp_path)) as client:
        assert client.get(f"/v1/scans/{made['id']}").json() == made


def test_the_list_counts_what_an_erasure_left(filled: TestClient, scan: Scan) -> None:
    scan()
    before = filled.get("/v1/scans").json()["items"][0]["suspects_found"]
    filled.post("/v1/accounts/erase", json={"platform": "x", "handle": "adaezebrandvo1d"})
    assert filled.get("/v1/scans").json()["items"][0]["suspects_found"] == before - 1


@pytest.mark.parametrize("handle", ["@", "___", "@@@@", "🦊"])
def test_a_handle_without_letters_is_nothing_to_search_for(client: TestClient, handle: str) -> None:
    answer = client.post("/v1/scans", json={"handle": handle})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:clonecheck:problem:nothing_to_search"


def test_a_humans_word_stands_without_the_models_reasons(filled: TestClient, scan: Scan) -> None:
    first = scan()
    namesake = next(item for item in first["set_aside"] if item["verdict"] == "namesake")
    path = f"/v1/scans/{first['id']}/suspects/{namesake['id']}/decision"
    assert filled.put(path, json={"verdict": "clone"}).status_code == 204
    again = next(s for s in scan()["suspects"] if s["account"]["handle"] == namesake["account"]["handle"])
    assert (again["verdict"], again["reason"], again["hinges_on"]) == ("clone", None, None)


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "https://localhost:99999999"])
def test_a_malformed_origin_is_refused(client: TestClient, origin: str) -> None:
    assert client.post("/v1/scans", json=BODY, headers={"Origin": origin}).status_code == 403


def test_a_streamed_body_that_is_too_large_is_413_whoever_reads_it(tmp_path: Path) -> None:
    with connect(Settings(data_dir=tmp_path, max_request_bytes=2000)) as client:
        for path, kind in (("/v1/compare", "application/json"), ("/v1/scans", "multipart/form-data; boundary=b")):
            chunks = (b"x" * 500 for _ in range(10))
            assert client.post(path, content=chunks, headers={"Content-Type": kind}).status_code == 413, path


@pytest.mark.parametrize(
    ("prefer", "applied"), [("wait=99999", "wait=60"), ("respond-async", None), ("wait=3", "wait=3")]
)
def test_only_a_preference_that_was_given_is_applied(client: TestClient, prefer: str, applied: str | None) -> None:
    answer = client.post("/v1/scans", json=BODY, headers={"Prefer": prefer})
    assert answer.headers.get("preference-applied") == applied
