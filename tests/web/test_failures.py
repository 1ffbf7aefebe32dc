"""What a person sees when something fails, and what programs get."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.settings import Settings
from tests.api.conftest import connect

PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with connect(Settings(data_dir=tmp_path, max_request_bytes=20_000)) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/scan/none/export.csv", 404),
        ("GET", "/scan/none/export.json", 404),
        ("GET", "/scan/none/cancel", 405),
        ("GET", "/scan/none/accounts/x?role=%3Cscript%3E", 422),
        ("POST", "/scan/none/accounts/x/decision", 422),
        ("POST", "/v1/scans/none/suspects/x/evidence", 422),
        ("POST", "/scan", 413),
    ],
)
def test_a_person_gets_a_page_and_a_program_a_problem_document(
    client: TestClient, method: str, path: str, status: int
) -> None:
    body = {"files": {"photo": ("me.jpg", b"x" * (30_000 if status == 413 else 10), "image/jpeg")}}
    sent = body if path.endswith(("/scan", "/evidence")) else {}
    page = client.request(method, path, headers=PERSON, **sent)  # type: ignore[arg-type]  # as the client reads them
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert '<a class="button primary" href="/">' in page.text
    assert "<script>" not in page.text
    assert "openapi" not in page.text
    told = client.request(method, path, headers={"Accept": "*/*"}, **sent)  # type: ignore[arg-type]  # as above
    if path != "/scan":
        assert told.status_code == status
        assert told.headers["content-type"] == "application/problem+json"


def test_the_api_answers_a_browser_in_json(client: TestClient) -> None:
    answer = client.get("/v1/scans/none", headers=PERSON)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_address_of_a_refused_form_leads_back_to_the_form(client: TestClient) -> None:
    page = client.get("/scan", headers=PERSON)
    assert page.history[0].status_code == 303
    assert page.url.path == "/"
