"""What several commands have in common: their options, and the database that they open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.settings import Settings

if TYPE_CHECKING:
    from app.storage import Database

Name = Annotated[str | None, typer.Option(help="The name as it is shown on the profile.")]
HandleOption = Annotated[str | None, typer.Option(help="The user name, or the address of the profile.")]
PlatformOption = Annotated[str | None, typer.Option(help="The platform the handle is used on, as in `x`.")]
PhotoOption = Annotated[
    Path | None, typer.Option(help="The profile photo: a JPEG, PNG, WebP or GIF file.", exists=True, dir_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON as the HTTP API answers it.")]


@contextmanager
def open_index() -> Iterator[tuple[Database, Settings]]:
    """The database of the settings in force, migrated; closed at the end."""
    from app.scans.offline import open_database  # noqa: PLC0415  # keeps `--help` quick

    settings = Settings()
    database = open_database(settings)
    try:
        yield database, settings
    finally:
        database.dispose()
