"""Engine, base and sessions only; tables live with their features."""

from app.storage.base import Base, IntPk, Timestamp, new_id, utc_now
from app.storage.database import Database, announce
from app.storage.engines import find_sqlite_file

__all__ = ["Base", "Database", "IntPk", "Timestamp", "announce", "find_sqlite_file", "new_id", "utc_now"]
