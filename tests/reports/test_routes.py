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


def test_evidence_against_a_copy_is_not_reported_and_codes_are_told_in_the_language_of_the_reporter(
    client: TestClient,
) -> None:
    evidence = [
        {"summary": "Same photo", "signal": "photo", "code": "photo.mirrored", "bits": 9.0},
        {"summary": "Made after your own account; ...", "code": "context.new", "params": {"signs": "younger,new"}},
        {"summary": "The handle is a different one", "code": "handle.differs", "bits": -2.0},
    ]
    ask = {**ASK, "suspect": {**ASK["suspect"], "evidence": evidence}, "reporter": {"language": "fr-CA"}}
    text = next(
        c["text"] for c in client.post("/v1/routes", json=ask).json()["routes"][0]["copy"] if "\n- " in c["text"]
    )
    assert "- Photo de profil: Le compte utilise la même photo, inversée comme dans un miroir.\n" in text
    assert "- Compte: Il a été créé après le compte authentique. Il a été créé au cours des trois" in text
    assert "different" not in text


def test_legal_routes_come_with_the_answer(client: TestClient) -> None:
    ask = {**ASK, "reporter": {"country": "GB", "name": "Jane Doe", "email": "jane@example.org"}}
    legal = {option["id"]: option for option in client.post("/v1/routes", json=ask).json()["legal"]}
    assert legal.keys() == {"bank", "uk_report_fraud", "gdpr", "us_dmca", "intimate_images"}
    assert all("not legal advice" in option["notice"] for option in legal.values())
    assert legal["uk_report_fraud"]["phone"] == "0300 123 2040"


def test_an_address_in_place_of_a_handle_is_read(client: TestClient) -> None:
    suspect = {"platform": "x", "handle": "https://twitter.com/janed0e?s=20"}
    routes = client.post("/v1/routes", json={**ASK, "suspect": suspect}).json()["routes"]
    assert {r["form_url"] or r["url"] for r in routes if r["channel"] == "in_app"} == {"https://x.com/janed0e"}


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
