"""The whole assembly on one screen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import text

from app import __version__
from app.accounts.routes import router as accounts_router
from app.accounts.scope import Scope
from app.care import rebuild_at_start
from app.checks.routes import router as checks_router
from app.checks.service import CheckService
from app.description import complete_description
from app.failures import install_failures
from app.guard import Guard
from app.net.asking import Net
from app.photos.routes import router as photos_router
from app.platforms.catalogue import load_catalogue
from app.platforms.routes import router as platforms_router
from app.problems import UnavailableError
from app.reports.filing.routes import router as filing_router
from app.reports.filing.service import FilingService
from app.reports.routes import router as reports_router
from app.scans.attacks import AttackService
from app.scans.evidence import EvidenceService
from app.scans.evidence_routes import router as evidence_router
from app.scans.filing import case_finder
from app.scans.reporting import ReportService
from app.scans.reporting_routes import router as reporting_router
from app.scans.routes import router as scans_router
from app.scans.runner import ScanRunner
from app.scans.service import ScanService
from app.scans.store import forget_account, forget_subject
from app.sessions import Misses, Sessions
from app.settings import Settings
from app.sources.registry import build_sources
from app.sources.routes import router as sources_router
from app.storage import Database
from app.storage.migrate import current_revision, head_revision, upgrade
from app.subjects.protected import ProtectedSubjects
from app.subjects.routes import router as subjects_router
from app.web.failures import show_problem
from app.web.routes import router as web_router
from app.web.sign_in import ask_key
from app.web.sign_in import router as sign_in_router

ROUTERS = (
    scans_router,
    evidence_router,
    # Before the ledger, whose addresses take any name for the id of a report.
    filing_router,
    reporting_router,
    checks_router,
    subjects_router,
    accounts_router,
    sources_router,
    platforms_router,
    reports_router,
    photos_router,
    web_router,
)
DESCRIPTION = "Finds accounts that pass themselves off as a person, explains why, and opens the right report form."


def create_app(settings: Settings | None = None) -> FastAPI:
    """Assemble the service. The database is migrated when the service starts, not here."""
    settings = settings or Settings()
    app = FastAPI(
        title="clonecheck",
        version=__version__,
        description=DESCRIPTION,
        lifespan=_live,
        # Their pages load scripts from other servers; the description itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.catalogue = load_catalogue()
    app.state.db = Database.of(settings)
    app.state.net = Net.of(settings)
    app.state.sources = build_sources(settings, app.state.db, app.state.net)
    app.state.runner = ScanRunner(app.state.db, app.state.sources, settings, app.state.net)
    app.state.scans = ScanService(app.state.db, app.state.runner, settings)
    app.state.attacks = AttackService(settings)
    app.state.reports = ReportService(app.state.db, settings)
    app.state.evidence = EvidenceService(app.state.db, settings)
    scope = Scope.of(settings)
    app.state.subjects = ProtectedSubjects(
        app.state.db, settings, [lambda session, subject: forget_subject(session, scope, subject)]
    )
    app.state.checks = CheckService(app.state.db, settings)
    app.state.filing = FilingService(app.state.db, app.state.net, settings, case_finder(app.state.db, settings))
    app.state.erase_hooks = (lambda session, account: forget_account(session, scope, account),)
    app.state.sessions = Sessions(app.state.db, settings)
    app.state.misses = Misses()
    app.add_middleware(Guard, settings=settings, sessions=app.state.sessions, ask_key=ask_key, show=show_problem)
    install_failures(app, show_problem)
    for router in (*ROUTERS, sign_in_router) if settings.api_keys else ROUTERS:
        app.include_router(router)
    app.add_api_route("/livez", check_live, operation_id="checkLive", tags=["health"])
    app.add_api_route("/readyz", check_ready, operation_id="checkReady", tags=["health"])
    complete_description(app)
    return app


@asynccontextmanager
async def _live(app: FastAPI) -> AsyncIterator[None]:
    upgrade(app.state.db)
    await asyncio.to_thread(rebuild_at_start, app.state.db)
    if app.state.settings.api_keys:
        await asyncio.to_thread(app.state.sessions.load)
    await app.state.runner.start()
    logging.getLogger("clonecheck").info("ready version=%s", __version__)
    yield
    await app.state.runner.stop()
    app.state.checks.close()
    app.state.net.close()
    app.state.db.dispose()


class Health(BaseModel):
    """Whether the service is well."""

    status: str


async def check_live() -> Health:
    """Say that the process answers; asks nothing else."""
    return Health(status="ok")


def check_ready(request: Request) -> Health:
    """Say whether requests can be served: the database answers and is migrated; 503 otherwise."""
    database = cast("Database", request.app.state.db)
    with database.read() as session:
        session.execute(text("SELECT 1"))
        if current_revision(session.connection()) != head_revision():
            raise UnavailableError("The database is not migrated yet.", headers={"Retry-After": "2"})
    return Health(status="ok")


def _operation_id(route: APIRoute) -> str:
    return route.operation_id or route.name
