"""Attacks from other web pages and from other machines, and what keys open."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.guard import host_name, is_loopback
from app.settings import Settings
from tests.api.conftest import connect

BODY = {"name": "Jane Doe"}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "", "2130706433"]
)
def test_dns_rebinding_is_misdirected(client: TestClient, host: str) -> None:
    for method, path in (("GET", "/v1/scans"), ("POST", "/v1/scans"), ("GET", "/livez")):
        answer = client.request(method, path, headers={"Host": host})
        assert answer.status_code == 421
        assert answer.json()["type"] == "urn:clonecheck:problem:unknown_host"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:9", "[::1]:8000", "LOCALHOST", "localhost."]
)
def test_loopback_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_cross_site_changes_are_refused(client: TestClient, headers: dict[str, str], method: str) -> None:
    answer = client.request(method, "/v1/scans", headers=headers, json=BODY)
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:clonecheck:problem:cross_site"


def test_a_cross_site_form_cannot_scan(client: TestClient) -> None:
    """What a hostile page's <form enctype=multipart/form-data> sends."""
    answer = client.post(
        "/v1/scans",
        data=BODY,
        files={"photo": ("", b"")},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_other_content_types_are_refused(client: TestClient, kind: str | None) -> None:
    """The types a page may send without asking first."""
    headers = {"Content-Type": kind} if kind else {}
    for path in ("/v1/scans", "/v1/accounts", "/v1/compare", "/v1/accounts/erase", "/v1/routes", "/v1/hashes"):
        answer = client.post(path, content=b'{"name": "Jane"}', headers=headers)
        assert answer.status_code in {415, 422}, (path, answer.status_code)
    assert client.get("/v1/scans").json()["items"] == []


def test_same_origin_requests_pass(client: TestClient) -> None:
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/v1/scans", json=BODY, headers=headers).status_code == 200


def test_other_machines_are_refused_without_keys(settings: Settings) -> None:
    with connect(settings, address="192.0.2.7") as client:
        answer = client.get("/v1/scans")
        assert answer.status_code == 403


def test_keys_open_and_nothing_else_does(tmp_path: Path) -> None:
    keyed = Settings(data_dir=tmp_path, api_keys=(SecretStr("first-key"), SecretStr("second-key")))
    with connect(keyed, address="192.0.2.7") as client:
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": "Basic first-key"},
            {"Authorization": "Bearer "},
        ):
            answer = client.get("/v1/scans", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
        assert client.get("/livez").status_code == 200
        assert client.get("/readyz").status_code == 200
        for key in ("first-key", "second-key"):
            assert client.get("/v1/scans", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    small = Settings(data_dir=tmp_path, max_request_bytes=2000)
    with connect(small) as client:
        declared = client.post("/v1/scans", json={"name": "a" * 3000})
        streamed = client.post(
            "/v1/accounts", content=(b"x" * 500 for _ in range(10)), headers={"Content-Type": "application/x-ndjson"}
        )
        for answer in (declared, streamed):
            assert answer.status_code == 413, answer.text
            assert answer.headers["content-type"] == "application/problem+json"


def test_answers_carry_security_headers(client: TestClient) -> None:
    headers = client.get("/livez").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104  # only looked at, never bound
        ("::", False),
        ("10.0.0.1", False),
        ("", False),
        ("example", False),
    ],
)
def test_loopback_addresses(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_host_names_lose_their_port() -> None:
    assert host_name("[::1]:8000") == "[::1]"
    assert host_name("Localhost:1") == "localhost"
