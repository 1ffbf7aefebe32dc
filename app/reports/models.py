"""What is stored of reports: to whom a suspect was reported through which channel, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import LOCAL_TENANT
from app.storage import Base, Timestamp, new_id, utc_now


class ReportRow(Base):
    """One suspect, reported through one channel.

    It binds to the subject and to the account's stable id (or handle) as a decision does, so that it outlives the scan
    that found the account. `status` is that of the event with the latest date; `changed_at` decides when it expires.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index(
            "uq_reports_suspect",
            "tenant_id",
            "corpus",
            "subject_key",
            "platform",
            "account_ref",
            "channel",
            unique=True,
        ),
        Index("ix_reports_listed", "tenant_id", "created_at", "id"),
        Index("ix_reports_scan", "scan_id"),
        Index("ix_reports_subject", "subject_id"),
        Index("ix_reports_account", "platform", "account_id"),
        Index("ix_reports_handle", "platform", "handle_key"),
        Index("ix_reports_changed_at", "changed_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(String(64), default=LOCAL_TENANT)
    corpus: Mapped[str] = mapped_column(String(64), server_default="default")
    subject_key: Mapped[str] = mapped_column(String(64))
    platform: Mapped[str] = mapped_column(String(64))
    account_ref: Mapped[str] = mapped_column(String(520))
    account_id: Mapped[str | None] = mapped_column(String(512))
    handle: Mapped[str | None] = mapped_column(String(512))
    handle_key: Mapped[str | None] = mapped_column(String(512))
    channel: Mapped[str] = mapped_column(String(64))
    scan_id: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[str | None] = mapped_column(String(32))
    reference: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)
    changed_at: Mapped[datetime] = mapped_column(Timestamp, default=utc_now)


class ReportEventRow(Base):
    """One step in the life of a report, with the date that the caller gave."""

    __tablename__ = "report_events"

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Timestamp)
    note: Mapped[str | None] = mapped_column(String(2000))
