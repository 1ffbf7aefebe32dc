"""PostgreSQL's COPY, as the driver has it: many rows in one statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def copy_rows(connection: Connection, statement: str) -> Iterator[Any]:
    """The driver's own COPY, in the connection's transaction; its errors become SQLAlchemy's, as of any statement."""
    failure = connection.dialect.loaded_dbapi.Error
    cursor = connection.connection.cursor()
    try:
        with cast("Any", cursor).copy(statement) as copy:
            yield copy
    except failure as fault:
        raise DBAPIError.instance(statement, None, fault, failure, hide_parameters=True) from fault
    finally:
        cursor.close()
