"""What is stored of accounts: their public text and hashes, their blocking keys, and who must not come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.storage import Base, IntPk, Timestamp, new_id, utc_now
from app.storage.base import DISTRIBUTED_BY, REFERENCE

LOCAL_TENANT = "local"
Json = dict[str, Any]


def _unique_where(name: str, column: str, condition: str) -> Index:
    """A unique index over the rows that have `column`; SQLite and PostgreSQL both know partial indexes."""
    where = text(condition)
    return Index(
        name, "tenant_id", "corpus", "platform", column, unique=True, sqlite_where=where, postgresql_where=where
    )


class AccountRow(Base):
    """One account. NULL means unknown.

    `key_version` says which version of the code made its blocking keys, `key_count` how many are stored: they are made
    again from the row when it changes or goes, and the number tells whether those were all.

    It is the same account when the platform's stable id is the same, else when the handle is; one known by neither is
    told apart by a digest of its name, address and picture, so that importing it twice stores it once.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        _unique_where("uq_accounts_account_id", "account_id", "account_id IS NOT NULL"),
        _unique_where("uq_accounts_handle_key", "handle_key", "handle_key IS NOT NULL"),
        _unique_where("uq_accounts_appearance_key", "appearance_key", "appearance_key IS NOT NULL"),
        Index(
            "ix_accounts_expires_at",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
        # Whether any keys are outdated is asked at every start, where reading all accounts would take long.
        Index("ix_accounts_key_version", "key_version"),
        {"info": {DISTRIBUTED_BY: "id"}},
    )

    id: Mapped[IntPk]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(String(64), default=LOCAL_TENANT)
    corpus: Mapped[str] = mapped_column(String(64))
    platform: Mapped[str] = mapped_column(String(64))
    handle: Mapped[str | None] = mapped_column(String(512))
    handle_key: Mapped[str | None] = mapped_column(String(1024))
    account_id: Mapped[str | None] = mapped_column(String(512))
    appearance_key: Mapped[str | None] = mapped_column(String(64))
    display_name: Mapped[str | None] = mapped_column(Text)
    bio: Mapped[str | None] = mapped_column(Text)
    profile_url: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime | None] = mapped_column(Timestamp)
    followers: Mapped[int | None] = mapped_column(BigInteger)
    following: Mapped[int | None] = mapped_column(BigInteger)
    posts: Mapped[int | None] = mapped_column(BigInteger)
    verified: Mapped[bool | None] = mapped_column(Boolean)
    verified_kind: Mapped[str | None] = mapped_column(String(64))
    protected: Mapped[bool | None] = mapped_column(Boolean)
    bot: Mapped[bool | None] = mapped_column(Boolean)
    labels: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    links: Mapped[list[Json] | None] = mapped_column(JSON(none_as_null=True))
    avatar_scheme: Mapped[str | None] = mapped_column(String(16))
    avatar_views: Mapped[bytes | None] = mapped_column(LargeBinary)
    avatar_gate: Mapped[float | None] = mapped_column(Float)
    avatar_side: Mapped[int | None] = mapped_column(Integer)
    avatar_phash: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    avatar_pdq: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    avatar_url: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(64), default="import")
    observed_at: Mapped[datetime] = mapped_column(Timestamp)
    inserted_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)
    key_version: Mapped[int] = mapped_column(Integer)
    key_count: Mapped[int | None] = mapped_column(Integer)


class AccountKeyRow(Base):
    """A blocking key and an account that has it. The tenant and corpus are part of what the key hashes.

    There is no foreign key: one lookup of the parent for each of some thirty keys an account would dominate the
    import, and every removal goes through `app.accounts.key_store`. Nor an index by account: it would be as large as
    the table, and the keys of an account can be made again from its row (`app.accounts.stored_keys`).
    """

    __tablename__ = "account_keys"
    __table_args__ = (
        # Clustered by key, so that reading a posting list is one walk along neighbouring pages.
        # Elsewhere the primary key's index holds all there is, so that a list is read from it alone.
        {"sqlite_with_rowid": False, "info": {DISTRIBUTED_BY: "account"}},
    )

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class KeyCountRow(Base):
    """How many accounts share a key, for common keys only.

    A key that is missing here is held by at most `app.accounts.key_store.COMMON` accounts. Almost all keys are, so the
    table stays small and a query knows from it, before it reads any posting list, how much there is to read.
    """

    __tablename__ = "key_counts"
    __table_args__ = ({"sqlite_with_rowid": False, "info": {REFERENCE: True}},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    accounts: Mapped[int] = mapped_column(BigInteger)


class CorpusRow(Base):
    """A set of accounts and of subjects: how many there are, and the secret under which erased accounts are known."""

    __tablename__ = "corpora"
    __table_args__ = ({"info": {REFERENCE: True}},)

    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    corpus: Mapped[str] = mapped_column(String(64), primary_key=True)
    accounts: Mapped[int] = mapped_column(BigInteger, default=0)
    subjects: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))


class SuppressionRow(Base):
    """An erased account, as a keyed hash of its identity: it can be recognised, and not be read back."""

    __tablename__ = "suppressions"
    __table_args__ = ({"info": {REFERENCE: True}},)

    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    corpus: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)


class ImportRow(Base):
    """How far the import of a file has come; written with each batch, removed when the file is done."""

    __tablename__ = "imports"

    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    corpus: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    records: Mapped[int] = mapped_column(BigInteger)
    result: Mapped[Json] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)


class AvatarChangeRow(Base):
    """Accounts whose picture hashes came, changed or went: what a file of hashes beside the database follows.

    Written in the transaction of the change, under the lock of the corpus, so that the ids of a corpus rise in the
    order of the commits. `token` tells two databases apart that gave the same id. `accounts` are row ids alone, 8 bytes
    each, little-endian.
    """

    __tablename__ = "avatar_changes"
    __table_args__ = (Index("ix_avatar_changes_corpus", "tenant_id", "corpus", "id"),)

    id: Mapped[IntPk]
    tenant_id: Mapped[str] = mapped_column(String(64))
    corpus: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(String(32), default=new_id)
    accounts: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
