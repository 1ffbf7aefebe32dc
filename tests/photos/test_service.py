from __future__ import annotations

import base64
from typing import Any

import pytest

from app.photos.exchange import exchange_phash, searched_photo
from app.photos.hashing import account_photo
from app.photos.intake import PhotoRejectedError, decode
from app.photos.schemas import PhotoIn, photo_to_wire
from app.photos.service import hash_given, hash_picture, read_account_photo, read_subject_photo
from app.problems import InvalidInputError
from tests.net.servers import reply, says, serve
from tests.photos.pictures import SETTINGS, draw_scene, save

FILE = save(draw_scene(1))
TEXT = base64.b64encode(FILE).decode()
SUBJECT = searched_photo(decode(FILE, SETTINGS))


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"data:image/jpeg;base64,{TEXT}",
        "\n".join(TEXT[i : i + 76] for i in range(0, len(TEXT), 76)),
    ],
    ids=["plain", "data address", "in lines"],
)
def test_a_picture_in_base64_is_hashed(text: str) -> None:
    assert read_subject_photo(PhotoIn(base64=text), SETTINGS) == SUBJECT
    assert read_account_photo(PhotoIn(base64=text), SETTINGS) == account_photo(decode(FILE, SETTINGS))


def test_hashes_are_taken_over() -> None:
    given = PhotoIn.model_validate({"hashes": photo_to_wire(SUBJECT)})
    assert read_subject_photo(given, SETTINGS) == SUBJECT
    account = read_account_photo(given, SETTINGS)
    assert account is not None
    assert (account.views, account.probes) == (SUBJECT.views, ())


def test_an_address_is_stored_for_accounts_and_fetched_for_subjects() -> None:
    with serve(says(reply(FILE, kind="image/jpeg"))) as server:
        settings = SETTINGS.model_copy(update={"net_allow_private": (server.name,)})
        photo = PhotoIn(url=server.url)
        assert read_account_photo(photo, settings) is None
        assert server.requests == []
        assert read_subject_photo(photo, settings) == SUBJECT
        assert hash_given(photo, settings).photo.views == SUBJECT.views


@pytest.mark.parametrize(
    ("answer", "slug"),
    [
        (reply(b"<html>", kind="text/html"), "photo_type"),
        (reply(FILE[:900], kind="image/jpeg"), "photo_not_readable"),
        (reply(b"x" * 10_000_000, kind="image/jpeg"), "photo_too_large"),
        (reply(b"", "404 Not Found"), "photo_url_unreachable"),
        (reply(FILE)[:-500], "photo_url_unreachable"),
        (reply(b"", "302 Found", extra="Location: https://127.0.0.1/\r\n"), "photo_url_refused"),
    ],
)
def test_a_picture_that_cannot_be_had_is_told(answer: bytes, slug: str) -> None:
    with serve(says(answer)) as server:
        settings = SETTINGS.model_copy(update={"net_allow_private": (server.name,)})
        with pytest.raises(PhotoRejectedError) as caught:
            read_subject_photo(PhotoIn(url=server.url), settings, "/photos/1")
    assert caught.value.type.endswith(f":{slug}")
    assert caught.value.errors[0].pointer == "/photos/1/url"
    assert str(server.port) not in caught.value.detail


@pytest.mark.parametrize("url", ["http://example.com/a", "https://localhost/a", "file:///etc/passwd", "me.jpg"])
def test_an_address_outside_the_internet_is_refused(url: str) -> None:
    with pytest.raises(PhotoRejectedError) as caught:
        read_subject_photo(PhotoIn(url=url), SETTINGS, "/photos/1")
    assert caught.value.type.endswith(":photo_url_refused")


def test_a_subject_needs_probes() -> None:
    wire = photo_to_wire(account_photo(draw_scene(1)))
    with pytest.raises(InvalidInputError) as caught:
        read_subject_photo(PhotoIn.model_validate({"hashes": wire}), SETTINGS)
    assert caught.value.errors[0].pointer == "/photo/hashes/probes"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("!!!", "photo_not_readable"),
        ("YQ", "photo_not_readable"),
        ("päng", "photo_not_readable"),
        ("data:image/png;base64,", "photo_not_readable"),
        (base64.b64encode(b"no picture").decode(), "photo_type"),
        (base64.b64encode(FILE[:500]).decode(), "photo_not_readable"),
        ("A" * 4_000_000, "photo_too_large"),
    ],
)
def test_refusals_point_at_the_picture(text: str, slug: str) -> None:
    for read in (read_subject_photo, read_account_photo):
        with pytest.raises(PhotoRejectedError) as caught:
            read(PhotoIn(base64=text), SETTINGS, "/avatar")
        document: dict[str, Any] = caught.value.document()
        assert document["type"].endswith(f":{slug}")
        assert document["errors"][0]["pointer"] == "/avatar/base64"


def test_a_client_gets_size_and_exchange_hash() -> None:
    hashed = hash_picture(save(draw_scene(2, 900, 700)), SETTINGS)
    assert (hashed.width, hashed.height) == (900, 700)
    assert hashed.photo.phash is not None
    assert (hashed.photo.phash ^ exchange_phash(draw_scene(2, 900, 700))).bit_count() <= 2
