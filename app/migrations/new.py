"""Writes a migration from the difference between the tables and the newest migration: `make migration name="..."`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from app.storage import Database
from app.storage.migrate import head_revision, make_config, upgrade


def write_migration(message: str) -> None:
    """Write the next numbered migration file; read it before committing it."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'empty.db'}")
        upgrade(database)
        number = f"{int(head_revision() or 0) + 1:04d}"
        with database.engine.connect() as connection:
            command.revision(make_config(connection), message=message, autogenerate=True, rev_id=number)
        database.dispose()


if __name__ == "__main__":
    write_migration(sys.argv[1])
