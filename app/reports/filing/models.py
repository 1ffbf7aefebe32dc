"""What is stored of filed reports: that one was sent, when, and the number it got. No token, no text, no name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.storage import Base, Timestamp


class FilingRow(Base):
    """One way in which an account is known (by stable id, by handle) and one channel: one report.

    `digest` is a keyed hash of both, from which they can be recognised and not read, and `fingerprint` one of what was
    shown. `state` is "sending" from before
    the report leaves until its outcome is known, then "filed" or "unclear".
    """

    __tablename__ = "report_filings"
    __table_args__ = (
        Index("ix_report_filings_filing", "tenant_id", "filing_id"),
        Index("ix_report_filings_expires_at", "expires_at"),
    )

    tenant_id: Mapped[str] = mapped_column(String(64), primary_key=True, default="local")
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    filing_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    fingerprint: Mapped[str] = mapped_column(String(64))
    receipt: Mapped[str | None] = mapped_column(String(64))
    began_at: Mapped[datetime] = mapped_column(Timestamp)
    settled_at: Mapped[datetime | None] = mapped_column(Timestamp)
    expires_at: Mapped[datetime] = mapped_column(Timestamp)
