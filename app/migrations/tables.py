"""All tables, by importing every module that defines one."""

from __future__ import annotations

import app.accounts.models
import app.reports.filing.models
import app.reports.models
import app.scans.models
import app.subjects.models
from app.storage import Base

MODULES = (
    app.accounts.models,
    app.reports.models,
    app.reports.filing.models,
    app.scans.models,
    app.subjects.models,
)
METADATA = Base.metadata
