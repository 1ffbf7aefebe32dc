"""Whoever is no impostor is drafted at no door: scans, routes, pages, filing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.reports.route import Reporter
from app.reports.schemas import make_statements
from app.reports.service import build_routes
from matchers.profile import Account, AccountRef, Handle, Subject
from tests.filing.cases import NAME, REAL, Json, run_service, scan_with, settings_for

SUSPECT: Json = {"platform": "x", "handle": "adaezebrandvo1d"}
JANE = Subject(
    names=("Jane Doe",), handles=(Handle("janedoe", "x"),), own_accounts=(AccountRef("bluesky", "j.example"),)
)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with run_service(settings_for(tmp_path)) as running:
        yield running


@pytest.mark.parametrize("verdict", ["namesake", "fan_or_parody", "own_account", "unrelated"])
def test_a_scan_drafts_nothing_against_what_a_person_has_cleared(client: TestClient, verdict: str) -> None:
    place = f"/v1/scans/{scan_with(client, SUSPECT)}"
    suspect = client.get(place).json()["suspects"][0]
    assert suspect["report"]["routes"]
    client.put(f"{place}/suspects/{suspect['id']}/decision", json={"verdict": verdict}).raise_for_status()
    report = client.get(place).json()["suspects"][0]["report"]
    assert report["routes"] == []
    assert len(report["none_because"]) > 40
    client.put(f"{place}/suspects/{suspect['id']}/decision", json={"verdict": "clone"}).raise_for_status()
    assert client.get(place).json()["suspects"][0]["report"]["routes"]


@pytest.mark.parametrize("own", [Account("x", "JaneDoe"), Account("bluesky", "j.example", "did:plc:abc")])
def test_an_own_account_is_not_reported_whatever_it_is_called(own: Account) -> None:
    for verdict in ("clone", "lookalike", "photo_reuse"):
        found = build_routes(JANE, own, verdict, (), Reporter(), with_legal=True)
        assert (found.routes, found.legal) == ((), None)
        assert "your own accounts" in (found.none_because or "")
    assert build_routes(JANE, own, None, (), Reporter()).routes, "its owner says that it is not theirs any more"


def test_a_label_of_the_platform_makes_the_texts_neutral(client: TestClient) -> None:
    suspect = {**SUSPECT, "display_name": NAME, "verdict": "clone"}
    asked = {"subject": {"name": NAME, "own_accounts": [REAL]}, "suspect": suspect}
    plain = client.post("/v1/routes", json=asked).text
    labelled = client.post("/v1/routes", json={**asked, "suspect": {**suspect, "labels": ["Satire"]}})
    texts = " ".join(one["text"] for route in labelled.json()["routes"] for one in route["copy"])
    assert re.search("suspected impersonation", plain)
    assert not re.search("suspected impersonation", texts)
    assert "Satire" in texts


def test_findings_that_a_comparison_joins_are_told_apart() -> None:
    evidence = [
        {"summary": "Disguised", "code": "deception.signs", "params": {"signs": "capital_i,invisible"}, "bits": 4.0},
        {"summary": "Older", "code": "context.older", "params": {}, "bits": -2.0},
    ]
    [told] = make_statements(evidence)
    assert told.codes == ("deception.capital_i", "deception.invisible")
