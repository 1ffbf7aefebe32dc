from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.subjects.service import note_name
from tests.api.conftest import as_photo


def preview(client: TestClient, body: dict[str, Any], limit: int = 20) -> dict[str, Any]:
    answer = client.post(f"/v1/subjects/preview?limit={limit}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_everything_is_told_before_any_search(client: TestClient, portrait: bytes) -> None:
    photo = as_photo(portrait)
    told = preview(client, {"name": "John Smith", "handle": "johnsmith", "platform": "x", "photo": photo})
    assert told.keys() == {"name_sharers", "photo", "name_note", "lookalikes"}
    sharers = told["name_sharers"]
    assert sharers["low"] < sharers["estimate"] < sharers["high"]
    assert told["photo"] == {"usable": True, "reason": None}
    assert told["name_note"].endswith("people share this name: the name alone proves nothing, the photo will matter")
    assert len(told["lookalikes"]) == 20
    first = told["lookalikes"][0]
    assert first.keys() == {"handle", "platform", "imitates", "kind", "summary"}
    assert (first["platform"], first["imitates"]) == ("x", "johnsmith")


def test_nothing_is_stored(client: TestClient) -> None:
    preview(client, {"name": "John Smith", "handle": "johnsmith"})
    assert client.get("/v1/scans").json()["items"] == []


def test_what_was_not_given_is_null(client: TestClient) -> None:
    told = preview(client, {"handle": "johnsmith"})
    assert (told["name_sharers"], told["name_note"], told["photo"]) == (None, None, None)
    assert {item["platform"] for item in told["lookalikes"]} == {None}
    told = preview(client, {"name": "John Smith"})
    assert told["lookalikes"] == []


def test_a_flat_photo_is_named_useless_with_the_reason(client: TestClient) -> None:
    flat = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(flat, "PNG")
    told = preview(client, {"name": "John Smith", "photo": as_photo(flat.getvalue())})
    assert told["photo"]["usable"] is False
    assert told["photo"]["reason"]
    assert "a photo that can be compared would help" in told["name_note"]


def test_own_handles_are_never_their_own_lookalikes(client: TestClient) -> None:
    mine = {"handles": [{"platform": "x", "handle": "janedoe"}, {"handle": "janedoe"}]}
    before = preview(client, mine, limit=5)["lookalikes"]
    assert len(before) == 5
    taken = before[0]["handle"]
    after = preview(client, mine | {"own_accounts": [f"https://x.com/{taken}"]}, limit=5)["lookalikes"]
    assert {item["imitates"] for item in after} == {"janedoe", taken}
    assert not {item["handle"] for item in after} & {"janedoe", taken}
    assert len(after) == 10


def test_own_accounts_have_lookalikes_too(client: TestClient) -> None:
    told = preview(
        client, {"name": "Jane Doe", "own_accounts": ["https://bsky.app/profile/jane.example.com"]}, limit=30
    )
    assert "jane.example.com" in {item["imitates"] for item in told["lookalikes"]}
    assert any(item["handle"].endswith(".bsky.social") for item in told["lookalikes"])


@pytest.mark.parametrize("limit", [0, 200])
def test_the_caller_says_how_many(client: TestClient, limit: int) -> None:
    assert len(preview(client, {"handle": "williamdoe", "platform": "instagram"}, limit)["lookalikes"]) == limit


@pytest.mark.parametrize(
    ("body", "limit", "slug"),
    [({}, 20, None), ({"handle": "janedoe"}, 201, None), ({"handle": "https://example.com/x"}, 20, "handle_not_recog")],
)
def test_bad_input_is_a_clear_problem(client: TestClient, body: dict[str, str], limit: int, slug: str | None) -> None:
    answer = client.post(f"/v1/subjects/preview?limit={limit}", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    if slug:
        assert slug in answer.json()["type"]


@pytest.mark.parametrize(
    ("estimate", "photo", "told"),
    [
        (1, None, "Hardly anybody else has this name"),
        (75, {"usable": True}, "About 75 people share this name: the name alone proves little, the photo will matter"),
        (36_000, None, "About 36,000 people share this name: the name alone proves nothing, a photo would help"),
    ],
)
def test_the_note_fits_the_number(estimate: int, photo: dict[str, bool] | None, told: str) -> None:
    assert (note_name({"name_sharers": {"estimate": estimate}, "photo": photo}) or "").startswith(told)
