"""What an engine says of its own files: whether they are whole, and how large they are."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.storage.base import Base
from app.storage.database import Database
from app.storage.engines import UNBOUNDED

_AMCHECK = text("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'")
_CHECK_INDEXES = text(
    """
    SELECT bt_index_check(index => pg_class.oid) FROM pg_class
    JOIN pg_am ON pg_am.oid = pg_class.relam JOIN pg_index ON pg_index.indexrelid = pg_class.oid
    JOIN pg_class AS held ON held.oid = pg_index.indrelid
    WHERE pg_am.amname = 'btree' AND held.relname = ANY (:names) AND pg_index.indisvalid
    """
)
_SQLITE_BYTES = text("SELECT name, sum(pgsize) FROM dbstat WHERE aggregate = FALSE GROUP BY name")
_INDEXED = text("SELECT name, tbl_name FROM sqlite_schema WHERE rootpage > 0")


def check_engine(database: Database, *, everything: bool) -> list[str]:
    """Let the engine check its files; returns what it finds, empty for nothing.

    On SQLite a quick check, or the whole one; on PostgreSQL the indexes by amcheck where that is installed. Raises
    `SQLAlchemyError` where a fault stops the check itself.
    """
    with database.engine.connect().execution_options(**{UNBOUNDED: True}) as connection:
        if database.is_sqlite:
            pragma = "integrity_check" if everything else "quick_check"
            found = connection.exec_driver_sql(f"PRAGMA {pragma}(20)").scalars().all()
            # SQLite's sentences name tables and pages, never what is stored.
            return [] if list(found) == ["ok"] else [f"SQLite: {line}" for line in found]
        if connection.scalar(_AMCHECK):
            connection.execute(_CHECK_INDEXES, {"names": list(Base.metadata.tables)})
        else:
            for table in Base.metadata.sorted_tables:
                connection.execute(text(f'SELECT count(*) FROM "{table.name}"'))  # noqa: S608 - names of our tables
    return []


def measure_tables(database: Database) -> dict[str, int]:
    """The bytes of each table with its indexes."""
    with database.engine.connect().execution_options(**{UNBOUNDED: True}) as connection:
        if database.is_sqlite:
            return _measure_sqlite(connection)
        size = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
        return {name: connection.scalar(size, {"name": name}) or 0 for name in sorted(Base.metadata.tables)}


def _measure_sqlite(connection: Connection) -> dict[str, int]:
    tables = {row[0]: row[1] for row in connection.execute(_INDEXED)}
    sizes: dict[str, int] = {}
    for name, size in connection.execute(_SQLITE_BYTES):
        table = tables.get(name, name)
        sizes[table] = sizes.get(table, 0) + size
    return dict(sorted(sizes.items()))
