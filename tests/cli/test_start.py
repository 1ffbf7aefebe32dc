"""How the program starts: what is asked of it every day loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app import __version__
from tests.conftest import ROOT

HEAVY = {
    "PIL",
    "alembic",
    "cv2",
    "fastapi",
    "httpx2",
    "numpy",
    "pydantic_settings",
    "sqlalchemy",
    "starlette",
    "uvicorn",
}
_LIST_MODULES = """
import sys
from app.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(("arguments", "told"), [("--version", __version__), ("--help", "Usage: clonecheck"),
                                                 ("history --help", "Usage: clonecheck history")])  # fmt: skip
def test_help_and_version_load_nothing_heavy(arguments: str, told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES, *arguments.split()],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert told in done.stdout
    loaded = set(done.stderr.split())
    assert "app.cli" in loaded
    assert not loaded & HEAVY
    # Typer itself takes Pydantic for options with a range, as `history` has one.
    assert "pydantic" not in loaded or arguments.startswith("history")
