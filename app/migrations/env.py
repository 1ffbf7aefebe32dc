"""Runs migrations over the connection it is given; learns all tables from one list."""

from __future__ import annotations

from alembic import context

from app.migrations.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="storage.",
)
with context.begin_transaction():
    context.run_migrations()
