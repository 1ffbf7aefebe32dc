"""All filing channels by name. A new one is a file here and a line below, and `filing:` in the catalogue's file."""

from __future__ import annotations

from collections.abc import Mapping

from app.reports.filing import bluesky, mastodon, matrix, misskey, peertube, pixelfed
from app.reports.filing.contract import Filer
from app.settings import Settings

_MODULES = (bluesky, mastodon, misskey, matrix, pixelfed, peertube)


def connect_all(settings: Settings) -> Mapping[str, Filer]:
    """The channels under the operator's settings."""
    filers: list[Filer] = [module.connect(settings) for module in _MODULES]
    return {filer.info.name: filer for filer in filers}
