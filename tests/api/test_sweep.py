"""A heavily edited real portrait under another name: no key is shared, and a scan finds it all the same."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance, ImageOps
from starlette.testclient import TestClient

from app.photos.hashing import account_photo, subject_photo
from app.photos.intake import decode
from app.settings import Settings
from benchmarks.picture_changes import crop
from matchers.keys import account_keys, subject_probes
from matchers.profile import Account, Handle, Subject
from tests.api.conftest import Json, as_photo, connect

pytestmark = pytest.mark.data

PORTRAIT = "portraits/house-glenn-thompson.jpg"
NAME, HANDLE = "Glenn Thompson", "glennthompson"
CLONE = {"platform": "x", "handle": "ninawolfarts", "display_name": "Nina Wolf"}


@pytest.fixture(scope="module")
def original(data_dir: Path) -> bytes:
    return (data_dir / "avatars" / PORTRAIT).read_bytes()


@pytest.fixture(scope="module")
def edited(original: bytes) -> bytes:
    """A fifth of the side cut away, mirrored, made darker and saved at a low quality."""
    picture = ImageOps.mirror(crop(_open(original), 0.22)).resize((400, 400))
    out = io.BytesIO()
    ImageEnhance.Brightness(picture).enhance(0.7).save(out, "JPEG", quality=30)
    return out.getvalue()


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


@pytest.fixture(scope="module")
def strangers(data_dir: Path) -> list[Json]:
    files = sorted((data_dir / "avatars" / "portraits").glob("house-*.jpg"))[:60]
    names = (path.stem.removeprefix("house-").replace("-", " ").title() for path in files)
    return [
        {"platform": "x", "handle": path.stem.replace("-", "_"), "display_name": name, "avatar": _photo(path)}
        for path, name in zip(files, names, strict=True)
        if not PORTRAIT.endswith(path.name)
    ]


def _photo(path: Path) -> Json:
    return {"base64": base64.b64encode(path.read_bytes()).decode()}


def _scan(client: TestClient, photo: bytes) -> Json:
    body = {"name": NAME, "handle": HANDLE, "photo": as_photo(photo)}
    answer = client.post("/v1/scans", json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


Fill = Callable[[TestClient], None]


@pytest.fixture
def fill(edited: bytes, strangers: list[Json]) -> Fill:
    def run(client: TestClient) -> None:
        accounts = [*strangers, CLONE | {"avatar": as_photo(edited)}]
        assert client.post("/v1/accounts", json=accounts).json()["inserted"] == len(accounts)

    return run


def test_no_key_is_shared(original: bytes, edited: bytes) -> None:
    photo = subject_photo(decode(original, Settings()))
    subject = Subject(names=(NAME,), handles=(Handle(HANDLE),), photos=(photo,))
    asked = {probe.key for probe in subject_probes(subject, "c")}
    avatar = account_photo(decode(edited, Settings()))
    assert not asked & account_keys(
        Account("x", CLONE["handle"], display_name=CLONE["display_name"], avatar=avatar), "c"
    )


def test_it_is_found_by_its_picture_alone(client: TestClient, fill: Fill, original: bytes) -> None:
    fill(client)
    found = _scan(client, original)
    assert [item["account"]["handle"] for item in found["suspects"]] == [CLONE["handle"]]
    assert found["suspects"][0]["verdict"] == "photo_reuse"
    assert [(part["status"], part["detail"]) for part in found["coverage"]] == [("ok", None)]


def test_it_is_gone_once_erased(client: TestClient, fill: Fill, original: bytes) -> None:
    fill(client)
    erased = client.post("/v1/accounts/erase", json={"platform": "x", "handle": CLONE["handle"]})
    assert erased.json()["accounts"] == 1
    assert _scan(client, original)["suspects"] == []


def test_switched_off_the_answer_says_what_was_not_looked_for(tmp_path: Path, fill: Fill, original: bytes) -> None:
    with connect(Settings(data_dir=tmp_path, sweep=False)) as client:
        fill(client)
        found = _scan(client, original)
    assert found["suspects"] == []
    [part] = found["coverage"]
    assert part["status"] == "partial"
    assert "under other names were not looked for" in part["detail"]
