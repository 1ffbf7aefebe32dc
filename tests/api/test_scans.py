"""The main job over HTTP, as a client sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.settings import Settings
from tests.api.conftest import Json, as_photo, connect

Scan = Callable[..., Json]


def _by_handle(scan: Json) -> dict[str, Json]:
    return {item["account"]["handle"]: item for item in [*scan["suspects"], *scan["set_aside"]]}


def test_every_planted_account_gets_its_verdict(scan: Scan) -> None:
    verdicts = {handle: item["verdict"] for handle, item in _by_handle(scan()).items()}
    assert verdicts == {
        "adaezebrandvo1d": "clone",
        "chloewinters88": "photo_reuse",
        "adaezebrandvoId_": "lookalike",
        "brand.adaeze.k": "namesake",
        "adaezeparody": "fan_or_parody",
        "adaezebrandvold": "own_account",
    }


def test_suspects_are_ranked_and_explained(scan: Scan) -> None:
    found = scan()
    suspects = found["suspects"]
    assert [s["rank"] for s in suspects] == [1, 2, 3]
    assert suspects[0]["account"]["handle"] == "adaezebrandvo1d"
    for suspect in suspects:
        assert suspect["bits"] == pytest.approx(sum(e["bits"] for e in suspect["evidence"]), abs=1e-6)
        odds = suspect["probability"] / (1 - suspect["probability"]) if suspect["probability"] < 0.99 else None
        assert odds is None or odds == pytest.approx(2 ** (suspect["bits"] + suspect["prior_bits"]), rel=0.05)
        assert all(e["summary"] and e["code"].startswith(e["signal"]) for e in suspect["evidence"])
        assert suspect["report"]["routes"], "x is in the catalogue"
    (index,) = found["coverage"]
    assert index.items() >= {"source": "index", "status": "ok", "detail": None, "calls": 0, "cost": 0.0}.items()
    assert found["subject"]["photo"] == {"usable": True, "reason": None}
    sharers = found["subject"]["name_sharers"]
    assert sharers["low"] <= sharers["estimate"] <= sharers["high"]


def test_own_accounts_are_set_aside_with_the_reason_not_dropped(scan: Scan) -> None:
    own = _by_handle(scan())["adaezebrandvold"]
    assert own["verdict"] == "own_account"
    assert "own" in own["reason"]


def test_min_probability_filters_suspects_and_never_what_is_set_aside(scan: Scan) -> None:
    strict, loose = scan(min_probability=1.0), scan(min_probability=0.0)
    assert strict["suspects"] == []
    assert len(strict["set_aside"]) == len(loose["set_aside"]) == 3
    assert len(loose["suspects"]) >= 3


def test_limit_bounds_the_answer(scan: Scan) -> None:
    assert len(scan(limit=1)["suspects"]) == 1


def test_multipart_answers_like_json(filled: TestClient, scan: Scan, portrait: bytes) -> None:
    answer = filled.post(
        "/v1/scans",
        data={
            "name": "Adaeze Brandvold",
            "handle": "adaezebrandvold",
            "own_account": ["https://x.com/adaezebrandvold"],
            "source": ["index"],
            "absent_from": ["tiktok", "threads"],
        },
        files={"photo": ("me.jpg", portrait, "image/jpeg")},
    )
    assert answer.status_code == 200, answer.text
    by_form, by_json = _by_handle(answer.json()), _by_handle(scan())
    assert {h: (i["verdict"], i["bits"]) for h, i in by_form.items()} == {
        h: (i["verdict"], i["bits"]) for h, i in by_json.items()
    }
    assert {"decode", "hash", "retrieve", "judge", "store"} <= {
        part.partition(";")[0].strip() for part in answer.headers["server-timing"].split(",")
    }


def test_a_scan_can_be_read_again_and_listed(filled: TestClient, scan: Scan) -> None:
    made = [scan() for _ in range(3)]
    again = filled.get(f"/v1/scans/{made[0]['id']}").json()
    assert again == made[0]
    first = filled.get("/v1/scans", params={"limit": 2}).json()
    rest = filled.get("/v1/scans", params={"limit": 2, "cursor": first["next"]}).json()
    assert [s["id"] for s in [*first["items"], *rest["items"]]] == [s["id"] for s in reversed(made)]
    assert rest["next"] is None


def test_a_scan_survives_a_restart(settings: Settings, accounts: list[Json], portrait: bytes) -> None:
    with connect(settings) as client:
        client.post("/v1/accounts", json=accounts)
        made = client.post("/v1/scans", json={"name": "Adaeze Brandvold", "photo": as_photo(portrait)}).json()
    with connect(settings) as client:
        assert client.get(f"/v1/scans/{made['id']}").json() == made


def test_no_picture_is_stored(settings: Settings, accounts: list[Json], portrait: bytes) -> None:
    with connect(settings) as client:
        client.post("/v1/accounts", json=accounts)
        client.post("/v1/scans", json={"name": "Adaeze Brandvold", "photo": as_photo(portrait)})
    stored = b"".join(path.read_bytes() for path in settings.data_dir.iterdir() if path.is_file())
    assert portrait[100:160] not in stored
    assert as_photo(portrait)["base64"][100:160].encode() not in stored


def test_erasing_a_scan_leaves_nothing(filled: TestClient, scan: Scan) -> None:
    scan_id = scan()["id"]
    assert filled.delete(f"/v1/scans/{scan_id}").status_code == 204
    for path in (f"/v1/scans/{scan_id}", f"/v1/scans/{scan_id}/events"):
        assert filled.get(path).status_code == 404
    assert filled.delete(f"/v1/scans/{scan_id}").status_code == 404


def test_events_of_a_finished_scan_end_at_once(filled: TestClient, scan: Scan) -> None:
    scan_id = scan()["id"]
    text = filled.get(f"/v1/scans/{scan_id}/events").text
    kinds = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert "coverage" in kinds
    assert kinds.count("found") == 3
    resumed = filled.get(f"/v1/scans/{scan_id}/events", headers={"Last-Event-ID": "2"}).text
    assert next(line for line in resumed.splitlines() if line.startswith("id: ")) == "id: 3"


def test_cancelling_a_finished_scan_is_a_conflict(filled: TestClient, scan: Scan) -> None:
    answer = filled.post(f"/v1/scans/{scan()['id']}/cancel", json={})
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:clonecheck:problem:scan_finished"


def test_location_and_wait(filled: TestClient, portrait: bytes) -> None:
    body = {"name": "Adaeze Brandvold", "photo": as_photo(portrait)}
    answer = filled.post("/v1/scans", json=body, headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=0"
    location = answer.headers["location"]
    assert location == f"/v1/scans/{answer.json()['id']}"
    filled.get(f"{location}/events").read()
    assert filled.get(location).json()["status"] == "completed"


def test_idempotency_key_makes_one_scan(filled: TestClient, portrait: bytes) -> None:
    body: Json = {"name": "Adaeze Brandvold", "photo": as_photo(portrait)}
    headers = {"Idempotency-Key": "once-only"}
    first, second = (filled.post("/v1/scans", json=body, headers=headers).json() for _ in range(2))
    assert first == second
    assert len(filled.get("/v1/scans").json()["items"]) == 1
    other = filled.post("/v1/scans", json=body | {"name": "Somebody Else"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:clonecheck:problem:idempotency_key_reused"


@pytest.mark.parametrize("verdict", ["namesake", "own_account", "fan_or_parody", "unrelated"])
def test_a_decision_is_remembered_in_the_next_scan(filled: TestClient, scan: Scan, verdict: str) -> None:
    first = scan()
    suspect = first["suspects"][0]
    path = f"/v1/scans/{first['id']}/suspects/{suspect['id']}/decision"
    assert filled.put(path, json={"verdict": verdict, "note": "asked her"}).status_code == 204
    assert filled.get(f"/v1/scans/{first['id']}").json()["suspects"][0]["decision"]["verdict"] == verdict
    second = _by_handle(scan())
    assert second[suspect["account"]["handle"]]["verdict"] == verdict
    assert "reason" in second[suspect["account"]["handle"]]


def test_a_decision_is_reopened_when_the_account_changes_its_name(filled: TestClient, scan: Scan) -> None:
    first = scan()
    suspect = first["suspects"][0]
    filled.put(f"/v1/scans/{first['id']}/suspects/{suspect['id']}/decision", json={"verdict": "namesake"})
    changed = {"platform": "x", "handle": "adaezebrandvo1d", "account_id": "11", "display_name": "Adaeze  Brandvold !"}
    assert filled.post("/v1/accounts", json=[changed]).json()["updated"] == 1
    again = _by_handle(scan())["adaezebrandvo1d"]
    assert again["verdict"] == "clone"
    assert again["decision"] == {**again["decision"], "verdict": "namesake", "reopened": True}


def test_erasing_an_account_reaches_stored_scans(filled: TestClient, scan: Scan) -> None:
    before = scan()
    answer = filled.post("/v1/accounts/erase", json={"platform": "x", "handle": "AdaezeBrandvo1d"})
    assert answer.status_code == 200, answer.text
    handles = _by_handle(filled.get(f"/v1/scans/{before['id']}").json())
    assert "adaezebrandvo1d" not in handles
    assert "chloewinters88" in handles
    assert "adaezebrandvo1d" not in _by_handle(scan())


def test_hashes_stand_for_the_picture(filled: TestClient, scan: Scan, portrait: bytes) -> None:
    hashes = filled.post("/v1/hashes", json={"photo": as_photo(portrait)}).json()
    assert hashes["usable"] is True
    by_hashes = _by_handle(scan(photo={"hashes": hashes["hashes"]}))
    by_picture = _by_handle(scan())
    assert {h: i["bits"] for h, i in by_hashes.items()} == {h: i["bits"] for h, i in by_picture.items()}


def test_compare_judges_one_pair(client: TestClient, portrait: bytes) -> None:
    body = {
        "subject": {"name": "Adaeze Brandvold", "handle": "adaezebrandvold", "photo": as_photo(portrait)},
        "account": {
            "platform": "x",
            "handle": "adaezebrandvo1d",
            "display_name": "Adaeze Brandvold",
            "avatar": as_photo(portrait),
        },
    }
    compared = client.post("/v1/compare", json=body).json()
    assert compared["verdict"] == "clone"
    assert compared["bits"] == pytest.approx(sum(e["bits"] for e in compared["evidence"]), abs=1e-6)
    spans = [s for e in compared["evidence"] if e["signal"] == "handle" for s in e["spans"] if s["side"] == "candidate"]
    assert {"adaezebrandvo1d"[s["start"] : s["end"]] for s in spans} == {"1"}


def test_a_namesake_with_another_face_stays_a_namesake(
    client: TestClient, portrait: bytes, accounts: list[Json]
) -> None:
    other = next(a for a in accounts if a["handle"] == "brand.adaeze.k")
    body = {"subject": {"name": "Adaeze Brandvold", "photo": as_photo(portrait)}, "account": other}
    compared = client.post("/v1/compare", json=body).json()
    assert compared["verdict"] == "namesake"
    assert compared["probability"] < 0.1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"names": ["Jane"], "name": "Jane"}, ""),
        ({"name": "a" * 10_000}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "\u200b\u200b"}, "/name"),
        ({"name": "Ja\x00ne"}, "/name"),
        ({"name": "🌸🌸🌸"}, "/name"),
        ({"handle": "https://example.com/nobody"}, "/handle"),
        ({"own_accounts": ["not an address"]}, "/own_accounts/0"),
        ({"sources": ["nowhere"]}, "/sources/0"),
        ({"limit": 0}, "/limit"),
        ({"min_probability": 2}, "/min_probability"),
        ({"photo": {"url": "https://example.com/me.jpg"}}, "/photo/url"),
        ({"photo": {"base64": "@@@"}}, "/photo/base64"),
        ({"photo": {}}, "/photo"),
        ({"nmae": "Jane"}, "/nmae"),
        ({"budget": {"seconds": -1}}, "/budget/seconds"),
        ({"subject": {"name": "Jane"}, "name": "Jane"}, ""),
        ({"subject": {"name": "Jane", "own_accounts": ["nothing"]}}, "/subject/own_accounts/0"),
        ({"subject": {"photo": {"base64": "@@@"}}}, "/subject/photo/base64"),
        ({"handles": [{"handle": "a"}, {"handle": "https://example.com/a"}]}, "/handles/1"),
    ],
)
def test_bad_requests_say_which_field(client: TestClient, change: Json, pointer: str) -> None:
    named = (
        change
        if "name" in change or "handle" in change or "subject" in change or "photo" in change
        else {"name": "Jane Doe"} | change
    )
    answer = client.post("/v1/scans", json=named)
    assert answer.status_code in {413, 415, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"]
    assert pointer in {e["pointer"] for e in problem["errors"]}, problem


@pytest.mark.parametrize("name", ["محمد العلي", "\u202eJane Doe", "Jane 🌸 Doe", "李小龍", "J", "a" * 300])
def test_odd_names_are_searched(client: TestClient, name: str) -> None:
    assert client.post("/v1/scans", json={"name": name}).status_code == 200


def test_a_profile_address_stands_for_a_handle(filled: TestClient) -> None:
    found = filled.post("/v1/scans", json={"handle": "https://x.com/adaezebrandvold"}).json()
    assert _by_handle(found)["adaezebrandvold"]["verdict"] == "own_account"


def test_photo_url_has_its_own_problem_type(client: TestClient) -> None:
    answer = client.post("/v1/scans", json={"photo": {"url": "https://127.0.0.1/a.jpg"}})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:clonecheck:problem:photo_url_refused"
    assert answer.json()["errors"][0]["pointer"] == "/photo/url"


def test_unknown_platforms_are_scanned_like_others(client: TestClient) -> None:
    account = {"platform": "someplace.example", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold"}
    assert client.post("/v1/accounts", json=[account]).json()["inserted"] == 1
    found = client.post("/v1/scans", json={"name": "Adaeze Brandvold", "handle": "adaezebrandvold"}).json()
    assert found["suspects"][0]["report"]["routes"] == []
    assert found["suspects"][0]["report"]["none_because"]


def test_a_bad_form_says_what_is_wrong(client: TestClient) -> None:
    answer = client.post("/v1/scans", data={"nmae": "Jane"}, files={"photo": ("x.jpg", b"not a picture", "image/jpeg")})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/nmae", "detail": "no such field"}]
    answer = client.post("/v1/scans", data={"name": "Jane"}, files={"photo": ("x.jpg", b"not a picture", "image/jpeg")})
    assert answer.status_code in {415, 422}
    assert answer.json()["errors"][0]["pointer"] == "/photo"


def test_accounts_erased_while_nobody_looks_do_not_come_back(
    filled: TestClient, accounts: list[Json], scan: Scan
) -> None:
    filled.post("/v1/accounts/erase", json={"platform": "x", "handle": "chloewinters88"})
    again: dict[str, Any] = filled.post("/v1/accounts", json=accounts).json()
    assert again["suppressed"] == 1
    assert "chloewinters88" not in json.dumps(scan())
