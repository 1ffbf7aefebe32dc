"""Hash-sharing lists over HTTP: hashes handed out, entries imported that have nothing else, found and judged."""

from __future__ import annotations

import io

from PIL import Image
from starlette.testclient import TestClient

from tests.api.conftest import Json, as_photo

NAME = "Adaeze Brandvold"


def _hash(client: TestClient, portrait: bytes, *wanted: str) -> Json:
    answer = client.post("/v1/hashes", json={"photo": as_photo(portrait), "exchange": wanted})
    assert answer.status_code == 200, answer.text
    hashes: Json = answer.json()["hashes"]
    return hashes


def _reencode(portrait: bytes) -> bytes:
    out = io.BytesIO()
    Image.open(io.BytesIO(portrait)).convert("RGB").resize((200, 200)).save(out, "JPEG", quality=60)
    return out.getvalue()


def test_hashes_are_handed_out_as_asked(client: TestClient, portrait: bytes) -> None:
    assert {"pdq", "phash", "pdq_quality"} <= set(_hash(client, portrait, "pdq", "phash"))
    assert not {"pdq", "phash"} & set(_hash(client, portrait))
    plain = client.post("/v1/hashes", json={"photo": as_photo(portrait)}).json()["hashes"]
    assert "phash" in plain
    assert "pdq" not in plain
    files = {"photo": ("me.jpg", portrait)}
    form = client.post("/v1/hashes", files=files, data={"exchange": ["pdq", "phash"]})
    assert form.json()["hashes"] == _hash(client, portrait, "pdq", "phash")
    wrong = client.post("/v1/hashes", files=files, data={"exchange": "md5"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/exchange")


def test_an_entry_of_a_list_is_found_by_a_scan(client: TestClient, portrait: bytes) -> None:
    hashes = _hash(client, _reencode(portrait), "pdq", "phash")
    entries = [
        {"platform": "x", "account_id": "1", "avatar": {"hashes": {"pdq": hashes["pdq"]}}},
        {"platform": "x", "account_id": "2", "avatar": {"hashes": {"phash": hashes["phash"]}}},
        {"platform": "x", "account_id": "3", "avatar": {"hashes": {"pdq": hashes["pdq"], "pdq_quality": 20}}},
        *({"platform": "x", "account_id": f"9{n}", "avatar": {"hashes": {"pdq": f"{n:x}" * 64}}} for n in range(1, 9)),
    ]
    assert client.post("/v1/accounts", json=entries).json()["inserted"] == len(entries)
    stored = client.post("/v1/accounts/lookup", json={"platform": "x", "account_id": "1"}).json()
    assert stored["avatar"]["hashes"] == {"scheme": "cc1", "pdq": hashes["pdq"], "probes": []}
    found = client.post("/v1/scans", json={"name": NAME, "photo": as_photo(portrait), "min_probability": 0}).json()
    evidence = {
        item["account"]["account_id"]: {e["code"]: e["params"].get("hash") for e in item["evidence"]}
        for item in found["suspects"]
    }
    assert evidence["1"] == {"photo.same": "PDQ"}
    assert evidence["2"] == {"photo.same": "pHash"}
    assert "3" not in evidence


def test_a_comparison_takes_an_entry_too(client: TestClient, portrait: bytes) -> None:
    pdq = _hash(client, _reencode(portrait), "pdq")["pdq"]
    account = {"platform": "x", "handle": "quietowl", "avatar": {"hashes": {"pdq": pdq}}}
    for photo in (as_photo(portrait), {"hashes": _hash(client, portrait, "pdq")}):
        found = client.post("/v1/compare", json={"subject": {"name": NAME, "photo": photo}, "account": account}).json()
        assert {e["code"] for e in found["evidence"]} >= {"photo.same"}
    bare = {"hashes": _hash(client, portrait)}
    found = client.post("/v1/compare", json={"subject": {"name": NAME, "photo": bare}, "account": account}).json()
    assert "photo" not in {e["signal"] for e in found["evidence"]}


def test_an_entry_alone_is_no_subject(client: TestClient, portrait: bytes) -> None:
    pdq = _hash(client, portrait, "pdq")["pdq"]
    answer = client.post("/v1/scans", json={"name": NAME, "photo": {"hashes": {"pdq": pdq}}})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "photo_probes_missing")
