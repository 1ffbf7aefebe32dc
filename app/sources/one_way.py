"""The half of a connector that a platform does not offer. It is not called; `SourceInfo` says so."""

from __future__ import annotations

from collections.abc import Sequence

from app.sources.contract import Answer, Asker


class LookupOnly:
    """For platforms that answer to exact user names only."""

    def search(self, name: str, ask: Asker, cursor: str | None = None) -> Answer:
        """Nothing: nobody may search for people there."""
        del name, ask, cursor
        return Answer(status="skipped", detail="The platform lets nobody search for people by program")


class SearchOnly:
    """For services that search, and know no user names."""

    def lookup(self, handles: Sequence[str], ask: Asker) -> Answer:
        """Nothing: there is no asking for a user name there."""
        del handles, ask
        return Answer(status="skipped", detail="The service cannot be asked for a user name")
