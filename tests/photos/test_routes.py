from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from app.failures import install_failures
from app.photos.hashing import subject_photo
from app.photos.intake import decode
from app.photos.routes import router
from app.photos.schemas import HashesModel
from tests.photos.pictures import SETTINGS, draw_scene, save

FILE = save(draw_scene(1, 320, 240))
BODY = {"photo": {"base64": base64.b64encode(FILE).decode()}}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = FastAPI()
    app.state.settings = SETTINGS
    app.include_router(router)
    install_failures(app)
    with TestClient(app) as client:
        yield client


def test_json_and_form_answer_the_same_hashes(client: TestClient) -> None:
    answer = client.post("/v1/hashes", json=BODY)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["width"], body["height"], body["usable"], body["reason"]) == (320, 240, True, None)
    photo = HashesModel.model_validate(body["hashes"]).to_photo()
    expected = subject_photo(decode(FILE, SETTINGS))
    assert (photo.views, photo.probes, photo.gate) == (expected.views, expected.probes, expected.gate)
    assert "phash" in body["hashes"]
    assert "pdq" not in body["hashes"]
    # A phone names its JPEG pictures .heic when it converts them on the way.
    form = client.post("/v1/hashes", files={"photo": ("me.heic", FILE, "image/heic")})
    assert form.json() == body


def test_a_flat_picture_is_hashed_but_not_usable(client: TestClient) -> None:
    answer = client.post("/v1/hashes", files={"photo": ("flat.png", save(Image.new("RGB", (99, 99)), "PNG"))}).json()
    assert answer["usable"] is False
    assert "proves nothing" in answer["reason"]


@pytest.mark.parametrize(
    ("request_body", "status", "slug", "pointer"),
    [
        ({"json": {}}, 422, "invalid_input", "/photo"),
        ({"json": {"photo": {}}}, 422, "invalid_input", "/photo"),
        ({"json": {"photo": {"url": "https://127.0.0.1/x"}}}, 422, "photo_url_refused", "/photo/url"),
        ({"json": {"photo": {"base64": "aGVsbG8="}}}, 415, "photo_type", "/photo/base64"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 422, "invalid_input", None),
        ({"content": b"\xff", "headers": {"content-type": "application/json"}}, 422, "invalid_input", None),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "unsupported_media_type", None),
        ({"content": b"x"}, 415, "unsupported_media_type", None),
        ({"files": {"picture": ("a.png", FILE)}}, 422, "invalid_input", "/photo"),
        ({"files": {"x": ("a.png", b"")}, "data": {"photo": "text"}}, 422, "invalid_input", "/photo"),
        ({"files": {"photo": ("a.png", b"")}}, 422, "photo_not_readable", "/photo"),
        ({"files": {"photo": ("a.png", FILE[:900])}}, 422, "photo_not_readable", "/photo"),
        ({"files": {"photo": ("a.png", b"\0" * 2_000_001)}}, 413, "photo_too_large", "/photo"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400, None, None),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, None, None, None),
    ],
)
def test_refusals_are_problem_documents(
    client: TestClient, request_body: dict[str, Any], status: int | None, slug: str | None, pointer: str | None
) -> None:
    answer = client.post("/v1/hashes", **request_body)
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert answer.status_code == document["status"]
    if status is not None:
        assert answer.status_code == status
    if slug is not None:
        assert document["type"].rpartition(":")[2] == slug
    if pointer is not None:
        assert pointer in {error["pointer"] for error in document["errors"]}


def test_hashes_cannot_be_hashed_again(client: TestClient) -> None:
    hashes = client.post("/v1/hashes", json=BODY).json()["hashes"]
    answer = client.post("/v1/hashes", json={"photo": {"hashes": hashes}})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, "photo_already_hashed")
