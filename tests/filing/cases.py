"""A stored scan with one suspect on any platform, and the service that files reports on it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import ImageOps
from starlette.testclient import TestClient

from app.demo.portraits import draw_portrait, encode_jpeg
from app.main import create_app
from app.settings import Settings

Json = dict[str, Any]
NAME = "Adaeze Brandvold"
REAL = "https://x.com/adaezebrandvold"


@lru_cache
def portrait() -> str:
    """The person's photo, as it crosses the wire."""
    return base64.b64encode(encode_jpeg(draw_portrait("filing subject"))).decode()


@lru_cache
def copied_portrait() -> str:
    """The same, as the impostor wears it."""
    return base64.b64encode(encode_jpeg(ImageOps.mirror(draw_portrait("filing subject")), 70)).decode()


def settings_for(folder: Path, *addresses: str, **more: Any) -> Settings:
    """Settings under which these servers of this machine may be asked."""
    hosts = tuple(urlsplit(address).netloc for address in addresses)
    return Settings(data_dir=folder, net_allow_private=hosts, net_calls_per_second=100, **more)


@contextmanager
def run_service(settings: Settings) -> Iterator[TestClient]:
    """The whole application."""
    with TestClient(create_app(settings), base_url="http://localhost", client=("127.0.0.1", 50000)) as client:
        yield client


def scan_with(client: TestClient, *accounts: Json) -> str:
    """Import accounts that wear the person's name and photo, scan for the person, and give the scan's id."""
    avatar = {"base64": copied_portrait()}
    lines = [{"display_name": NAME, "avatar": avatar, **account} for account in accounts]
    assert client.post("/v1/accounts", json=lines).json()["inserted"] == len(accounts)
    asked = {"name": NAME, "handle": REAL, "photo": {"base64": portrait()}, "own_accounts": [REAL]}
    found = client.post("/v1/scans", json=asked)
    assert found.status_code == 200, found.text
    assert len(found.json()["suspects"]) + len(found.json()["set_aside"]) >= len(accounts)
    return str(found.json()["id"])


def order(scan: str, channel: str, suspect: str = "1", **more: Any) -> Json:
    """A request for a preview."""
    return {"scan_id": scan, "suspect_id": suspect, "channel": channel, **more}


def preview(client: TestClient, asked: Json) -> Json:
    """What would be sent."""
    reply = client.post("/v1/reports/preview", json=asked)
    assert reply.status_code == 200, reply.text
    body: Json = reply.json()
    return body


def file_as_shown(client: TestClient, asked: Json, token: str, **more: Any) -> Any:
    """Confirm what the preview shows."""
    fingerprint = preview(client, asked)["fingerprint"]
    return client.post(
        "/v1/reports/file", json={**asked, "token": token, "fingerprint": fingerprint, "confirm": True, **more}
    )
