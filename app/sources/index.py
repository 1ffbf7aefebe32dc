"""The index of imported accounts as a source. Nothing leaves the machine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

from app.accounts import retrieval
from app.accounts.photo_hashes import PhotoHashes, State
from app.accounts.retrieval import find_candidates, load_candidates
from app.accounts.sweep import Sweep, Swept
from app.sources.contract import Candidate, Gathered, Plan, SourceInfo
from app.storage import Database

INDEX = "index"

_UNSEEN = "Heavily changed copies of the photo under other names were not looked for"
_WHY: dict[State, str] = {
    "being made": "the file of picture hashes is being made",
    "unusable": "the file of picture hashes cannot be used",
}


class IndexSource:
    """Accounts imported into this installation: retrieved by blocking keys, and by their pictures."""

    def __init__(
        self, database: Database, corpus: str, hashes: PhotoHashes | None = None, sweep_seconds: float = 5.0
    ) -> None:
        self._database = database
        self._corpus = corpus
        self._hashes = hashes
        self._sweep_seconds = sweep_seconds

    @property
    def info(self) -> SourceInfo:
        """Describe the source."""
        return SourceInfo(
            name=INDEX,
            title="Imported accounts",
            sees="Every account imported into this installation",
            cannot_see="Anything that was not imported",
            leaves_machine=False,
            verified="live_server",
        )

    async def gather(self, plan: Plan) -> Gathered:
        """Retrieve by keys and by pictures; `partial` where something had to be left out."""
        stop = threading.Event()
        try:
            return await asyncio.to_thread(self._retrieve, plan, stop)
        finally:
            stop.set()

    def _retrieve(self, plan: Plan, stop: threading.Event) -> Gathered:
        with self._database.read() as session:
            found = find_candidates(session, plan.subject, self._corpus, plan.limit)
        notes = []
        if found.left_out:
            notes.append(f"Some {found.left_out} further accounts share much of a name or handle and were not compared")
        swept, note = self._sweep(plan, stop)
        notes += [note] if note else []
        known = {candidate.row_id for candidate in found.candidates}
        with self._database.read() as session:
            further = load_candidates(session, [row for row in swept if row not in known], self._corpus)
        candidates = _wrap([*found.candidates, *further])
        return Gathered("partial", candidates, ". ".join(notes)) if notes else Gathered("ok", candidates)

    def _sweep(self, plan: Plan, stop: threading.Event) -> tuple[list[int], str | None]:
        """The accounts whose pictures are near the subject's, and what could not be compared."""
        sweep = Sweep(plan.subject.photos, plan.limit, stop)
        if not sweep.has_photos:
            return [], None
        if self._hashes is None:
            return [], f"{_UNSEEN}: no file of picture hashes is kept here (CLONECHECK_SWEEP)"
        blocks, state = self._hashes.read()
        if not blocks and state in _WHY:
            why = _WHY[state]
            return [], f"{_UNSEEN}: {why}"
        swept = sweep.run(blocks, min(self._sweep_seconds, plan.budget.seconds))
        return [near.row_id for near in swept.found], _describe(swept, state)


def _wrap(candidates: Iterable[retrieval.Candidate]) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(account=c.account, source=INDEX, observed_at=c.observed_at, row_id=c.row_id) for c in candidates
    )


def _describe(swept: Swept, state: State) -> str | None:
    if swept.compared < swept.total:
        left = swept.total - swept.compared
        return f"The pictures of {left:,} accounts were not compared with the photo, since the time was over"
    if swept.left_out:
        return f"{swept.left_out} further accounts wear nearly the same photo and were not compared"
    if state != "ready":
        return "The pictures of the accounts that came last were not yet compared with the photo"
    return None
