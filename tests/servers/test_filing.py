"""Reports filed through our service are found again in the queues of real moderators' tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import __version__
from app.reports.filing.bluesky import REASON
from tests.filing.cases import file_as_shown, order, preview, run_service, scan_with, settings_for
from tests.servers.atproto import AtNetwork, deactivate, make_app_password, read_reports, read_status, run_at_network
from tests.servers.people import Person
from tests.servers.synapse import Synapse, run_synapse
from tests.servers.synapse import read_reports as read_synapse_reports

pytestmark = pytest.mark.slow

REPORTER = "reporter.test"


@pytest.fixture(scope="module")
def network() -> Iterator[AtNetwork]:
    people = [Person(name, "Adaeze Brandvold") for name in (REPORTER, "adaezebrandvo1d.test", "adaeze-gone.test")]
    with run_at_network(people) as running:
        yield running


@pytest.fixture(scope="module")
def app_password(network: AtNetwork) -> str:
    return make_app_password(network, REPORTER)


@pytest.fixture
def bluesky(network: AtNetwork, tmp_path: Path) -> Iterator[TestClient]:
    more = {"bluesky_url": network.url, "bluesky_labeler": network.labeler}
    with run_service(settings_for(tmp_path, network.url, network.pds_url, **more)) as client:
        yield client


def _suspect(network: AtNetwork, handle: str) -> dict[str, Any]:
    return {"platform": "bluesky", "handle": handle, "account_id": network.dids[handle]}


def test_a_bluesky_report_is_in_ozones_queue_once(network: AtNetwork, app_password: str, bluesky: TestClient) -> None:
    handle = "adaezebrandvo1d.test"
    asked = order(scan_with(bluesky, _suspect(network, handle)), "bluesky-api", server=network.pds_url)
    shown = preview(bluesky, asked)
    assert network.labeler in shown["recipients"]
    assert read_reports(network, handle) == [], "a preview sends nothing"
    filed = file_as_shown(bluesky, asked, app_password, account=REPORTER)
    assert filed.status_code == 200, filed.text
    again = file_as_shown(bluesky, asked, app_password, account=REPORTER)
    assert (again.json()["already"], again.json()["receipt"]) == (True, filed.json()["receipt"])
    [event] = read_reports(network, handle)
    assert str(event["id"]) == filed.json()["receipt"]
    assert event["createdBy"] == network.dids[REPORTER]
    assert event["subject"]["did"] == shown["body"]["subject"]["did"] == network.dids[handle]
    assert event["event"]["reportType"] == shown["body"]["reasonType"] == REASON
    assert event["event"]["comment"] == shown["body"]["reason"] == shown["text"]
    assert event["modTool"] == {"name": f"clonecheck/{__version__}"}
    assert read_status(network, handle)["reviewState"] == "tools.ozone.moderation.defs#reviewOpen"


@pytest.mark.parametrize(
    ("token", "account", "told"),
    [
        ("aaaa-bbbb-cccc-dddd", REPORTER, "does not accept this handle and app password"),
        ("eyJhbGciOiJIUzI1NiJ9.e30.x", None, "not valid here or has ended"),
    ],
)
def test_a_wrong_bluesky_token_files_nothing_and_is_not_quoted(
    network: AtNetwork, bluesky: TestClient, token: str, account: str | None, told: str
) -> None:
    asked = order(scan_with(bluesky, _suspect(network, REPORTER)), "bluesky-api", server=network.pds_url)
    refused = file_as_shown(bluesky, asked, token, account=account)
    assert refused.status_code == 422
    assert told in refused.json()["detail"]
    assert token not in refused.text
    assert preview(bluesky, asked)["earlier"] is None
    assert read_reports(network, REPORTER) == []


def test_nobody_reports_the_own_account_or_one_that_is_gone(
    network: AtNetwork, app_password: str, bluesky: TestClient
) -> None:
    gone = "adaeze-gone.test"
    deactivate(network, gone)
    for handle, told in ((REPORTER, "the account that you report with"), (gone, "does not show this account")):
        scan = scan_with(bluesky, _suspect(network, handle))
        rank = _rank_of(bluesky, scan, handle)
        asked = order(scan, "bluesky-api", rank, server=network.pds_url)
        refused = file_as_shown(bluesky, asked, app_password, account=REPORTER)
        assert refused.status_code == 409
        assert told in refused.json()["detail"]
        assert read_reports(network, handle) == []


def _rank_of(client: TestClient, scan: str, handle: str) -> str:
    suspects = client.get(f"/v1/scans/{scan}").json()["suspects"]
    return str(next(one["rank"] for one in suspects if one["account"]["handle"] == handle))


@pytest.fixture(scope="module")
def synapse() -> Iterator[Synapse]:
    with run_synapse([Person("adaezebrandvo1d", "Adaeze Brandvold")]) as running:
        yield running


def test_a_matrix_report_is_found_by_the_administrators(synapse: Synapse, tmp_path: Path) -> None:
    user = f"@adaezebrandvo1d:{synapse.server_name}"
    account = {"platform": "matrix", "handle": f"adaezebrandvo1d@{synapse.server_name}", "account_id": user}
    with run_service(settings_for(tmp_path, synapse.url, matrix_url=synapse.url)) as client:
        asked = order(scan_with(client, account), "matrix-api")
        shown = preview(client, asked)
        refused = file_as_shown(client, asked, "syt_wrong")
        assert (refused.status_code, "does not know this token" in refused.json()["detail"]) == (422, True)
        assert file_as_shown(client, asked, synapse.token).json()["already"] is False
        assert file_as_shown(client, asked, synapse.token).json()["already"] is True
    [report] = read_synapse_reports(synapse)
    assert (report["target_user_id"], report["user_id"]) == (user, f"@watcher:{synapse.server_name}")
    assert report["reason"] == shown["body"]["reason"] == shown["text"]


def test_a_matrix_user_who_is_not_there_is_not_reported(synapse: Synapse, tmp_path: Path) -> None:
    account = {"platform": "matrix", "handle": f"adaezebrandv0ld@{synapse.server_name}"}
    with run_service(settings_for(tmp_path, synapse.url)) as client:
        asked = order(scan_with(client, account), "matrix-api", server=synapse.url)
        gone = file_as_shown(client, asked, synapse.token)
    assert (gone.status_code, "does not find this account" in gone.json()["detail"]) == (409, True)
