"""What is stored of the protected people: their text and the hashes of their photos, and their blocking keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import LOCAL_TENANT
from app.storage import Base, IntPk, Timestamp, new_id, utc_now
from app.storage.base import DISTRIBUTED_BY, REFERENCE

Json = dict[str, Any]


class SubjectRow(Base):
    """One person who may have been cloned.

    Two people may share a name, so that nothing but the whole content, as a digest, says that two subjects are one:
    importing a file twice stores it once.
    """

    __tablename__ = "subjects"
    __table_args__ = (
        Index("uq_subjects_content_key", "tenant_id", "corpus", "content_key", unique=True),
        Index("ix_subjects_listed", "tenant_id", "corpus", "id"),
        {"info": {DISTRIBUTED_BY: "id"}},
    )

    id: Mapped[IntPk]
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(String(64), default=LOCAL_TENANT)
    corpus: Mapped[str] = mapped_column(String(64))
    content_key: Mapped[str] = mapped_column(String(64))
    names: Mapped[list[str]] = mapped_column(JSON)
    handles: Mapped[list[Json]] = mapped_column(JSON)
    bio: Mapped[str | None] = mapped_column(Text)
    links: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    own_accounts: Mapped[list[Json]] = mapped_column(JSON)
    absent_from: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
    key_version: Mapped[int] = mapped_column(Integer)


class SubjectPhotoRow(Base):
    """The hashes of one photo of a subject; never the picture. `stored` are those that its keys are made of."""

    __tablename__ = "subject_photos"
    __table_args__ = ({"info": {DISTRIBUTED_BY: "subject"}},)

    subject: Mapped[int] = mapped_column(ForeignKey("subjects.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16))
    gate: Mapped[float] = mapped_column(Float)
    side: Mapped[int | None] = mapped_column(Integer)
    phash: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    pdq: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    pdq_quality: Mapped[int | None] = mapped_column(Integer)
    views: Mapped[bytes] = mapped_column(LargeBinary)
    stored: Mapped[bytes] = mapped_column(LargeBinary)
    probes: Mapped[bytes] = mapped_column(LargeBinary)


class SubjectKeyRow(Base):
    """A blocking key and a subject that has it, as `app.accounts.models.AccountKeyRow` for accounts."""

    __tablename__ = "subject_keys"
    __table_args__ = ({"sqlite_with_rowid": False, "info": {DISTRIBUTED_BY: "subject"}},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subject: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, index=True)


class SubjectKeyCountRow(Base):
    """How many subjects share a key, for common keys only, as `app.accounts.models.KeyCountRow`."""

    __tablename__ = "subject_key_counts"
    __table_args__ = ({"sqlite_with_rowid": False, "info": {REFERENCE: True}},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subjects: Mapped[int] = mapped_column(BigInteger)
