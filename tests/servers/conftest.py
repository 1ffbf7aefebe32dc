"""The servers as fixtures, each started once for all tests of this folder that want it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.servers.process import open_client


@pytest.fixture(scope="session")
def portraits(data_dir: Path) -> list[Path]:
    """Real portraits, of different people."""
    return sorted((data_dir / "avatars" / "portraits").glob("*.jpg"))


@pytest.fixture(scope="session")
def client() -> Iterator[httpx2.Client]:
    """Plain HTTP, without the proxy of whoever runs the tests."""
    with open_client() as client:
        yield client
