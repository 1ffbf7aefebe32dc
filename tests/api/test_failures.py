"""Every failure has one shape: a problem document that says what to do."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.failures import install_failures
from app.guard import Guard
from app.settings import Settings

PROBES = [
    ("GET", "/nothing/here", {}, 404),
    ("PATCH", "/v1/scans", {}, 405),
    ("GET", "/v1/scans/none", {}, 404),
    ("GET", "/v1/scans/none/events", {}, 404),
    ("DELETE", "/v1/scans/none", {}, 404),
    ("POST", "/v1/scans/none/cancel", {}, 404),
    ("PUT", "/v1/scans/none/suspects/none/decision", {"json": {"verdict": "clone"}}, 404),
    ("PUT", "/v1/scans/none/suspects/none/decision", {"json": {"verdict": "criminal"}}, 422),
    ("GET", "/v1/scans?limit=0", {}, 422),
    ("GET", "/v1/scans?cursor=%00", {}, 422),
    ("GET", "/v1/scans?cursor=bm90IG91cnM=", {}, 422),
    ("POST", "/v1/scans", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422),
    ("POST", "/v1/scans", {"content": b"", "headers": {"Content-Type": "application/json"}}, 422),
    ("POST", "/v1/scans", {"json": []}, 422),
    ("POST", "/v1/scans", {"json": {}}, 422),
    ("POST", "/v1/scans", {"json": {"subject_id": "abc"}}, 404),
    ("POST", "/v1/scans", {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ("POST", "/v1/compare", {"json": {"subject": {"name": "Jane"}}}, 422),
    ("POST", "/v1/compare", {"json": {"subject": {"name": "Jane"}, "account": {"platform": "x"}}}, 422),
    ("POST", "/v1/hashes", {"json": {"photo": {"base64": "AAAA"}}}, 415),
    ("GET", "/v1/accounts/none", {}, 404),
    ("POST", "/v1/accounts/lookup", {"json": {"platform": "x", "handle": "nobody"}}, 404),
    ("POST", "/v1/routes", {"json": {}}, 422),
    ("POST", "/v1/subjects", {"json": []}, 422),
    ("POST", "/v1/subjects", {"json": {"bio": "x"}}, 422),
    ("POST", "/v1/subjects", {"content": b"x", "headers": {"Content-Type": "text/csv"}}, 415),
    ("POST", "/v1/subjects", {"content": b"x", "headers": {"Content-Type": "application/x-ndjson"}}, 422),
    ("GET", "/v1/subjects?limit=0", {}, 422),
    ("GET", "/v1/subjects?cursor=bm90IG91cnM=", {}, 422),
    ("GET", "/v1/subjects/none", {}, 404),
    ("PATCH", "/v1/subjects/none", {"json": {"bio": None}}, 404),
    ("PATCH", "/v1/subjects/none", {"json": {"surname": "x"}}, 422),
    ("DELETE", "/v1/subjects/none", {}, 404),
    ("POST", "/v1/checks", {"json": {}}, 422),
    ("POST", "/v1/checks", {"json": {"account": {"platform": "x"}}}, 422),
    ("POST", "/v1/checks", {"json": {"account": {"handle": "a", "avatar": {"base64": "AAAA"}}}}, 415),
    ("POST", "/v1/checks", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422),
]


@pytest.mark.parametrize(("method", "path", "sent", "status"), PROBES)
def test_failures_have_one_shape(
    client: TestClient, method: str, path: str, sent: dict[str, object], status: int
) -> None:
    answer = client.request(method, path, **sent)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:clonecheck:problem:")
    assert problem["title"]
    assert len(problem["detail"]) > 10
    for error in problem.get("errors", []):
        assert set(error) == {"pointer", "detail"}
        assert error["pointer"] == "" or error["pointer"].startswith("/")


SECRET = "adaeze-brandvold-secret"


@pytest.fixture
def faulty(settings: Settings) -> Iterator[TestClient]:
    app = FastAPI()
    app.add_middleware(Guard, settings=settings)
    install_failures(app)

    @app.get("/fault/{name}")
    def fail(name: str) -> None:
        raise RuntimeError(name)

    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        yield client


def test_a_bug_is_answered_and_logged_without_content(faulty: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = faulty.get(f"/fault/{SECRET}")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("clonecheck"))
    assert "RuntimeError at" in ours
    assert SECRET not in ours


def test_no_log_line_carries_names_handles_or_pictures(
    client: TestClient, caplog: pytest.LogCaptureFixture, accounts: list[dict[str, object]]
) -> None:
    with caplog.at_level(logging.DEBUG, logger="clonecheck"):
        client.post("/v1/accounts", json=accounts)
        client.post("/v1/scans", json={"name": "Adaeze Brandvold", "handle": "adaezebrandvold"})
        client.post("/v1/accounts/erase", json={"platform": "x", "handle": "adaezebrandvo1d"})
        client.get("/v1/scans/adaezebrandvold")
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("clonecheck"))
    assert "route=/v1/scans/{scan_id}" in ours
    for private in ("daeze", "randvol", "stranger"):
        assert private not in ours


@pytest.mark.parametrize(
    ("address", "allowed"),
    [("/v1/scans", "GET, POST"), ("/v1/scans/abc", "DELETE, GET"), ("/v1/compare", "POST"), ("/livez", "GET")],
)
def test_a_refused_method_names_all_that_are_taken(client: TestClient, address: str, allowed: str) -> None:
    reply = client.patch(address, json={})
    assert reply.status_code == 405
    assert reply.headers["allow"] == allowed
