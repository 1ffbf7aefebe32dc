"""Profile pictures of promising candidates: fetched, hashed, dropped. Only hashes leave this file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from app.net.asking import Net
from app.net.budget import Ledger
from app.net.errors import NetError
from app.photos.hashing import account_photo
from app.photos.intake import PhotoRejectedError, decode
from app.problems import describe_fault
from app.scans.pool import Entry
from app.settings import Settings
from app.sources.contract import Picture
from matchers.profile import Photo

log = logging.getLogger("clonecheck.scans")

# Evidence in bits, without a picture, from which on an account is worth fetching its picture.
WORTH_BITS = 4.0


class PictureFetcher:
    """Fetches pictures for one scan, the promising first, a bounded number."""

    def __init__(self, net: Net, threads: ThreadPoolExecutor, settings: Settings, ledger: Ledger) -> None:
        self._ask = net.asker(ledger)
        self._threads = threads
        self._settings = settings
        self._left = settings.avatars_per_scan
        self.pending = 0
        self.failed: dict[str, int] = {}
        self.left_out: dict[str, int] = {}

    def send_for(self, entries: list[Entry], done: Callable[[Entry, Photo | None], None]) -> None:
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

    def _settle(
        self, entry: Entry, done: Callable[[Entry, Photo | None], None], future: asyncio.Future[Photo | None]
    ) -> None:
        self.pending -= 1
        photo = None if future.cancelled() else future.result()
        if photo is None:
            _count(self.failed, entry)
        done(entry, photo)

    def _fetch(self, picture: Picture | None) -> Photo | None:
        """Fetch and hash one picture; None where that fails, whatever the reason. Runs in a thread."""
        if picture is None:
            return None
        try:
            reply = self._ask.fetch_picture(picture.url, picture.headers, self._settings.max_photo_bytes)
            return account_photo(decode(reply.expect().content, self._settings))
        except (NetError, PhotoRejectedError):
            return None
        except Exception as fault:  # noqa: BLE001  # one strange picture must not end the scan
            log.error("picture failed: %s", describe_fault(fault))
            return None


def _is_worth_it(entry: Entry) -> bool:
    candidate = entry.candidate
    if entry.asked_picture or candidate.picture is None or candidate.account.avatar is not None:
        return False
    return entry.judged is not None and entry.judged.comparison.bits >= WORTH_BITS


def _count(tally: dict[str, int], entry: Entry) -> None:
    source = entry.candidate.source
    tally[source] = tally.get(source, 0) + 1
