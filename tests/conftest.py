"""Shared fixtures. Before adding one here: a fixture used by one module belongs in that module."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.engines import CITUS_URL, ENGINES, NO_CITUS, Place, drop_tables, empty_tables, make_database, migrate
from tests.servers.postgres import run_postgres

# The consoles of the command line take their width from it once, when they are made; pytest-xdist sets it for workers.
os.environ.pop("COLUMNS", None)

# The first example of a run loads the tables, and machines are shared: how long things take is measured elsewhere.
settings.register_profile("clonecheck", deadline=None)
settings.load_profile("clonecheck")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The labelled test data; missing it is a failure in CI and a skip elsewhere."""
    configured = os.environ.get("CLONECHECK_TEST_DATA")
    path = Path(configured) if configured else ROOT.parent / "shared" / "data"
    if path.is_dir():
        return path
    message = "labelled test data not found: set CLONECHECK_TEST_DATA (see benchmarks/README.md)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server for all tests of a run; gives its address. Tests make databases of their own on it."""
    with run_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgres: str) -> Iterator[Place]:
    """A migrated database on that server, which one test after another empties for itself."""
    with make_database(postgres) as url:
        place = Place(url)
        migrate(place)
        yield place


@pytest.fixture(scope="session")
def migrated_citus() -> Place:
    """The Citus database that the environment names, with our tables made anew."""
    assert CITUS_URL is not None
    drop_tables(CITUS_URL)
    place = Place(CITUS_URL, citus=True)
    migrate(place)
    return place


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty database for the test alone, on each engine in turn; on a server it is migrated already."""
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'data' / 'clonecheck.db'}")
    found = request.getfixturevalue("migrated" if request.param == "postgresql" else "migrated_citus")
    assert isinstance(found, Place)
    empty_tables(found)
    return found


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be left out: a skipped test fails the run. The one exception is Citus."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    if any(NO_CITUS not in str(report.longrepr) for report in reporter.stats.get("skipped", ())):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end of every run what it did not prove."""
    if CITUS_URL is None:
        terminalreporter.section("not tested here")
        terminalreporter.line(NO_CITUS)
