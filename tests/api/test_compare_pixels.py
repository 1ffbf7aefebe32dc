"""Where both pictures are given, their pixels are compared: they find what the hashes cannot."""

from __future__ import annotations

import base64

import pytest
from PIL import Image
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg

NAME = "Adaeze Brandvold"


def _give(image: Image.Image) -> dict[str, str]:
    return {"base64": base64.b64encode(encode_jpeg(image)).decode()}


def _compare(client: TestClient, photo: Image.Image, avatar: dict[str, object]) -> dict[str, object]:
    body = {
        "subject": {"name": NAME, "photo": _give(photo)},
        "account": {"platform": "x", "handle": "quietowl", "display_name": "Someone Else", "avatar": avatar},
    }
    answer = client.post("/v1/compare", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    assert found["bits"] == pytest.approx(sum(e["bits"] for e in found["evidence"]), abs=1e-6)  # type: ignore[attr-defined]
    return found


def test_a_corner_cut_out_of_the_photo_is_found(client: TestClient) -> None:
    photo = draw_portrait("pixels")
    side = photo.width
    corner = photo.crop((0, 0, round(0.6 * side), round(0.6 * side))).resize((400, 400))
    hashes = client.post("/v1/hashes", json={"photo": _give(corner)}).json()["hashes"]
    by_hash = _compare(client, photo, {"hashes": hashes})
    by_pixels = _compare(client, photo, dict(_give(corner)))
    assert by_hash["verdict"] == "unrelated"
    assert by_pixels["verdict"] == "photo_reuse"
    assert "details agree" in str(by_pixels["evidence"])


def test_somebody_elses_picture_is_not(client: TestClient) -> None:
    found = _compare(client, draw_portrait("pixels"), dict(_give(draw_portrait("somebody else"))))
    assert found["verdict"] == "unrelated"
