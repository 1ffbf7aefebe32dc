"""All sources of this installation, by name: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from app.settings import Settings
from app.sources.contract import Source
from app.sources.index import IndexSource
from app.storage import Database


def build_sources(settings: Settings, database: Database) -> Mapping[str, Source]:
    """Make every source; what a source needs is passed in here."""
    sources: tuple[Source, ...] = (IndexSource(database, settings.corpus),)
    return {source.info.name: source for source in sources}
