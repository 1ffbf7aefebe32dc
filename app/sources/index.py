"""The index of imported accounts as a source. Nothing leaves the machine."""

from __future__ import annotations

import asyncio

from app.accounts.retrieval import find_candidates
from app.sources.contract import Candidate, Gathered, Plan, SourceInfo
from app.storage import Database

INDEX = "index"


class IndexSource:
    """Accounts imported into this installation, retrieved by blocking keys."""

    def __init__(self, database: Database, corpus: str) -> None:
        self._database = database
        self._corpus = corpus

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
        """Retrieve by keys; `partial` where very common keys had to be left out."""
        return await asyncio.to_thread(self._retrieve, plan)

    def _retrieve(self, plan: Plan) -> Gathered:
        with self._database.read() as session:
            found = find_candidates(session, plan.subject, self._corpus, plan.limit)
        candidates = tuple(
            Candidate(account=c.account, source=INDEX, observed_at=c.observed_at, row_id=c.row_id)
            for c in found.candidates
        )
        if found.left_out:
            detail = f"{found.left_out} further accounts share only very common features and were not compared"
            return Gathered("partial", candidates, detail)
        return Gathered("ok", candidates)
