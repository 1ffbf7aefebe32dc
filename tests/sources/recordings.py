"""Archives that others published, fetched by `make setup` (requirements/recordings.txt) and read where they lie."""

from __future__ import annotations

import ast
import json
import os
import sys
import tarfile
import types
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.sources.examples import Exchange

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
    text = _read_source("praw-*.tar.gz", f"tests/integration/cassettes/{name}.json")
    interactions: list[dict[str, Any]] = json.loads(text)["interactions"]
    return interactions


def read_mastodon_cassette(name: str, folder: str = "cassettes") -> tuple[Exchange, ...]:
    """The exchanges that Mastodon.py recorded from a Mastodon server under this name."""
    recorded = yaml.safe_load(_read_source("mastodon_py-*.tar.gz", f"tests/{folder}/{name}.yaml"))
    return tuple(_read_vcr(one) for one in recorded["interactions"])


def read_mastodon_form(name: str, path: str) -> dict[str, list[str]]:
    """The fields of the form that Mastodon.py posted to a path when this was recorded."""
    recorded = yaml.safe_load(_read_source("mastodon_py-*.tar.gz", f"tests/cassettes/{name}.yaml"))
    posted = [one["request"] for one in recorded["interactions"] if one["request"]["method"] == "POST"]
    [body] = [one["body"] for one in posted if urlsplit(one["uri"]).path.rstrip("/") == path]
    return parse_qs(body)


def read_mastodon_parameters(module: str, function: str) -> set[str]:
    """What a method of Mastodon.py takes, by name."""
    tree = ast.parse(_read_source("mastodon_py-*.tar.gz", f"mastodon/{module}.py"))
    [found] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function]
    return {argument.arg for argument in found.args.args} - {"self"}


def _read_vcr(one: dict[str, Any]) -> Exchange:
    url, reply = urlsplit(one["request"]["uri"]), one["response"]
    headers = {name.lower(): values[0] for name, values in reply["headers"].items()}
    return Exchange(
        url.path, reply["body"]["string"].encode(), status=reply["status"]["code"], headers=_unpacked(headers),
        method=one["request"]["method"], host=url.hostname,
    )  # fmt: skip


def read_github_replays(name: str) -> tuple[Exchange, ...]:
    """The exchanges that PyGithub recorded from GitHub under this name: ten lines and an empty one for each."""
    lines = _read_source("pygithub-*.tar.gz", f"tests/ReplayData/{name}.txt").decode().splitlines()
    exchanges = []
    for at in range(0, len(lines) - 9, 11):
        _, method, host, _, target, _, _, status, headers, body = lines[at : at + 10]
        told = _unpacked({key.lower(): value for key, value in ast.literal_eval(headers)})
        exchanges.append(
            Exchange(urlsplit(target).path, body.encode(), status=int(status), headers=told, method=method, host=host)
        )
    return tuple(exchanges)


def _unpacked(headers: dict[str, str]) -> dict[str, str]:
    """The headers without what told how the body was packed: it is recorded unpacked."""
    return {name: value for name, value in headers.items() if name not in {"content-encoding", "transfer-encoding"}}


def _read_source(pattern: str, path: str) -> bytes:
    """A file in a source distribution."""
    archive_path = find_archive(pattern)
    with tarfile.open(archive_path) as archive:
        member = archive.extractfile(f"{archive_path.name.removesuffix('.tar.gz')}/{path}")
        assert member is not None
        return member.read()
