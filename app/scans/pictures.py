"""Profile pictures of promising candidates: fetched, hashed, laid over the subject's, dropped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from PIL import Image

from app.net.asking import Net
from app.net.budget import Ledger
from app.net.errors import NetError
from app.photos.hashing import account_photo
from app.photos.intake import PhotoRejectedError, decode
from app.problems import describe_fault
from app.scans.pool import Entry
from app.settings import Settings
from app.sources.contract import Picture
from matchers.pixels import PixelMatch
from matchers.profile import Photo

if TYPE_CHECKING:
    from app.photos.keypoints import Pixels

log = logging.getLogger("clonecheck.scans")

# Evidence in bits, without a picture, from which on an account is worth fetching its picture.
WORTH_BITS = 4.0

Done = Callable[[Entry, "Seen | None"], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of a picture: its hashes, and how many of its details are those of the subject's photo."""

    photo: Photo
    pixels: PixelMatch | None = None


class PictureFetcher:
    """Fetches pictures for one scan, the promising first, a bounded number.

    `references` are small grey copies of the subject's photos; none after a restart, which hashes alone survive.
    """

    def __init__(
        self,
        net: Net,
        threads: ThreadPoolExecutor,
        settings: Settings,
        ledger: Ledger,
        references: Sequence[Image.Image] = (),
    ) -> None:
        self._references = References(references)
        self._ask = net.asker(ledger)
        self._threads = threads
        self._settings = settings
        self._left = settings.avatars_per_scan
        self.pending = 0
        self.failed: dict[str, int] = {}
        self.left_out: dict[str, int] = {}

    def send_for(self, entries: list[Entry], done: Done) -> None:
        """Start fetching the pictures of entries that deserve it; `done` is called on the event loop."""
        worth = [entry for entry in entries if _is_worth_it(entry)]
        worth.sort(key=lambda entry: -(entry.judged.comparison.bits if entry.judged else 0.0))
        for entry in worth:
            if self._left <= 0:
                _count(self.left_out, entry)
                continue
            self._left -= 1
            entry.asked_picture = True
            self.pending += 1
            task = asyncio.get_running_loop().run_in_executor(self._threads, self._fetch, entry.candidate.picture)
            task.add_done_callback(partial(self._settle, entry, done))

    def _settle(self, entry: Entry, done: Done, future: asyncio.Future[Seen | None]) -> None:
        self.pending -= 1
        seen = None if future.cancelled() else future.result()
        if seen is None:
            _count(self.failed, entry)
        done(entry, seen)

    def _fetch(self, picture: Picture | None) -> Seen | None:
        """Fetch, hash and compare one picture; None where that fails, whatever the reason. Runs in a thread."""
        if picture is None:
            return None
        try:
            reply = self._ask.fetch_picture(picture.url, picture.headers, self._settings.max_photo_bytes)
            image = decode(reply.expect().content, self._settings)
            return Seen(account_photo(image), self._references.lay_over(image))
        except (NetError, PhotoRejectedError):
            return None
        except Exception as fault:  # noqa: BLE001  # one strange picture must not end the scan
            log.error("picture failed: %s", describe_fault(fault))
            return None


class References:
    """The subject's photos, ready to be laid over others; their key points are found on first use."""

    def __init__(self, images: Sequence[Image.Image]) -> None:
        self._images = images
        self._lock = Lock()
        self._points: list[Pixels] | None = None

    def lay_over(self, image: Image.Image) -> PixelMatch | None:
        """The best match of any of the photos; None without photos."""
        if not self._images:
            return None
        # Loaded on first use: OpenCV is large, and most scans have no pixels.
        from app.photos.keypoints import make_pixels, verify_best  # noqa: PLC0415

        with self._lock:
            if self._points is None:
                self._points = [make_pixels(one, mirror=True) for one in self._images]
        return verify_best(self._points, make_pixels(image))


def _is_worth_it(entry: Entry) -> bool:
    candidate = entry.candidate
    # A picture whose hashes the index has may have been changed since, and hashes alone give no pixels.
    if entry.asked_picture or candidate.picture is None:
        return False
    return entry.judged is not None and entry.judged.comparison.bits >= WORTH_BITS


def _count(tally: dict[str, int], entry: Entry) -> None:
    source = entry.candidate.source
    tally[source] = tally.get(source, 0) + 1
