"""decisions, reports and idempotency keys belong to a corpus

Revision: 0008
Follows: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("decisions", "reports", "idempotency_keys")
_UNIQUE = {
    "decisions": ("uq_decisions_subject_account", ["subject_key", "platform", "account_ref"]),
    "reports": ("uq_reports_suspect", ["subject_key", "platform", "account_ref", "channel"]),
}
# The scan that a row came from tells the corpus. Where it has gone: the tenant's first corpus, which for nearly all
# is the only one.
_SCAN = {
    "decisions": "scans.tenant_id = decisions.tenant_id AND scans.subject_key = decisions.subject_key",
    "reports": "scans.id = reports.scan_id",
    "idempotency_keys": "scans.id = idempotency_keys.scan_id",
}
_KEY = "pk_idempotency_keys"


def upgrade() -> None:
    # In place, not by batch: SQLite would make the table anew, and dropping the old one drops the steps of reports too.
    for table in _TABLES:
        op.add_column(table, sa.Column("corpus", sa.String(length=64), nullable=False, server_default="default"))
        op.execute(
            f"UPDATE {table} SET corpus = coalesce("  # noqa: S608  # names of tables from above
            f"(SELECT min(scans.corpus) FROM scans WHERE {_SCAN[table]}), "
            f"(SELECT min(corpora.corpus) FROM corpora WHERE corpora.tenant_id = {table}.tenant_id), 'default')"
        )
    for table, (name, columns) in _UNIQUE.items():
        op.drop_index(name, table)
        op.create_index(name, table, ["tenant_id", "corpus", *columns], unique=True)
    _change_key(["tenant_id", "corpus", "key"])


def _change_key(columns: list[str]) -> None:
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_constraint(_KEY, type_="primary")
        batch_op.create_primary_key(_KEY, columns)


def downgrade() -> None:
    # What two corpora say of one thing does not fit any more: the first stays.
    for table, (_, columns) in {**_UNIQUE, "idempotency_keys": (_KEY, ["key"])}.items():
        own = "id" if table in _UNIQUE else "corpus"
        same = " AND ".join(f"other.{column} = {table}.{column}" for column in ("tenant_id", *columns))
        op.execute(
            f"DELETE FROM {table} WHERE EXISTS ("  # noqa: S608
            f"SELECT 1 FROM {table} AS other WHERE {same} AND other.{own} < {table}.{own})"
        )
    _change_key(["tenant_id", "key"])
    for table, (name, columns) in _UNIQUE.items():
        op.drop_index(name, table)
        op.create_index(name, table, ["tenant_id", *columns], unique=True)
    for table in _TABLES:
        op.drop_column(table, "corpus")
