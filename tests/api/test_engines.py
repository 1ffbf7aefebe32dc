"""The whole service over PostgreSQL: import, scan, decide, erase; and a server that goes away and comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.settings import Settings
from tests.api.conftest import Json, as_photo, connect
from tests.servers.postgres import Cluster, make_cluster

SUBJECT = {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "own_accounts": ["https://x.com/adaezebrandvold"]}


def _shape(scan: Json) -> Json:
    """What a scan says, without what is drawn anew for each."""
    kept = ("rank", "probability", "bits", "verdict", "evidence")
    suspects = [
        {name: item[name] for name in kept} | {"handle": item["account"]["handle"]} for item in scan["suspects"]
    ]
    aside = sorted((item["account"]["handle"], item["verdict"]) for item in scan["set_aside"])
    return {"suspects": suspects, "set_aside": aside, "coverage": scan["coverage"]}


def test_a_scan_from_import_to_erasure(
    on_each: TestClient, filled: TestClient, accounts: list[Json], portrait: bytes
) -> None:
    asked = SUBJECT | {"photo": as_photo(portrait)}
    assert on_each.post("/v1/accounts", json=accounts).json()["inserted"] == len(accounts)
    scan = on_each.post("/v1/scans", json=asked).json()
    assert _shape(scan) == _shape(filled.post("/v1/scans", json=asked).json())
    first = scan["suspects"][0]
    decided = on_each.put(f"/v1/scans/{scan['id']}/suspects/{first['id']}/decision", json={"verdict": "clone"})
    assert decided.status_code in {200, 204}
    again = on_each.post("/v1/scans", json=asked).json()
    assert again["suspects"][0]["decision"]["verdict"] == "clone"
    assert [item["id"] for item in on_each.get("/v1/scans").json()["items"]] == [again["id"], scan["id"]]
    erased = on_each.post("/v1/accounts/erase", json={"platform": "x", "handle": first["account"]["handle"]})
    assert erased.json()["accounts"] == 1
    left = on_each.get(f"/v1/scans/{scan['id']}").json()["suspects"]
    assert first["account"]["handle"] not in {item["account"]["handle"] for item in left}
    assert on_each.delete(f"/v1/scans/{scan['id']}").status_code == 204


def test_the_same_key_at_the_same_moment_makes_one_scan(on_each: TestClient) -> None:
    ids: list[str] = []

    def ask() -> None:
        answer = on_each.post("/v1/scans", json=SUBJECT, headers={"Idempotency-Key": "once"})
        ids.append(answer.json().get("id") or answer.text)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 1
    assert len(on_each.get("/v1/scans").json()["items"]) == 1


def test_two_decisions_at_the_same_moment_leave_one(on_each: TestClient, accounts: list[Json]) -> None:
    on_each.post("/v1/accounts", json=accounts)
    scan = on_each.post("/v1/scans", json=SUBJECT).json()
    path = f"/v1/scans/{scan['id']}/suspects/{scan['suspects'][0]['id']}/decision"
    codes: list[int] = []

    def decide(verdict: str) -> None:
        codes.append(on_each.put(path, json={"verdict": verdict}).status_code)

    threads = [threading.Thread(target=decide, args=(verdict,)) for verdict in ("clone", "unrelated") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(code < 300 for code in codes), codes
    decided = on_each.get(f"/v1/scans/{scan['id']}").json()["suspects"][0]["decision"]
    assert decided["verdict"] in {"clone", "unrelated"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with make_cluster() as cluster:
        yield cluster


@pytest.mark.slow
def test_a_database_that_goes_and_comes_back(cluster: Cluster, tmp_path: Path, accounts: list[Json]) -> None:
    settings = Settings(data_dir=tmp_path, database_url=cluster.url)
    with cluster.run():
        client = connect(settings)
        client.__enter__()
        assert client.post("/v1/accounts", json=accounts).json()["inserted"] == len(accounts)
        found = client.post("/v1/scans", json=SUBJECT).json()
        assert found["suspects"]
        assert client.get("/readyz").status_code == 200
    try:
        refused = [
            client.get("/readyz"),
            client.get(f"/v1/scans/{found['id']}"),
            client.post("/v1/scans", json=SUBJECT),
            client.post("/v1/accounts", json=[{"platform": "x", "handle": "late"}]),
        ]
        for answer in refused:
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) > 0
            assert "adaeze" not in answer.text.casefold()
        assert client.get("/livez").status_code == 200
        with cluster.run():
            assert client.get("/readyz").status_code == 200
            assert client.get(f"/v1/scans/{found['id']}").json()["suspects"] == found["suspects"]
            assert client.post("/v1/accounts", json=accounts).json()["unchanged"] == len(accounts)
            assert client.post("/v1/scans", json=SUBJECT).json()["status"] == "completed"
    finally:
        client.__exit__(None, None, None)
