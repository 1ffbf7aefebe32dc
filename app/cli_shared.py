"""What the commands share: options, the database in force, a photo as a field, JSON on the output."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app.settings import Settings
    from app.storage import Database

Name = Annotated[str | None, typer.Option(help="The name as it is shown on the profile.")]
HandleOption = Annotated[str | None, typer.Option(help="The user name, or the address of the profile.")]
PlatformOption = Annotated[str | None, typer.Option(help="The platform the handle is used on, as in `x`.")]
PhotoOption = Annotated[
    Path | None, typer.Option(help="The profile photo: a JPEG, PNG, WebP or GIF file.", exists=True, dir_okay=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON as the HTTP API answers it.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Do not tell how far it has come; --json does not either.")]


def read_settings() -> Settings:
    """The settings in force; raises `ValidationError` for one that is not valid."""
    from app.settings import Settings  # noqa: PLC0415  # keeps `--help` quick

    return Settings()


@contextmanager
def open_index() -> Iterator[tuple[Database, Settings]]:
    """The database in force, migrated, and the settings; closed again at the end of the block."""
    from app.scans.offline import open_database  # noqa: PLC0415  # keeps `--help` quick

    settings = read_settings()
    database = open_database(settings)
    try:
        yield database, settings
    finally:
        database.dispose()


def read_photo(path: Path | None) -> dict[str, str] | None:
    """The content of a picture file as the HTTP API takes it; None for no file."""
    return {"base64": base64.b64encode(path.read_bytes()).decode()} if path else None


def subject_fields(name: str | None, handle: str | None, platform: str | None, photo: Path | None) -> dict[str, Any]:
    """What was given of a subject, as the HTTP API takes it."""
    given = {"name": name, "handle": handle, "platform": platform, "photo": read_photo(photo)}
    return {key: value for key, value in given.items() if value is not None}


def print_json(value: Any) -> None:
    """Print a value as JSON for people: indented, letters as they are."""
    sys.stdout.write(write_json(value, indent=2) + "\n")


def write_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON; what moves the cursor, turns the direction of writing or hides is escaped, letters are not."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return "".join(char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text)
