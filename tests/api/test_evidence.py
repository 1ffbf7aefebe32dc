"""Evidence bundles over HTTP: of a stored suspect, signed, judged again, with pictures only where they were chosen."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import ImageOps
from sqlalchemy import update
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.reports.evidence.checking import Checked, Outcome, check_bundle
from app.scans.models import FindingRow, ScanRow
from app.settings import Settings
from app.storage import Database, utc_now
from tests.api.conftest import Json, connect
from tests.engines import Place
from tests.net.servers import reply, says, serve

Scan = Callable[..., Json]
MIRRORED = encode_jpeg(ImageOps.mirror(draw_portrait("api subject")), 70)


@pytest.fixture
def settings(tmp_path: Path, place: Place) -> Settings:
    """On each engine in turn."""
    return Settings(data_dir=tmp_path, database_url=place.url, citus=place.citus)


def address(found: Json, at: int = 0) -> str:
    return f"/v1/scans/{found['id']}/suspects/{found['suspects'][at]['id']}/evidence"


def checked(client: TestClient, data: bytes) -> Checked:
    key = client.get("/v1/evidence/key").json()
    return check_bundle(data, key["fingerprint"])


def test_every_suspect_is_judged_again_to_the_same_score(filled: TestClient, scan: Scan) -> None:
    found = scan()
    assert {suspect["verdict"] for suspect in found["suspects"]} == {"clone", "lookalike", "photo_reuse"}
    for at, suspect in enumerate(found["suspects"]):
        answer = filled.get(address(found, at))
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="evidence-{suspect["id"]}.zip"'
        assert answer.headers["Cache-Control"] == "no-store"
        told = checked(filled, answer.content)
        assert told.outcome is Outcome.INTACT
        assert (told.again.verdict, told.again.probability, told.again.bits) == (
            suspect["verdict"],
            suspect["probability"],
            suspect["bits"],
        )
        assert told.content.pictures == []
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            assert not [name for name in file.namelist() if name.startswith("pictures/")]


def test_what_the_scan_learned_goes_along(filled: TestClient, scan: Scan) -> None:
    own: Json = {"platform": "x", "handle": "adaezebrandvold", "created_at": "2012-01-01T00:00:00Z"}
    own["links"] = [{"url": "https://bsky.app/profile/adaeze.example.org"}]
    young = {"platform": "x", "handle": "adaezebrandvo1d", "account_id": "11", "created_at": "2026-11-02T00:00:00Z"}
    filled.post("/v1/accounts", json=[own, young])
    told = checked(filled, filled.get(address(scan())).content)
    assert told.outcome is Outcome.INTACT
    assert told.content.inputs.subject.created_at is not None
    assert [one.platform for one in told.content.inputs.subject.linked_accounts] == ["bluesky"]
    assert any("Made after" in one.summary for one in told.content.comparison.evidence)


def test_a_human_word_is_told_apart_from_the_score(filled: TestClient, scan: Scan) -> None:
    found = scan()
    decision = address(found).replace("/evidence", "/decision")
    told = {"verdict": "lookalike", "note": "my secret thoughts"}
    assert filled.put(decision, json=told).status_code == 204
    data = filled.get(address(found)).content
    assert b"secret thoughts" not in data
    first = checked(filled, data)
    assert first.content.comparison.verdict == "clone"
    assert first.content.decision is not None
    assert first.content.decision.verdict == "lookalike"
    # In the next scan the verdict is the human's.
    second = checked(filled, filled.get(address(scan())).content)
    assert (second.outcome, second.content.decided) == (Outcome.INTACT, True)
    assert (second.content.comparison.verdict, second.again.verdict) == ("lookalike", "clone")


def test_chosen_pictures_are_included_and_compared(filled: TestClient, scan: Scan, portrait: bytes) -> None:
    found = scan()
    files = {"subject_picture": portrait, "suspect_picture": MIRRORED}
    answer = filled.post(address(found), files=files)
    assert answer.status_code == 200, answer.text
    mine, theirs = checked(filled, answer.content).content.pictures
    assert (mine.side, mine.compared, mine.origin, mine.size) == ("subject", True, "given", len(portrait))
    assert (theirs.side, theirs.compared) == ("suspect", False)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.read("pictures/subject.jpg").startswith(b"\xff\xd8\xff")
        assert file.read("report.html").count(b"data:image/jpeg;base64,") == 2
    # Nothing of them is kept: the next bundle has none.
    assert checked(filled, filled.get(address(found)).content).content.pictures == []


def test_refusals_are_problems(filled: TestClient, scan: Scan, portrait: bytes) -> None:
    found = scan()
    url = address(found)
    for answer, status in (
        (filled.post(url, files={"picture": portrait}), 422),
        (filled.post(url, files={"subject_picture": b"<svg/>"}), 415),
        (filled.post(url, files={"suspect_picture": portrait[:200]}), 422),
        (filled.post(url, files={"subject_picture": (None, "text")}), 422),
        (filled.post(url, files={"fetch_suspect_picture": (None, "perhaps")}), 422),
        (filled.post(url, files={"suspect_picture": portrait, "fetch_suspect_picture": (None, "true")}), 422),
        (filled.post(url, files={"fetch_suspect_picture": (None, "true")}), 422),
        (filled.post(url, json={}), 415),
        (filled.get(url.replace("/suspects/", "/suspects/x")), 404),
        (filled.get(f"/v1/scans/{found['id']}/suspects/{found['set_aside'][0]['id']}/evidence"), 404),
        (filled.get(f"/v1/scans/nothing/suspects/{found['suspects'][0]['id']}/evidence"), 404),
    ):
        assert answer.status_code == status, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"


def _change(client: TestClient, table: type[FindingRow] | type[ScanRow], **values: object) -> None:
    database: Database = client.app.state.db  # type: ignore[attr-defined]
    with database.write() as session:
        session.execute(update(table).values(**values))


def test_scans_that_cannot_bear_it_are_refused(filled: TestClient, scan: Scan) -> None:
    found = scan()
    database: Database = filled.app.state.db  # type: ignore[attr-defined]
    with database.read() as session:
        row = session.get(FindingRow, found["suspects"][0]["id"])
        assert row is not None
        inputs, body = json.loads(json.dumps(row.inputs)), json.loads(json.dumps(row.body))
    # Another world than the one that was judged in.
    _change(filled, FindingRow, inputs=inputs | {"world": inputs["world"] | {"prior_bits": -3.0}})
    assert filled.get(address(found)).json()["type"].endswith("scan_outdated")
    _change(filled, FindingRow, inputs=inputs, body=body | {"model": "2020.01", "bits": 1.0})
    assert checked(filled, filled.get(address(found)).content).outcome is Outcome.OTHER_MODEL
    # As scans of earlier versions are.
    _change(filled, FindingRow, inputs=None)
    assert filled.get(address(found)).status_code == 409
    _change(filled, ScanRow, finished_at=None)
    assert filled.get(address(found)).status_code == 409
    _change(filled, ScanRow, expires_at=utc_now() - timedelta(seconds=1))
    assert filled.get(address(found)).status_code == 404


def test_the_key_survives_a_restart(client: TestClient, settings: Settings) -> None:
    first = client.get("/v1/evidence/key").json()
    assert first["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    assert "PRIVATE" not in json.dumps(first)
    with connect(settings) as again:
        assert again.get("/v1/evidence/key").json() == first


def test_the_picture_is_fetched_only_when_asked(settings: Settings, portrait: bytes) -> None:
    with serve(says(reply(portrait, kind="image/jpeg"), reply(b"", "404 Not Found"))) as server:
        allowed = settings.model_copy(update={"net_allow_private": (server.name,)})
        account = {"platform": "x", "handle": "adaezebrandvo1d", "display_name": "Adaeze Brandvold"}
        with connect(allowed) as client:
            client.post("/v1/accounts", json=[{**account, "avatar": {"url": f"{server.url}a.jpg"}}])
            found = client.post("/v1/scans", json={"name": "Adaeze Brandvold", "handle": "adaezebrandvold"}).json()
            client.get(address(found))
            assert server.requests == []
            fetch = {"fetch_suspect_picture": (None, "true")}
            (picture,) = checked(client, client.post(address(found), files=fetch).content).content.pictures
            assert (picture.origin, picture.url, picture.compared) == ("fetched", f"{server.url}a.jpg", None)
            assert picture.sha256 == hashlib.sha256(portrait).hexdigest()
            gone = client.post(address(found), files=fetch)
            assert (gone.status_code, gone.json()["errors"][0]["pointer"]) == (422, "/fetch_suspect_picture")
            assert len(server.requests) == 2
        # Not to be had from a private network where the operator has not allowed it.
        with connect(settings) as client:
            refused = client.post(address(found), files=fetch)
            assert refused.json()["type"].endswith("photo_url_refused")
            assert len(server.requests) == 2
