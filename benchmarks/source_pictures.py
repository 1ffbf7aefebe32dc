"""Profile pictures over loopback, through our own client: fetched, hashed, laid over the subject's photo."""

from __future__ import annotations

import asyncio
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from app.net.asking import Net
from app.net.budget import Budget, Ledger
from app.scans.intake import PhotoReader
from app.scans.pictures import PictureFetcher, Seen
from app.scans.pool import Entry, Pool
from app.scans.runner import PICTURE_THREADS, make_world
from app.settings import Settings
from app.sources.contract import Candidate, Picture
from benchmarks.people import Legislator, read_picture
from matchers.pixels import SAME_DETAILS
from matchers.profile import Account, Subject
from tests.servers.process import answers, free_ports, run_server

# Side in pixels and kind of what is served. Portraits are 320 pixels wide at most, and are made larger for this.
SERVED = ((400, "JPEG"), (1000, "WEBP"))


@dataclass(frozen=True, slots=True)
class Fetched:
    """Pictures of one kind: how many, of how many bytes on average, and the seconds of each run."""

    side: int
    kind: str
    pictures: int
    size: float
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Seconds of the run in the middle."""
        return statistics.median(self.seconds)


def measure_pictures(people: Sequence[Legislator], runs: int) -> Iterator[Fetched]:
    """Fetch everybody's portrait as a scan for the first of them does; raises `SystemExit` where one is missed."""
    for side, kind in SERVED:
        with tempfile.TemporaryDirectory(prefix="cc-pictures-") as folder:
            sizes = [_write(who.portrait, Path(folder) / f"{at}.img", side, kind) for at, who in enumerate(people)]
            with _serve(Path(folder)) as url:
                # The first run loads OpenCV and what else is loaded once.
                seconds = [_fetch(people, url) for _ in range(runs + 1)][1:]
        yield Fetched(side, kind, len(people), statistics.fmean(sizes), tuple(seconds))


def _write(portrait: Path, target: Path, side: int, kind: str) -> int:
    image = read_picture(portrait)
    scale = side / max(image.size)
    size = (round(image.width * scale), round(image.height * scale))
    out = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(out, kind, quality=85)
    return target.write_bytes(out.getvalue())


@contextmanager
def _serve(folder: Path) -> Iterator[str]:
    """A web server in a process of its own, which shares the processors with us."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--protocol", "HTTP/1.1", str(port)]
    command += ["--directory", str(folder)]
    with tempfile.TemporaryDirectory(prefix="cc-log-") as logs, run_server(command, Path(logs) / "log", answers(url)):
        yield url


def _fetch(people: Sequence[Legislator], url: str) -> float:
    settings = Settings(net_allow_private=(urlsplit(url).netloc,), avatars_per_scan=len(people))
    net, threads = Net.of(settings), ThreadPoolExecutor(PICTURE_THREADS)
    try:
        return asyncio.run(_fetch_all(people, url, settings, net, threads))
    finally:
        threads.shutdown()
        net.close()


async def _fetch_all(
    people: Sequence[Legislator], url: str, settings: Settings, net: Net, threads: ThreadPoolExecutor
) -> float:
    """Seconds from the first request to the last picture compared."""
    who = people[0]
    reader = PhotoReader(settings)
    subject = Subject(names=(who.name,), photos=(reader.hash_file(who.portrait.read_bytes(), "/photo"),))
    pool = Pool(subject, make_world(settings), {})
    # Everybody bears the name, so that every picture is worth fetching.
    entries = pool.add(
        Candidate(
            Account("mastodon", f"one{at}@a.example", display_name=who.name), "a", picture=Picture(f"{url}/{at}.img")
        )
        for at in range(len(people))
    )
    pool.judge(entries)
    fetcher = PictureFetcher(net, threads, settings, Ledger(Budget(4 * len(people), 120.0)), reader.pictures)
    seen: dict[str, Seen] = {}
    finished = asyncio.Event()

    def take(entry: Entry, found: Seen | None) -> None:
        if found is not None:
            seen[entry.candidate.account.handle or ""] = found
        if not fetcher.pending:
            finished.set()

    start = time.perf_counter()
    fetcher.send_for(entries, take)
    await finished.wait()
    seconds = time.perf_counter() - start
    same = [handle for handle, one in seen.items() if one.pixels and one.pixels.inliers >= SAME_DETAILS]
    if len(seen) != len(people) or same != ["one0@a.example"]:
        raise SystemExit(f"of {len(people)} pictures {len(seen)} came, and {same} show the subject")
    return seconds
