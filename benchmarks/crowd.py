"""The whole index of the end-to-end benchmark: planted accounts, other real people, strangers; each with a label."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from app.demo.corpus import draft_strangers
from app.demo.pictures import Draft, finish_all, wear
from app.demo.population import Registry, WireAccount, make_handle
from benchmarks.people import Legislator
from benchmarks.plants import Faces, Label, Labelled, Planter

TODAY = date(2026, 11, 1)
REAL_OTHER = "another real person"
STRANGER = "stranger"
_FACES_EACH = 8
_PLANTS_EACH = 18


@dataclass
class Crowd:
    """Who is scanned, and what the index holds. `labels` (by stable id) is complete once `accounts` has run out."""

    scanned: list[Legislator]
    others: list[Legislator]
    background: int
    seed: int
    labels: dict[str, Label] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many accounts there are."""
        return len(self.scanned) * _PLANTS_EACH + len(self.others) + self.background

    def accounts(self) -> Iterator[WireAccount]:
        """All accounts in the wire format, in one shuffled order."""
        labelled = list(self._draft())
        random.Random(f"order:{self.seed}").shuffle(labelled)
        self.labels = {draft[0]["account_id"]: label for draft, label in labelled}
        return finish_all(draft for draft, _ in labelled)

    def _draft(self) -> Iterator[Labelled]:
        registry = Registry()
        for who in (*self.scanned, *self.others):
            registry.reserve("x", who.handle)
        # The 2014 pictures of people who are not scanned are faces for namesakes and relatives.
        files = [who.older for who in self.others if who.older]
        planter = Planter(registry, Faces(files, len(self.scanned) * _FACES_EACH), TODAY, self.seed)
        for who in self.scanned:
            yield from planter.plant(who)
        rng = random.Random(f"others:{self.seed}")
        for who in self.others:
            handle = who.handle or registry.pick(rng, "x", partial(make_handle, rng, who.person, "x"))
            account = planter.describe(rng, "x", handle, who.name)
            yield (wear(account, who.portrait.read_bytes()), None), Label(REAL_OTHER, "real")
        for draft in draft_strangers(random.Random(f"strangers:{self.seed}"), self.background, registry, TODAY):
            yield draft, Label(STRANGER, _picture_of(draft))


def _picture_of(draft: Draft) -> str:
    if draft[1] is None:
        return "none"
    return "drawn" if draft[1].kind == "portrait" else "default"


def gather_crowd(people: list[Legislator], scanned: int, background: int, seed: int) -> Crowd:
    """Choose who is scanned: the first with a handle; everybody else has an account of his or her own."""
    able = [who for who in people if who.handle]
    chosen = able[:scanned]
    ids = {who.id for who in chosen}
    return Crowd(chosen, [who for who in people if who.id not in ids], background, seed)
