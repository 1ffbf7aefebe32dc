"""What is stored of a scan: the subject as text and hashes, what was found, and what a human said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.storage import Base, Timestamp, new_id, utc_now

Json = dict[str, Any]


class ScanRow(Base):
    """One scan. `request` holds the subject with hashes in place of pictures, and the options."""

    __tablename__ = "scans"
    __table_args__ = (
        Index("ix_scans_tenant_created", "tenant_id", "created_at", "id"),
        Index("ix_scans_expires_at", "expires_at"),
        Index("ix_scans_status", "status"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(String(64), default="local")
    corpus: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
    model: Mapped[str] = mapped_column(String(32))
    cost: Mapped[float] = mapped_column(Float, default=0.0)
    request: Mapped[Json] = mapped_column(JSON)
    subject_key: Mapped[str] = mapped_column(String(64))
    summary: Mapped[Json] = mapped_column(JSON)
    coverage: Mapped[list[Json]] = mapped_column(JSON, default=list)
    suspects_found: Mapped[int] = mapped_column(Integer, default=0)


class FindingRow(Base):
    """An account that a scan reports: a suspect, or one set aside with its reason."""

    __tablename__ = "scan_findings"
    __table_args__ = (
        Index("ix_scan_findings_scan", "scan_id", "kind", "position"),
        Index("ix_scan_findings_handle", "platform", "handle_key"),
        Index("ix_scan_findings_account", "platform", "account_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    scan_id: Mapped[str] = mapped_column(ForeignKey("scans.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(Integer)
    platform: Mapped[str] = mapped_column(String(64))
    handle_key: Mapped[str | None] = mapped_column(String(512))
    account_id: Mapped[str | None] = mapped_column(String(512))
    fingerprint: Mapped[str] = mapped_column(String(64))
    body: Mapped[Json] = mapped_column(JSON)
    # What the judgement was told besides the subject as given: an evidence bundle lets others judge again by it.
    inputs: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))


class DecisionRow(Base):
    """A human's word on an account, for one subject.

    It binds to the account's stable id (or handle) and to the fingerprint of its name and photo, so that an account
    that changes its looks is asked about again. It holds in the corpus whose scan it was said of.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "uq_decisions_subject_account",
            "tenant_id",
            "corpus",
            "subject_key",
            "platform",
            "account_ref",
            unique=True,
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(String(64), default="local")
    corpus: Mapped[str] = mapped_column(String(64), server_default="default")
    subject_key: Mapped[str] = mapped_column(String(64))
    platform: Mapped[str] = mapped_column(String(64))
    account_ref: Mapped[str] = mapped_column(String(520))
    fingerprint: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(String(2000))
    decided_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)


class IdempotencyRow(Base):
    """A remembered `Idempotency-Key`: the same key with the same request answers with the same scan for a day."""

    __tablename__ = "idempotency_keys"

    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True, default="local")
    corpus: Mapped[str] = mapped_column(String(64), primary_key=True, server_default="default")
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    scan_id: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
