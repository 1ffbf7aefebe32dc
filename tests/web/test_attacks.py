"""Attack yourself, as a page: what is shown and refused, that nothing is kept, and that others are not held up."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from fastapi import FastAPI
from httpx2 import Response
from PIL import Image
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.photos.alterations import ALTERATIONS
from app.scans.attacks import AttackService
from app.settings import Settings
from tests.api.conftest import connect
from tests.web.browsing import HANDLE, NAME, SVG

PHOTO = encode_jpeg(draw_portrait("page subject"))
Fields = dict[str, str]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with connect(Settings(data_dir=tmp_path)) as client:
        yield client


def _post(client: TestClient, fields: Fields, photo: bytes = b"", *, scripted: bool = False) -> Response:
    files = {"photo": ("me.jpg" if photo else "", photo)}
    return client.post("/attack", data=fields, files=files, headers={"Accept": "application/json"} if scripted else {})


def test_lookalikes_are_shown_with_what_differs_and_what_becomes_of_them(client: TestClient) -> None:
    page = _post(client, {"handle": HANDLE, "platform": "x"}).text
    assert "adaezebrandvo<mark>I</mark>d" in page
    assert "capital I in place of small l" in page
    assert 'href="https://x.com/adaezebandvold"' in page
    assert "instagram.com" not in page
    assert page.count("Would be caught.") > 10
    assert f'value="{HANDLE}"' in page
    address = _post(client, {"handle": f"https://x.com/{HANDLE}"}).text
    assert "adaezebrandvo<mark>I</mark>d" in address


def test_a_user_name_of_no_platform_leads_to_those_that_take_what_resembles_it(client: TestClient) -> None:
    page = _post(client, {"handle": HANDLE}).text
    assert "Possible on" in page
    assert re.search(
        r'<a href="https://www.instagram.com/[^"]*" rel="noreferrer noopener" target="_blank">Instagram', page
    )
    assert re.search(r'<a href="https://x.com/[a-z]+" rel="noreferrer noopener" target="_blank">X', page)


def test_more_user_names_are_tried_too(client: TestClient) -> None:
    own = {"handle": HANDLE, "platform": "x", "own_account": "https://www.instagram.com/brandvold.adaeze"}
    page = re.sub("</?mark>", "", _post(client, own).text)
    assert "https://www.instagram.com/brandvo" in page
    assert "https://x.com/adaezeb" in page


def test_what_is_missed_is_said_with_what_to_do(client: TestClient) -> None:
    page = _post(client, {"name": NAME}).text
    assert "0 of 1 would be caught" in page
    assert "Would be missed: it would come up, but pass for a stranger." in page
    assert "search again from time to time" in page
    assert "a name alone accuses nobody" in page


def test_a_script_is_given_the_changed_photos_and_a_reader_without_one_the_words(client: TestClient) -> None:
    fields = {"name": NAME, "handle": HANDLE, "platform": "x"}
    answer = _post(client, fields, PHOTO, scripted=True)
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert list(body["pictures"]) == [alteration.name for alteration in ALTERATIONS]
    for data in body["pictures"].values():
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            assert image.format == "JPEG"
            assert max(image.size) <= 200
    slots = re.findall(r'data-picture="(\w+)"', body["html"])
    assert slots == list(body["pictures"])
    page = _post(client, fields, PHOTO).text
    assert body["html"] in page
    assert "<img" not in page
    assert "data:" not in page
    assert "The account uses the same photo, mirrored" in page


def _bomb() -> bytes:
    """The head of a PNG of 40,000 pixels a side: whoever decodes it is lost."""
    raw = io.BytesIO()
    Image.new("1", (8, 8)).save(raw, "PNG")
    data = bytearray(raw.getvalue())
    data[16:24] = (40_000).to_bytes(4, "big") * 2
    return bytes(data)


@pytest.mark.parametrize(
    ("fields", "photo", "told"),
    [
        ({}, b"", "give at least one of name, handle and photo"),
        ({"platform": "x"}, b"", "give at least one of name, handle and photo"),
        ({"handle": "https://nowhere.example/x/y/z"}, b"", "belongs to no known profile"),
        ({"handle": "<script>" * 100}, b"", "at most 256"),
        ({"name": "Ada", "own_account": "no address"}, b"", "must be given by its profile address"),
        ({"name": "Ada"}, SVG, "not a JPEG, PNG, WebP or GIF picture"),
        ({"name": "Ada"}, PHOTO[:300], "damaged or cut off"),
        ({"name": "Ada"}, _bomb(), "more than 40,000,000 pixels"),
        ({"name": "Ada"}, b"\xff\xd8\xff" + b"0" * (10 << 20), "at most 10,485,760 are read"),
    ],
)
def test_what_cannot_be_tried_is_told_and_nothing_typed_is_lost(
    client: TestClient, fields: Fields, photo: bytes, told: str
) -> None:
    page = _post(client, fields, photo)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert told in page.text
    assert "<script>" not in page.text
    assert all(f'value="{value}"' in page.text for value in fields.values() if "<" not in value and value != "x")
    answer = _post(client, fields, photo, scripted=True)
    assert answer.status_code == 422
    assert told in answer.json()["detail"]


def test_a_chosen_file_that_is_empty_is_told(client: TestClient) -> None:
    page = client.post("/attack", data={"name": "Ada"}, files={"photo": ("me.jpg", b"")})
    assert page.status_code == 422
    assert "The picture is empty" in page.text


def test_a_form_of_another_shape_is_told(client: TestClient) -> None:
    assert client.post("/attack", data={"name": "Ada"}).status_code == 422
    broken = client.post(
        "/attack", content=b"--x\r\nno end", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert broken.status_code == 422
    assert "send it again" in broken.text


def test_who_has_to_wait_too_long_is_told_so(client: TestClient, tmp_path: Path) -> None:
    cast("FastAPI", client.app).state.attacks = AttackService(Settings(data_dir=tmp_path), at_once=0, patience=0.01)
    page = _post(client, {"name": NAME})
    assert page.status_code == 503
    assert "try again in a moment" in page.text
    assert f'value="{NAME}"' in page.text


def test_nothing_is_stored_or_logged(client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert _post(client, {"name": NAME, "handle": HANDLE}, PHOTO).status_code == 200
    assert not re.search("adaeze|brandvold", caplog.text, re.IGNORECASE)
    assert client.get("/v1/scans").json()["items"] == []
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert NAME.encode() not in held
    assert HANDLE.encode() not in held


def test_the_page_is_reached_from_every_header_and_from_a_finished_scan(client: TestClient) -> None:
    for path in ("/", "/history", "/attack"):
        assert '<a href="/attack"' in client.get(path).text
    page = client.post("/scan", data={"name": NAME}, files={"photo": ("", b"")})
    for _ in range(200):
        if 'data-running="no"' in (text := client.get(page.url.path).text):
            break
    assert '<a class="button plain" href="/attack">' in text
