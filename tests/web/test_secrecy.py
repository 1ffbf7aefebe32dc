"""Nothing typed or uploaded stands in the service's own log or in an address, over the whole way and its failures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from app.demo.portraits import draw_portrait, encode_jpeg
from app.demo.service import Service, open_client, start_service, stop_service
from tests.api.conftest import as_photo
from tests.servers.process import free_ports

pytestmark = pytest.mark.slow

PHOTO = encode_jpeg(draw_portrait("page subject"))
FILE_NAME = "quillsecretphoto.jpg"
NAME, HANDLE = "Adaeze Quillsecret", "adaezequillsecret"
SECRET = re.compile(r"adaeze|quillsecret|zettelnote", re.IGNORECASE)
# Nobody listens there: asking fails, and the failure is written down.
DEAF = "http://127.0.0.1:9"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    settings = {"CLONECHECK_BLUESKY_URL": DEAF, "CLONECHECK_NET_ALLOW_PRIVATE": '["127.0.0.1:9"]'}
    service = start_service(tmp_path, free_ports(1)[0], settings=settings)
    yield service
    stop_service(service)


def test_nothing_said_is_in_a_log_or_an_address(service: Service, tmp_path: Path) -> None:
    with open_client(service) as client:
        addresses = _walk(client)
    stop_service(service)
    log = (tmp_path / "service.log").read_text(encoding="utf-8")
    assert "route=/scan/{scan_id}" in log, "what was asked is written down, and only as a template"
    assert not SECRET.search(log), log
    assert not [address for address in addresses if SECRET.search(address)]


def _walk(client: httpx2.Client) -> list[str]:
    """Search, fail to search, look, decide, report, and erase; gives every address that was used or led to."""
    used: list[str] = []

    def post(path: str, **given: object) -> httpx2.Response:
        answer = client.post(path, **given)  # type: ignore[arg-type]  # passed on as it is
        used.extend([path, answer.headers.get("location", "")])
        return answer

    clone = {"platform": "x", "handle": f"{HANDLE}1", "display_name": NAME, "avatar": as_photo(PHOTO)}
    post("/v1/accounts", json=[clone, {"platform": "x", "handle": [HANDLE]}])
    post("/recognise", json={"text": f"https://x.com/{HANDLE}"})
    post("/v1/subjects/preview", json={"name": NAME})
    asked = {"name": NAME, "handle": HANDLE, "source": ["index", "bluesky"], "budget_seconds": "3"}
    files = {"photo": (FILE_NAME, PHOTO, "image/jpeg")}
    assert post("/attack", data={"name": NAME, "handle": HANDLE, "platform": "x"}, files=files).status_code == 200
    assert post("/scan", data=asked, files={"photo": (FILE_NAME, b"no picture", "image/jpeg")}).status_code == 422
    assert post("/scan", data={**asked, "own_account": "quillsecret?"}, files=files).status_code == 422
    path = post("/scan", data=asked, files=files).headers["location"]
    for _ in range(100):
        page = client.get(path).text
        if 'id="keep"' in page:
            break
    [account] = re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', page)
    sheet = client.get(account).text
    used += re.findall(r'(?:action|src)="([^"]*)"', page + sheet)
    used += [address for address in re.findall(r'href="([^"]*)"', page + sheet) if address.startswith("/")]
    channel = re.findall(r'name="channel" value="([^"]*)"', sheet)[0]
    post(f"{account}/reported", data={"channel": channel})
    post(f"{account}/decision", data={"verdict": "clone"})
    post(f"{account}/decision", data={"verdict": "zettelnote"})
    client.get(f"{account}/photo")
    client.get(f"{path}/export.csv")
    post("/history/erase", data={"sure": "yes"})
    return used
