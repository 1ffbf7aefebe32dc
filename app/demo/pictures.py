"""Pictures of made-up accounts, drawn by a pool of processes as they are needed."""

from __future__ import annotations

import base64
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Literal

from PIL import Image

from app.demo.default_avatars import draw_default_avatar
from app.demo.population import WireAccount
from app.demo.portraits import draw_portrait, encode_jpeg

Kind = Literal["portrait", "default"]
_BATCH = 400
# Below this many accounts starting processes takes longer than drawing.
_WORTH_A_POOL = 300


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture still to be drawn: what it is and from which seed."""

    kind: Kind
    seed: str
    initials: str = ""

    def draw(self) -> Image.Image:
        """Draw it."""
        if self.kind == "portrait":
            return draw_portrait(self.seed)
        return draw_default_avatar(self.seed, self.initials)


Draft = tuple[WireAccount, Drawing | None]


def to_base64(picture: Image.Image | bytes) -> str:
    """Encode a picture for the wire, as JPEG unless it is encoded already."""
    data = picture if isinstance(picture, bytes) else encode_jpeg(picture)
    return base64.b64encode(data).decode("ascii")


def wear(account: WireAccount, picture: Image.Image | bytes) -> WireAccount:
    """Give an account a picture."""
    return {**account, "avatar": {"base64": to_base64(picture)}}


def finish(draft: Draft) -> WireAccount:
    """Draw the picture of a drafted account and put it in."""
    account, drawing = draft
    return account if drawing is None else wear(account, drawing.draw())


def finish_all(drafts: Iterable[Draft], workers: int | None = None) -> Iterator[WireAccount]:
    """Draw the pictures of many accounts, in order; on several processors when there are enough of them."""
    remaining = iter(drafts)
    first = list(islice(remaining, _WORTH_A_POOL))
    if len(first) < _WORTH_A_POOL:
        yield from map(finish, first)
        return
    # Spawned, not forked: the caller may run threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count() or 1, mp_context=context) as pool:
        draw = partial(pool.map, finish, chunksize=20)
        yield from _run_ahead(draw, first, remaining)


def _run_ahead(
    draw: Callable[[list[Draft]], Iterator[WireAccount]], first: list[Draft], remaining: Iterator[Draft]
) -> Iterator[WireAccount]:
    # The next batch is being drawn while the caller works on this one.
    drawing = draw(first)
    while batch := list(islice(remaining, _BATCH)):
        following = draw(batch)
        yield from drawing
        drawing = following
    yield from drawing
