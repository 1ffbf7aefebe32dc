"""A service with platforms beside it, and what a browser asks of it: what the tests of the pages share."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from PIL import Image, ImageOps
from playwright.sync_api import Browser, BrowserContext, Page, Request

from app.demo.portraits import draw_portrait, encode_jpeg
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import as_photo
from tests.conftest import ROOT
from tests.scans.platforms import Platform, run
from tests.servers.process import free_ports

NAME, HANDLE = "Adaeze Brandvold", "adaezebrandvold"
PORTRAIT = draw_portrait("page subject")
PHOTO = encode_jpeg(PORTRAIT)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>window.hacked = 1</script></svg>'
MARKUP = f'<img src=x onerror="window.hacked=1"><b>{NAME}</b>'
SHOTS = ROOT / "reports-out" / "pages"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
DID = "did:plc:{:a>24}"


@dataclass
class Service:
    """The service on a port of its own, the platforms that it asks, and the requests that the browser made."""

    url: str
    platforms: Mapping[str, Platform]
    asked: list[Request] = field(default_factory=list)

    def _note(self, request: Request) -> None:
        self.asked.append(request)

    def open(self, browser: Browser, path: str = "/", **options: Any) -> Page:
        """A page in a new context, with everything that it requests written down."""
        context: BrowserContext = browser.new_context(base_url=self.url, **{"viewport": DESKTOP, **options})
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("request", self._note)
        page.goto(path)
        return page


@contextmanager
def serve(settings: Settings) -> Iterator[str]:
    """The service with these settings on a free port; gives its address."""
    port = free_ports(1)[0]
    config = uvicorn.Config(
        create_app(settings), port=port, access_log=False, log_level="error", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(15)


@contextmanager
def run_service(folder: Path, platforms: Mapping[str, Platform]) -> Iterator[Service]:
    """The service with its settings pointed at the platforms: `bluesky`, and any number of Mastodon servers."""
    settings = Settings(
        data_dir=folder,
        net_allow_private=tuple(platform.name for platform in platforms.values()),
        net_calls_per_second=500,
        bluesky_url=platforms["bluesky"].url,
        mastodon_servers=tuple(platform.url for name, platform in platforms.items() if name != "bluesky"),
    )
    with serve(settings) as url:
        yield Service(url, platforms)


def index_accounts(picture: str) -> list[dict[str, Any]]:
    """Accounts for the index: clones, a namesake, a parody, the own account, and one that is hostile throughout."""
    stranger = encode_jpeg(draw_portrait("page stranger"))
    mirrored = encode_jpeg(ImageOps.mirror(PORTRAIT), 70)
    accounts: list[dict[str, Any]] = [
        {
            "handle": "adaezebrandvo1d",
            "display_name": "Adaeze Brandvоld",
            "avatar": as_photo(PHOTO),
            "account_id": "11",
        },
        {"handle": "chloewinters88", "display_name": "Chloe Winters", "avatar": as_photo(mirrored)},
        {"handle": "adaeze_brandvold", "display_name": NAME, "avatar": {"url": picture}},
        {"handle": "adaezebrandvoldd", "display_name": MARKUP, "bio": "B" * 9_000, "avatar": as_photo(PHOTO)},
        {"handle": "brand.adaeze.k", "display_name": NAME, "avatar": as_photo(stranger)},
        {"handle": "adaezeparody", "display_name": f"{NAME} (parody)", "avatar": as_photo(PHOTO)},
        {"handle": HANDLE, "display_name": NAME, "avatar": as_photo(PHOTO)},
    ]
    created = {"created_at": "2026-10-02T00:00:00Z", "followers": 12}
    return [{"platform": "x", **created, **account} for account in accounts]


@contextmanager
def run_world(folder: Path) -> Iterator[Service]:
    """A service with a filled index, a Bluesky with two clones, and a Mastodon server that is slow to answer."""
    pictures = {"/me.jpg": PHOTO, "/hostile.svg": SVG, "/mirrored.jpg": encode_jpeg(ImageOps.mirror(PORTRAIT), 70)}
    with run(Platform([], pictures)) as bluesky, run(Platform([])) as mastodon:
        at = bluesky.url
        bluesky.accounts += [
            actor(1, "adaezebrandvo1d.bsky.social", NAME, f"{at}/mirrored.jpg", "Message me about your prize."),
            actor(2, "adaezebrandv0ld.bsky.social", NAME, f"{at}/hostile.svg", MARKUP + "A long story. " * 7_000),
        ]
        with run_service(folder, {"bluesky": bluesky, "mastodon": mastodon}) as service:
            answer = httpx2.post(f"{service.url}/v1/accounts", json=index_accounts(f"{at}/me.jpg"), trust_env=False)
            assert answer.json()["rejected"] == 0, answer.text
            yield service


def actor(number: int, handle: str, name: str, picture: str, bio: str) -> dict[str, Any]:
    """A profile as Bluesky's search gives it."""
    shown = {"did": DID.format("bcdefghi"[number]), "handle": handle, "displayName": name, "description": bio}
    return {**shown, "avatar": picture, "createdAt": "2026-10-01T00:00:00Z"}


def keep_photo(folder: Path) -> Path:
    """The person's photo as a file to choose."""
    path = folder / "me.jpg"
    path.write_bytes(PHOTO)
    return path


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page among the artefacts of the run."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def read_shot(name: str) -> Image.Image:
    """A picture that was kept."""
    return Image.open(SHOTS / f"{name}.png")
