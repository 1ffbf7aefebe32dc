"""Commonness: a picture that many unrelated accounts of the index wear proves little about any of them."""

from __future__ import annotations

from starlette.testclient import TestClient

from app.scans.judging import MANY_WEARERS
from tests.api.conftest import Json, as_photo

NAMES = ("Ola Nord", "Kim Lee", "Wei Zhang", "Ana Sosa", "Ivo Blum", "Mia Fern", "Lev Roth", "Uma Pires", "Noa Adler")


def _bits(client: TestClient, portrait: bytes, wearers: int) -> list[float]:
    """Bits of the photo for each wearer, in one scan."""
    accounts: list[Json] = [
        {"platform": "x", "handle": f"{name.replace(' ', '').lower()}{at}", "display_name": name}
        | {"avatar": as_photo(portrait)}
        for at, name in enumerate(NAMES[:wearers])
    ]
    assert client.post("/v1/accounts", json=accounts).json()["inserted"] > 0
    body = {"name": "Adaeze Brandvold", "photo": as_photo(portrait), "min_probability": 0}
    found = client.post("/v1/scans", json=body).json()
    return [e["bits"] for item in found["suspects"] for e in item["evidence"] if e["signal"] == "photo"]


def test_each_wearer_counts_less_once_there_are_many(client: TestClient, portrait: bytes) -> None:
    few = _bits(client, portrait, MANY_WEARERS - 1)
    many = _bits(client, portrait, MANY_WEARERS + 1)
    assert (len(few), len(many)) == (MANY_WEARERS - 1, MANY_WEARERS + 1)
    # log2 of one more than the wearers is lost.
    assert max(many) < min(few) - 3


def test_a_comparison_knows_of_no_other_wearers(client: TestClient, portrait: bytes) -> None:
    _bits(client, portrait, MANY_WEARERS + 1)
    account = {"platform": "x", "handle": "kimlee1", "display_name": "Kim Lee", "avatar": as_photo(portrait)}
    subject = {"name": "Adaeze Brandvold", "photo": as_photo(portrait)}
    found = client.post("/v1/compare", json={"subject": subject, "account": account}).json()
    photo = next(e for e in found["evidence"] if e["signal"] == "photo")
    assert photo["params"].get("wearers", 0) == 0
    assert photo["bits"] > 10
