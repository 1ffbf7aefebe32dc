"""GitHub's own description of its API (npm's @octokit/openapi), answered by Prism with the examples in it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.parts import find_node, find_node_parts
from tests.servers.process import answers, clean_environment, free_ports, run_server


@contextmanager
def run_github() -> Iterator[str]:
    """Run it for the time of the block; gives its address. `Prefer: code=503` asks for that answer."""
    packages = find_node_parts("github") / "node_modules"
    script = packages / "@stoplight" / "prism-cli" / "dist" / "index.js"
    description = packages / "@octokit" / "openapi" / "generated" / "api.github.com.json"
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="cc-gh-") as name:
        command = [
            str(find_node()),
            str(script),
            "mock",
            str(description),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-m",
            "false",
        ]
        environment = clean_environment(TMPDIR=name, HOME=name)
        with run_server(command, Path(name) / "log", answers(url), environment=environment):
            yield url
