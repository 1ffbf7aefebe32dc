"""Nothing unasked, nothing twice, nothing else than what was shown, and every failure in a clear sentence."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from app.reports.filing.claims import PATIENCE
from app.reports.filing.models import FilingRow
from app.reports.models import ReportRow
from app.storage import Database, utc_now
from tests.filing.cases import Json, file_as_shown, order, preview, run_service, scan_with, settings_for
from tests.filing.platform import Platform, Says, run_platform

TOKEN = "tok-5ecret-N0body-may-read-this"
REPORTS = "/api/v1/reports"
LOOKUP = "/api/v1/accounts/lookup"
HANDLE = "adaezebrandvo1d@impostors.example"
SUSPECT: Json = {"platform": "mastodon", "handle": HANDLE}
KNOWN = Says({"id": "4711", "acct": HANDLE})
TAKEN = Says({"id": "48914", "category": "other", "forwarded": False})


@pytest.fixture
def platform() -> Iterator[Platform]:
    with run_platform({LOOKUP: KNOWN, REPORTS: TAKEN}) as running:
        yield running


@pytest.fixture
def client(platform: Platform, tmp_path: Path) -> Iterator[TestClient]:
    with run_service(settings_for(tmp_path, platform.url, net_read_seconds=4, net_call_seconds=5)) as running:
        yield running


@pytest.fixture
def asked(client: TestClient, platform: Platform) -> Json:
    return order(scan_with(client, SUSPECT), "mastodon-api", server=platform.url)


def _file(client: TestClient, asked: Json, **more: Any) -> Any:
    return file_as_shown(client, asked, TOKEN, **more)


def test_a_preview_sends_nothing_and_what_it_shows_is_what_is_sent(
    client: TestClient, asked: Json, platform: Platform
) -> None:
    shown = preview(client, asked)
    assert platform.seen == []
    assert HANDLE in shown["text"]
    assert "Adaeze Brandvold" in shown["text"]
    filed = _file(client, asked)
    assert filed.json() == {**filed.json(), "status": "filed", "receipt": "48914", "already": False}
    [sent] = platform.posted(REPORTS)
    expected = {name: [value] for name, value in shown["body"].items()}
    assert sent.form() == {**expected, "account_id": ["4711"]}
    assert sent.headers["authorization"] == f"Bearer {TOKEN}"
    assert "authorization" not in platform.seen[0].headers, "the lookup is open to all"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"confirm": False}, "/confirm"), ({"confirm": None}, "/confirm"), ({"token": ""}, "/token"),
     ({"fingerprint": "x"}, "/fingerprint"), ({"token": "spa ce"}, "/token"), ({"token": "ümlaut"}, "/token")],
)  # fmt: skip
def test_without_confirmation_token_and_fingerprint_nothing_is_sent(
    client: TestClient, asked: Json, platform: Platform, change: Json, pointer: str
) -> None:
    whole = {**asked, "token": TOKEN, "confirm": True, "fingerprint": preview(client, asked)["fingerprint"]}
    for body in ({**whole, **change}, {name: value for name, value in whole.items() if name not in change}):
        refused = client.post("/v1/reports/file", json=body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == pointer
        assert TOKEN not in refused.text
    assert platform.seen == []


def test_another_wish_than_the_one_shown_is_refused(client: TestClient, asked: Json, platform: Platform) -> None:
    fingerprint = preview(client, asked)["fingerprint"]
    changed = {**asked, "forward": True, "token": TOKEN, "confirm": True, "fingerprint": fingerprint}
    refused = client.post("/v1/reports/file", json=changed)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:clonecheck:problem:preview_changed")
    assert platform.seen == []


@pytest.mark.parametrize("verdict", ["namesake", "fan_or_parody", "own_account", "unrelated"])
def test_what_a_human_has_cleared_is_not_reported(
    client: TestClient, asked: Json, platform: Platform, verdict: str
) -> None:
    scan = client.get(f"/v1/scans/{asked['scan_id']}").json()
    place = f"/v1/scans/{asked['scan_id']}/suspects/{scan['suspects'][0]['id']}/decision"
    fingerprint = preview(client, asked)["fingerprint"]
    client.put(place, json={"verdict": verdict}).raise_for_status()
    body = {**asked, "suspect_id": scan["suspects"][0]["id"]}
    for path, more in (("preview", {}), ("file", {"token": TOKEN, "confirm": True, "fingerprint": fingerprint})):
        refused = client.post(f"/v1/reports/{path}", json={**body, **more})
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:clonecheck:problem:not_reportable")
        assert len(refused.json()["detail"]) > 40, "it says why, and what to do instead"
    assert platform.seen == []


def test_an_account_that_was_set_aside_is_not_reported(client: TestClient, platform: Platform) -> None:
    parody = {"handle": "brandvold_parody@fun.example", "display_name": "Adaeze Brandvold (parody)"}
    scan = scan_with(client, {"platform": "mastodon", **parody})
    aside = client.get(f"/v1/scans/{scan}").json()["set_aside"][0]
    body = order(scan, "mastodon-api", aside["id"], server=platform.url)
    refused = client.post("/v1/reports/preview", json=body)
    assert (refused.status_code, "parody" in refused.json()["detail"]) == (409, True)


def test_a_report_is_sent_once_however_often_it_is_filed(client: TestClient, asked: Json, platform: Platform) -> None:
    assert _file(client, asked).json()["already"] is False
    again = _file(client, asked, again=True).json()
    assert (again["already"], again["receipt"]) == (True, "48914")
    # Another scan finds the same account.
    other = order(scan_with(client, {**SUSPECT, "handle": "adaeze.brandvold@x.example"}), "mastodon-api")
    rank = next(
        one["rank"]
        for one in client.get(f"/v1/scans/{other['scan_id']}").json()["suspects"]
        if one["account"]["handle"] == HANDLE
    )
    assert preview(client, {**other, "suspect_id": str(rank), "server": platform.url})["earlier"]["status"] == "filed"
    assert len(platform.posted(REPORTS)) == 1


def test_two_services_at_once_send_one(client: TestClient, asked: Json, platform: Platform, tmp_path: Path) -> None:
    platform.answers[REPORTS] = Says(TAKEN.body, before=lambda: time.sleep(0.5))
    with run_service(settings_for(tmp_path, platform.url)) as other, ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda one: _file(one, asked), (client, other, client, other)))
    assert len(platform.posted(REPORTS)) == 1
    fresh = [one for one in replies if one.status_code == 200 and not one.json()["already"]]
    assert len(fresh) == 1
    for one in replies:
        assert one.status_code == 200 or one.json()["type"].endswith(":filing_under_way")


def _hang_up() -> None:
    raise ConnectionError


LOST = [
    Says(before=lambda: time.sleep(6)),
    Says(before=_hang_up),
    Says(b"<html>sign in</html>"),
    Says(b"[" * 200_000),
    Says({}, 500),
    Says({}, 502),
    Says({}, 408),
    Says(b"x" * 2_000_000),
]


@pytest.mark.parametrize("lost", LOST, ids=["timeout", "hang-up", "html", "deep", "500", "502", "408", "huge"])
def test_an_unclear_outcome_is_told_and_not_sent_again_unasked(
    client: TestClient, asked: Json, platform: Platform, lost: Says
) -> None:
    platform.answers[REPORTS] = lost
    first = _file(client, asked)
    assert (first.status_code, first.json()["type"]) == (504, "urn:clonecheck:problem:filing_unclear")
    assert "is not known" in first.json()["detail"]
    second = _file(client, asked)
    assert (second.status_code, second.json()["type"]) == (409, "urn:clonecheck:problem:filing_unclear")
    assert len(platform.posted(REPORTS)) == 1
    platform.answers[REPORTS] = TAKEN
    assert _file(client, asked, again=True).json()["receipt"] == "48914"
    assert _file(client, asked, again=True).json()["already"] is True
    assert len(platform.posted(REPORTS)) == 2


def _rows(client: TestClient) -> list[FilingRow]:
    database: Database = client.app.state.db  # type: ignore[attr-defined]
    with database.read() as session:
        return list(session.scalars(select(FilingRow)))


def test_a_crash_after_sending_leaves_an_unclear_outcome(
    client: TestClient, asked: Json, platform: Platform, tmp_path: Path
) -> None:
    """The process dies between sending and writing down: here, while the platform holds the answer back."""
    reached, over = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        over.wait(50)

    platform.answers[REPORTS] = Says(TAKEN.body, before=hold)
    patient = settings_for(tmp_path, platform.url, net_read_seconds=60, net_call_seconds=60)
    with run_service(patient) as first, run_service(settings_for(tmp_path, platform.url)) as other:
        dying = threading.Thread(target=_file, args=(first, asked))
        dying.start()
        assert reached.wait(30)
        [row] = _rows(client)
        assert row.state == "sending"
        held = _file(other, asked, again=True)
        assert held.json()["type"] == "urn:clonecheck:problem:filing_under_way"
        # Time passes: whoever sent it would have written down the outcome by now.
        database: Database = other.app.state.db  # type: ignore[attr-defined]
        with database.write() as session:
            session.execute(update(FilingRow).values(began_at=utc_now() - PATIENCE - timedelta(seconds=1)))
        told = _file(other, asked)
        over.set()
        dying.join(30)
    assert (told.status_code, told.json()["type"]) == (409, "urn:clonecheck:problem:filing_unclear")
    assert len(platform.posted(REPORTS)) == 1


REFUSED = [
    (Says({"error": "The access token is invalid"}, 401), 422, "does not know this token"),
    (Says({"error": "This action is outside the authorized scopes"}, 403), 422, "lacks the scope write:reports"),
    (Says({"error": "Record not found"}, 404), 409, "does not know this account any more"),
    (Says({"error": "Validation failed"}, 422), 502, "does not accept the report"),
    (Says({"error": "odd"}, 418), 502, "did not accept the report (status 418, odd)"),
    (Says({"error": "Too many requests"}, 429, {"Retry-After": "1800"}), 503, "asks to wait until 20"),
    (Says({}, 302, {"Location": "https://elsewhere.example/"}), 502, "leads to another address"),
    (Says({}, 307, {"Location": "https://elsewhere.example/"}), 502, "leads to another address"),
]


@pytest.mark.parametrize(("answer", "status", "told"), REFUSED, ids=[str(one[0].status) for one in REFUSED])
def test_a_refusal_is_one_clear_sentence_and_may_be_tried_again(
    client: TestClient, asked: Json, platform: Platform, answer: Says, status: int, told: str
) -> None:
    platform.answers[REPORTS] = answer
    refused = _file(client, asked)
    assert (refused.status_code, told in refused.json()["detail"]) == (status, True), refused.text
    assert "Nothing was filed." in refused.json()["detail"]
    assert TOKEN not in refused.text
    assert _rows(client) == []
    if status == 503:
        assert 1700 < int(refused.headers["retry-after"]) <= 1800
        return
    platform.answers[REPORTS] = TAKEN
    assert _file(client, asked).json()["already"] is False


def test_an_account_that_is_gone_and_a_token_that_may_not_search(
    client: TestClient, asked: Json, platform: Platform
) -> None:
    del platform.answers[LOOKUP]
    search = "/api/v2/search"
    for answer, told in (
        (Says({"accounts": []}), "does not find this account"),
        (Says({"accounts": [{"id": "1", "acct": "somebody.else@impostors.example"}]}), "does not find this account"),
        (Says({}, 403), "lacks the scope read:search"),
        (Says({}, 401), "does not know this token"),
        (Says(b"<html>"), "web page in place of data"),
    ):
        platform.answers[search] = answer
        refused = _file(client, asked)
        assert told in refused.json()["detail"], refused.text
    assert platform.posted(REPORTS) == []
    assert _rows(client) == []
    platform.answers[search] = Says({"accounts": [{"id": "99", "acct": HANDLE.upper()}]})
    assert _file(client, asked).status_code == 200
    assert platform.posted(REPORTS)[0].form()["account_id"] == ["99"]


def test_a_server_that_must_not_be_asked_gets_nothing(client: TestClient, asked: Json) -> None:
    for server in (
        "https://10.0.0.1",
        "http://mastodon.example",
        "mastodon.example/path",
        "https://u:p@mastodon.example",
    ):
        shown = client.post("/v1/reports/preview", json={**asked, "server": server})
        if shown.status_code == 200:
            refused = _file(client, {**asked, "server": server})
            assert "Nothing was filed." in refused.json()["detail"]
        else:
            assert shown.json()["errors"][0]["pointer"] == "/server"


def test_neither_logs_nor_the_database_know_the_token(
    client: TestClient, asked: Json, platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (Says({}, 401), Says({}, 500), TAKEN):
        platform.answers[REPORTS] = answer
        _file(client, asked, again=True)
    assert len(platform.posted(REPORTS)) == 3
    assert TOKEN not in caplog.text
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"report_filings" in kept
    assert TOKEN.encode() not in kept
    [row] = _rows(client)
    assert "adaeze" not in str(vars(row)).lower()


def test_a_filed_report_stands_in_the_ledger(client: TestClient, asked: Json) -> None:
    _file(client, asked)
    _file(client, asked)
    database: Database = client.app.state.db  # type: ignore[attr-defined]
    with database.read() as session:
        [row] = session.scalars(select(ReportRow))
    assert (row.channel, row.status, row.reference) == ("api", "filed", "48914")
    assert (row.handle, row.scan_id) == (HANDLE, asked["scan_id"])


def test_an_entry_erased_by_hand_does_not_come_back(client: TestClient, asked: Json, platform: Platform) -> None:
    _file(client, asked)
    [entry] = client.get("/v1/reports").json()["items"]
    assert client.delete(f"/v1/reports/{entry['id']}").status_code == 204
    assert _file(client, asked, again=True).json()["already"] is True
    assert client.get("/v1/reports").json()["items"] == []
    assert len(platform.posted(REPORTS)) == 1


def test_an_account_erased_while_its_report_is_under_way_leaves_no_entry(
    client: TestClient, asked: Json, platform: Platform
) -> None:
    def erase() -> None:
        gone = client.post("/v1/accounts/erase", json={"platform": "mastodon", "handle": HANDLE})
        assert gone.status_code < 300

    platform.answers[REPORTS] = Says(TAKEN.body, before=erase)
    assert _file(client, asked).json()["status"] == "filed"
    assert client.get("/v1/reports").json()["items"] == []
    assert {row.state for row in _rows(client)} == {"filed"}


def test_a_ledger_that_takes_no_more_steps_hides_no_filed_report(client: TestClient, asked: Json) -> None:
    suspect = client.get(f"/v1/scans/{asked['scan_id']}").json()["suspects"][0]["id"]
    step = {"scan_id": asked["scan_id"], "suspect_id": suspect, "channel": "api"}
    for number in range(100):
        status = ("acknowledged", "removed")[number % 2]
        client.post("/v1/reports", json={**step, "status": status}).raise_for_status()
    filed = _file(client, asked)
    assert (filed.status_code, filed.json()["receipt"]) == (200, "48914")
    assert {row.state for row in _rows(client)} == {"filed"}


def test_what_is_kept_of_a_filed_report_can_be_guessed_by_nobody(client: TestClient, asked: Json) -> None:
    shown = preview(client, asked)["fingerprint"]
    _file(client, asked)
    assert shown not in {row.fingerprint for row in _rows(client)}
    runner = client.app.state.runner  # type: ignore[attr-defined]
    database: Database = client.app.state.db  # type: ignore[attr-defined]
    runner.purge()
    assert _rows(client)
    with database.write() as session:
        session.execute(update(FilingRow).values(expires_at=utc_now()))
    runner.purge()
    assert _rows(client) == []


def test_a_neighbour_of_the_same_name_is_not_reported(client: TestClient, asked: Json, platform: Platform) -> None:
    del platform.answers[LOOKUP]
    name = HANDLE.partition("@")[0]
    platform.answers["/api/v2/search"] = Says({"accounts": [{"id": "1", "acct": name}]})
    refused = _file(client, asked)
    assert refused.json()["type"] == "urn:clonecheck:problem:suspect_gone"
    assert platform.posted(REPORTS) == []
    platform.answers["/api/v2/search"] = Says({"accounts": [{"id": "1", "acct": name}, {"id": "2", "acct": HANDLE}]})
    assert _file(client, asked).status_code == 200
    assert platform.posted(REPORTS)[0].form()["account_id"] == ["2"]
