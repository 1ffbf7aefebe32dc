"""Spreading the tables over a Citus cluster, by Citus' own functions.

A table says in its `info` how it lies (`app.storage.base`); one that says nothing stays on the coordinator. Written
after the documentation of Citus 13 (docs.citusdata.com: create_distributed_table, create_reference_table, "SQL support
and workarounds").
"""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, Table, text

from app.storage.base import DISTRIBUTED_BY, REFERENCE
from app.storage.database import Database
from app.storage.engines import UNBOUNDED

_LAID_OUT = text("SELECT logicalrelid::regclass::text FROM pg_dist_partition")
_DISTRIBUTE = text("SELECT create_distributed_table(:name, :column, colocate_with => :beside)")
_REFER = text("SELECT create_reference_table(:name)")
_UNIQUE_ELSEWHERE = text(
    """
    SELECT found.relname AS name, pg_get_indexdef(found.oid) AS definition, constraints.conname AS "constraint"
    FROM pg_index JOIN pg_class AS found ON found.oid = pg_index.indexrelid
    LEFT JOIN pg_constraint AS constraints ON constraints.conindid = found.oid AND constraints.contype IN ('p', 'u')
    JOIN pg_attribute AS cut ON cut.attrelid = pg_index.indrelid AND cut.attname = :column
    WHERE pg_index.indrelid = CAST(:name AS regclass) AND pg_index.indisunique
      AND NOT cut.attnum = ANY (pg_index.indkey)
    """
)


def distribute(database: Database, metadata: MetaData) -> None:
    """Spread those tables that are not spread yet; rows that they hold move along.

    Each in a transaction of its own: Citus bars some sequences of parallel work within one.
    """
    with database.engine.connect() as connection:
        laid_out = set(connection.scalars(_LAID_OUT))
    cut = [table for table in metadata.sorted_tables if DISTRIBUTED_BY in table.info]
    for table in metadata.sorted_tables:
        if table.name in laid_out:
            continue
        with database.engine.execution_options(**{UNBOUNDED: True}).begin() as connection:
            if table.info.get(REFERENCE):
                connection.execute(_REFER, {"name": table.name})
            elif table in cut:
                loosen(connection, table)
                values = {"name": table.name, "column": table.info[DISTRIBUTED_BY]}
                beside = "default" if table is cut[0] else cut[0].name
                connection.execute(_DISTRIBUTE, {**values, "beside": beside})


def loosen(connection: Connection, table: Table) -> None:
    """Make plain those unique indexes that lack the column by which the table is cut: Citus allows no others.

    What they held holds all the same, since every writer has the lock on its corpus and looks before it writes.
    """
    values = {"name": table.name, "column": table.info[DISTRIBUTED_BY]}
    quote = connection.dialect.identifier_preparer.quote
    for index in connection.execute(_UNIQUE_ELSEWHERE, values).all():
        if index.constraint is not None:
            connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} DROP CONSTRAINT {quote(index.constraint)}")
        else:
            connection.exec_driver_sql(f"DROP INDEX {quote(index.name)}")
        connection.exec_driver_sql(index.definition.replace("CREATE UNIQUE INDEX", "CREATE INDEX", 1))
