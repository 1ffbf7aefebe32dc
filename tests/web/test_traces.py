"""What a search leaves behind: nothing in the log or in an address while it is kept, nothing at all once erased."""

from __future__ import annotations

import base64
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.scans.platforms import Platform, run
from tests.servers.process import answers, clean_environment, free_ports, run_server
from tests.web.browsing import PHOTO, actor

pytestmark = pytest.mark.slow

# Words that stand in nothing else. Each is typed, uploaded, or told by a platform.
NAME, HANDLE, OWN = "Zsofika Quorning", "zsofikaq77", "https://x.com/zsofikaq77own"
BIO, FILE = "Zsofikabio writes to you first", "zsofikafile.jpg"
WORD = re.compile(rb"zsofika|quorning", re.IGNORECASE)
PERSON = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "service.log"


@pytest.fixture
def client(folder: Path, log: Path) -> Iterator[httpx2.Client]:
    """The service as a process of its own, with everything that it prints in a file."""
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    pictures = {"/zsofika.jpg": PHOTO}
    with run(Platform([], pictures)) as bluesky:
        told = actor(1, f"{HANDLE}7.bsky.social", NAME, f"{bluesky.url}/zsofika.jpg", BIO)
        bluesky.accounts.append(told)
        settings = {
            "CLONECHECK_DATA_DIR": str(folder),
            "CLONECHECK_NET_ALLOW_PRIVATE": bluesky.name,
            "CLONECHECK_BLUESKY_URL": bluesky.url,
        }
        command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
        with (
            run_server(command, log, answers(f"{url}/livez"), environment=clean_environment(**settings)),
            httpx2.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=30, headers=PERSON) as client,
        ):
            yield client


def _go_all_the_way(client: httpx2.Client) -> list[str]:
    """All that a person does, with what goes wrong on the way; gives the addresses that were asked for."""
    asked: list[str] = []
    client.event_hooks["request"].append(lambda request: asked.append(str(request.url)))
    photo = {"photo": (FILE, PHOTO, "image/jpeg")}
    data = {"name": NAME, "handle": HANDLE, "own_account": OWN, "source": ["index", "bluesky"]}
    client.post("/recognise", json={"text": OWN})
    client.post("/preview", json={"name": NAME, "photo": {"base64": base64.b64encode(PHOTO).decode()}})
    client.post("/attack", data={"handle": HANDLE}, files=photo)
    refused = client.post("/scan", data={**data, "own_account": f"no address {NAME}"}, files=photo)
    assert refused.status_code == 422
    assert client.post("/scan", data=data, files={"photo": (FILE, b"none " + PHOTO, "image/jpeg")}).status_code == 422
    page = client.post("/scan", data=data, files=photo)
    address = page.url.path
    for _ in range(200):
        page = client.get(address)
        if 'data-running="no"' in page.text:
            break
        time.sleep(0.05)
    sheet = re.findall(r'href="(/scan/[^"]*/accounts/[^"]*)">Report it', page.text)[0]
    assert HANDLE in client.get(sheet).text
    assert client.get(f"{sheet}/photo").headers["content-type"] == "image/jpeg"
    client.post(f"{sheet}/decision", data={"verdict": "clone"})
    client.post(f"{sheet}/decision", data={"verdict": NAME})
    client.post(f"{sheet}/reported", data={"channel": "web_form"})
    for path in (f"{address}/export.csv", f"{address}/export.json", "/history", "/nowhere"):
        client.get(path)
    return asked


def test_nothing_typed_or_uploaded_is_in_an_address_or_a_log_and_erasing_leaves_nothing(
    client: httpx2.Client, folder: Path, log: Path
) -> None:
    asked = _go_all_the_way(client)
    assert len(asked) >= 15
    assert [address for address in asked if WORD.search(address.encode())] == []
    written = log.read_bytes()
    assert b"route=/scan/{scan_id}" in written, "the log says what was asked for, by its template"
    assert WORD.findall(written) == []
    kept = [file.name for file in folder.rglob("*") if WORD.search(file.read_bytes())]
    assert kept, "until then it is kept"
    erased = client.post("/history/erase", data={"sure": "yes"})
    assert "There are no searches" in erased.text
    left = {file.name: WORD.findall(file.read_bytes()) for file in folder.rglob("*") if file.is_file()}
    assert {name: found for name, found in left.items() if found} == {}
