"""The outcome ledger over HTTP, from a scan to its erasure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from tests.api.conftest import Json

Scan = Callable[..., Json]


def report(client: TestClient, scan: Json, at: int = 0, status: int = 201, key: str | None = None, **body: Any) -> Json:
    given = {"scan_id": scan["id"], "suspect_id": scan["suspects"][at]["id"], "channel": "web_form"} | body
    answer = client.post("/v1/reports", json=given, headers={"Idempotency-Key": key} if key else {})
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    if status < 300:
        assert answer.headers["Location"] == f"/v1/reports/{found['id']}"
    return found


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def test_a_report_from_filing_to_reappearing(filled: TestClient, scan: Scan) -> None:
    found = scan()
    made = report(filled, found, at=0, reference="#17", note="by the form")
    account = found["suspects"][0]["account"]
    assert made["account"] == {name: account.get(name) for name in ("platform", "handle", "account_id")}
    assert (made["status"], made["reference"], made["channel"], made["scan_id"]) == (
        "filed",
        "#17",
        "web_form",
        found["id"],
    )
    url = f"/v1/reports/{made['id']}"
    assert filled.patch(url, json={"status": "acknowledged", "at": ago(-0.001)}).json()["status"] == "acknowledged"
    # Remembered late: it stands before the filing of today.
    told = filled.patch(url, json={"status": "removed", "at": ago(3)}).json()
    assert [one["status"] for one in told["events"]] == ["removed", "filed", "acknowledged"]
    assert told["status"] == "acknowledged"
    assert filled.get(url).json() == told
    assert filled.delete(url).status_code == 204
    assert filled.get(url).status_code == 404
    assert filled.patch(url, json={"status": "removed"}).status_code == 404


def test_the_same_report_is_one(filled: TestClient, scan: Scan) -> None:
    found = scan()
    made = report(filled, found)
    assert report(filled, found, status=200) == made
    # A later scan of the same subject finds the same account: it is the same report still.
    again = report(filled, scan(), status=200)
    assert again["id"] == made["id"]
    assert report(filled, found, channel="email")["id"] != made["id"]
    assert len(filled.get("/v1/reports").json()["items"]) == 2


def test_an_idempotency_key_makes_one_step(filled: TestClient, scan: Scan) -> None:
    found = scan()
    made = report(filled, found, key="one")
    filled.patch(f"/v1/reports/{made['id']}", json={"status": "refused"})
    # Without the key this would be a second filing.
    assert report(filled, found, status=200, key="one")["status"] == "refused"
    assert report(filled, found, status=422, key="one", channel="email")["type"].endswith("idempotency_key_reused")
    assert filled.delete(f"/v1/reports/{made['id']}").status_code == 204
    assert report(filled, found, status=409, key="one")["status"] == 409


def test_refusals_are_problems(filled: TestClient, scan: Scan) -> None:
    found = scan()
    suspect = found["suspects"][0]["id"]
    good: Json = {"scan_id": found["id"], "suspect_id": suspect, "channel": "web_form"}
    for change, status in (
        ({"scan_id": "nothing"}, 404),
        ({"suspect_id": "nothing"}, 404),
        ({"suspect_id": found["set_aside"][0]["id"]}, 404),
        ({"channel": "Web Form"}, 422),
        ({"channel": ""}, 422),
        ({"status": "ignored"}, 422),
        ({"at": "yesterday"}, 422),
        ({"at": ago(-2)}, 422),
        ({"at": "0001-01-01T00:00:00+14:00"}, 422),
        ({"unknown": 1}, 422),
    ):
        answer = filled.post("/v1/reports", json=good | change)
        assert answer.status_code == status, change
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert filled.get("/v1/reports", params={"cursor": "%%%"}).status_code == 422
    assert filled.get("/v1/reports").json() == {"items": [], "next": None}


def test_lists_are_filtered_and_go_on_by_cursor(filled: TestClient, scan: Scan) -> None:
    found = scan()
    ids = [report(filled, found, channel=f"api.{number}")["id"] for number in range(5)]
    first = filled.get("/v1/reports", params={"limit": 3}).json()
    second = filled.get("/v1/reports", params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next"] is None
    for params, count in (
        ({"platform": "x"}, 5),
        ({"platform": "tiktok"}, 0),
        ({"channel": "api.1"}, 1),
        ({"status": "removed"}, 0),
        ({"scan_id": found["id"]}, 5),
    ):
        assert len(filled.get("/v1/reports", params=params).json()["items"]) == count, params


def test_statistics_say_nothing_of_few_cases(filled: TestClient, scan: Scan) -> None:
    found = scan()
    for number in range(5):
        made = report(filled, found, channel=f"api.{number}")
        (platform,) = filled.get("/v1/reports/statistics").json()["platforms"]
        assert (platform["filings"], platform["removed_share"] is None) == (number + 1, number < 4)
        filled.patch(f"/v1/reports/{made['id']}", json={"status": "removed"})
    told = filled.get("/v1/reports/statistics").json()
    (platform,) = told["platforms"]
    assert told["minimum"] == 5
    assert (platform["platform"], platform["filings"], platform["removed_share"]) == ("x", 5, 1.0)
    assert platform["median_days_to_removal"] == 0
    assert platform["median_days_to_acknowledgement"] is None
    assert filled.get("/v1/reports/statistics", params={"since": ago(-1)}).json()["platforms"] == []


def test_reports_are_erased_with_what_they_are_about(filled: TestClient, scan: Scan) -> None:
    def left() -> int:
        return len(filled.get("/v1/reports").json()["items"])

    found = scan()
    report(filled, found)
    assert filled.delete(f"/v1/scans/{found['id']}").status_code == 204
    assert left() == 0
    found = scan()
    account = found["suspects"][0]["account"]
    report(filled, found)
    erased = filled.post("/v1/accounts/erase", json={"platform": "x", "handle": account["handle"]})
    assert erased.status_code == 200
    assert left() == 0
    subject = filled.post("/v1/subjects", json={"name": "Adaeze Brandvold", "handle": "adaezebrandvold"}).json()
    by_id = filled.post("/v1/scans", json={"subject_id": subject["id"]}).json()
    report(filled, by_id)
    assert left() == 1
    assert filled.delete(f"/v1/subjects/{subject['id']}").status_code == 204
    assert left() == 0
