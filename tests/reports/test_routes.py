from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.failures import install_failures
from app.platforms.routes import describe_platforms
from app.platforms.routes import router as platforms_router
from app.reports.routes import router as reports_router
from app.settings import Settings

ASK: dict[str, Any] = {
    "subject": {"name": "Jane Doe", "handle": "janedoe", "platform": "x"},
    "suspect": {
        "platform": "x", "handle": "janed0e", "verdict": "clone",
        "evidence": ["Same photo", {"summary": "Same name", "bits": 3}],
    },
    "reporter": {"role": "self", "has_account": False},
}  # fmt: skip


@pytest.fixture(name="client")
def make_client() -> Iterator[TestClient]:
    app = FastAPI()
    app.state.settings = Settings()
    install_failures(app)
    app.include_router(reports_router)
    app.include_router(platforms_router)
    with TestClient(app) as client:
        yield client


def test_routes_are_answered(client: TestClient) -> None:
    answer = client.post("/v1/routes", json=ASK)
    assert answer.status_code == 200
    first = answer.json()["routes"][0]
    assert first["channel"] == "web_form"
    assert first["reviewed_at"] == "2026-11-23"
    assert first["copy"][0] == {"field": "What issue are you having?", "text": "impersonation", "action": "choose"}
    assert any("\n- Same photo.\n- Same name.\n" in c["text"] for c in first["copy"])
    assert "none_because" not in answer.json()


def test_no_routes_for_a_namesake(client: TestClient) -> None:
    answer = client.post(
        "/v1/routes", json={**ASK, "suspect": {"platform": "x", "handle": "jd", "verdict": "namesake"}}
    )
    assert answer.status_code == 200
    assert answer.json()["routes"] == []
    assert "not impersonation" in answer.json()["none_because"]


def test_an_address_in_place_of_a_handle_is_read(client: TestClient) -> None:
    suspect = {"platform": "x", "handle": "https://twitter.com/janed0e?s=20"}
    routes = client.post("/v1/routes", json={**ASK, "suspect": suspect}).json()["routes"]
    assert {r["url"] for r in routes if r["channel"] == "in_app"} == {"https://x.com/janed0e"}


@pytest.mark.parametrize(
    "change",
    [
        {"suspect": {"platform": "x"}},
        {"suspect": {"platform": "X!", "handle": "jane"}},
        {"suspect": {"platform": "x", "handle": "jane", "verdict": "guilty"}},
        {"reporter": {"role": "police"}},
        {"reporter": {"email": "a@b.example?bcc=x@y.example"}},
        {"reporter": {"email": "a@b.example\nBcc: x@y.example"}},
        {"reporter": {"country": "Germany"}},
        {"subject": {}},
        {"surprise": 1},
    ],
)
def test_bad_requests_are_refused(client: TestClient, change: dict[str, Any]) -> None:
    assert client.post("/v1/routes", json={**ASK, **change}).status_code == 422


def test_platforms_are_listed(client: TestClient) -> None:
    listed = client.get("/v1/platforms").json()["platforms"]
    assert len(listed) == 54
    assert listed == describe_platforms()
    by_id = {p["id"]: p for p in listed}
    assert by_id["x"] == {
        "id": "x", "name": "X (Twitter)", "group": "social", "hosts": ["x.com", "twitter.com"],
        "handle_rules": "1-15 of A-Z a-z 0-9 _ ; new handles need 4+", "report_channels": 3, "filing": None,
        "reviewed_at": "2026-11-23", "review_after": "2027-05-23",
        "help_url": "https://help.x.com/en/safety-and-security/report-x-impersonation",
    }  # fmt: skip
