"""The command line in a terminal of its own: a pseudo-terminal of a chosen width, and what arrived there."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests.conftest import ROOT


def run_in_terminal(
    folder: Path, *arguments: str, columns: int = 80, typed: str = "", **settings: str
) -> tuple[int, str]:
    """Run the command line on a terminal; returns its exit code and all that it wrote there."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    hidden = {"NO_COLOR", "COLUMNS", "FORCE_COLOR", "COLORTERM"}
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    given = {"CLONECHECK_DATA_DIR": str(folder / "data"), "TERM": "xterm-256color", **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT, env={**inherited, **given}, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = bytearray()
    try:
        while part := os.read(ours, 65_536):
            shown += part
    except OSError:
        pass  # Linux tells the end of a terminal this way.
    finally:
        os.close(ours)
    return process.wait(60), shown.decode(errors="replace").replace("\r\n", "\n")
