"""Shared fixtures. Before adding one here: a fixture used by one module belongs in that module."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be left out: a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
