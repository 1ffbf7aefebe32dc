"""The real application with its real middleware and migrations, on a database of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.main import create_app
from app.settings import Settings
from tests.engines import Place

Json = dict[str, Any]


def connect(settings: Settings, address: str = "127.0.0.1") -> TestClient:
    """A client of a new application, as a program on `address` would be; use it in a `with` block."""
    return TestClient(create_app(settings), base_url="http://localhost", client=(address, 50000))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation of its own."""
    return Settings(data_dir=tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A client of the service, started."""
    with connect(settings) as client:
        yield client


@pytest.fixture
def on_each(place: Place, tmp_path: Path) -> Iterator[TestClient]:
    """The service on each engine in turn."""
    with connect(Settings(data_dir=tmp_path, database_url=place.url, citus=place.citus)) as client:
        yield client


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """The subject's photo."""
    return encode_jpeg(draw_portrait("api subject"))


def as_photo(data: bytes) -> Json:
    """A picture as a wire photo."""
    return {"base64": base64.b64encode(data).decode()}


@pytest.fixture(scope="session")
def accounts(portrait: bytes) -> list[Json]:
    """A few accounts: a clone, a photo reuse, a lookalike, a namesake, a parody, an own account and strangers."""
    mirrored = encode_jpeg(ImageOps.mirror(draw_portrait("api subject")), 70)
    stranger = encode_jpeg(draw_portrait("api stranger"))
    base: Json = {"platform": "x"}
    planted: list[Json] = [
        {
            "handle": "adaezebrandvo1d",
            "display_name": "Adaeze Brandvold",
            "avatar": as_photo(portrait),
            "account_id": "11",
        },
        {"handle": "chloewinters88", "display_name": "Chloe Winters", "avatar": as_photo(mirrored)},
        {"handle": "adaezebrandvoId_", "display_name": "Adaeze Brandvold"},
        {"handle": "brand.adaeze.k", "display_name": "Adaeze Brandvold", "avatar": as_photo(stranger)},
        {"handle": "adaezeparody", "display_name": "Adaeze Brandvold (parody)", "avatar": as_photo(portrait)},
        {"handle": "adaezebrandvold", "display_name": "Adaeze Brandvold", "avatar": as_photo(portrait)},
    ]
    strangers = [{"handle": f"stranger{i}", "display_name": f"Some Stranger{i}"} for i in range(20)]
    return [base | account for account in [*planted, *strangers]]


@pytest.fixture
def filled(client: TestClient, accounts: list[Json]) -> TestClient:
    """A client of a service that holds the accounts."""
    answer = client.post("/v1/accounts", json=accounts)
    assert answer.status_code == 200, answer.text
    assert answer.json()["inserted"] == len(accounts)
    return client


@pytest.fixture
def scan(filled: TestClient, portrait: bytes) -> Callable[..., Json]:
    """Run a scan for the subject; keyword arguments change the request."""

    def run(**changes: Any) -> Json:
        body: Json = {
            "name": "Adaeze Brandvold",
            "handle": "adaezebrandvold",
            "photo": as_photo(portrait),
            "own_accounts": ["https://x.com/adaezebrandvold"],
        }
        answer = filled.post("/v1/scans", json=body | changes)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    return run


def ndjson(items: list[Json]) -> bytes:
    """Lines of JSON."""
    return "\n".join(json.dumps(item) for item in items).encode()
