"""Archives that others published, fetched by `make setup` (requirements/recordings.txt) and read where they lie."""

from __future__ import annotations

import json
import os
import sys
import tarfile
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(sys.prefix) / "recordings"


def find_archive(pattern: str) -> Path:
    """The archive; missing it is a failure in CI and a skip elsewhere."""
    found = sorted(FOLDER.glob(pattern))
    if found:
        return found[-1]
    message = f"{pattern} is not there: `make setup` fetches it"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def read_youtube_schemas() -> dict[str, Any]:
    """The discovery document of the YouTube Data API v3."""
    path = "googleapiclient/discovery_cache/documents/youtube.v3.json"
    with zipfile.ZipFile(find_archive("google_api_python_client-*.whl")) as archive:
        document: dict[str, Any] = json.loads(archive.read(path))
    return document


def load_x_models() -> types.ModuleType:
    """X's own models, generated from its API description."""
    with zipfile.ZipFile(find_archive("xdk-*.whl")) as archive:
        source = archive.read("xdk/schemas.py")
    module = types.ModuleType("xdk_schemas")
    sys.modules["xdk_schemas"] = module
    exec(compile(source, "xdk/schemas.py", "exec"), module.__dict__)  # noqa: S102  # pinned by hash
    return module


def read_reddit_cassette(name: str) -> list[dict[str, Any]]:
    """The exchanges that PRAW recorded from Reddit under this name."""
    path = find_archive("praw-*.tar.gz")
    inside = f"{path.name.removesuffix('.tar.gz')}/tests/integration/cassettes/{name}.json"
    with tarfile.open(path) as archive:
        member = archive.extractfile(inside)
        assert member is not None
        interactions: list[dict[str, Any]] = json.load(member)["interactions"]
    return interactions
