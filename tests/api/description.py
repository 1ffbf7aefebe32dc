"""The API description that clients build on: written by `make docs`, compared by the drift test."""

from __future__ import annotations

import json
from pathlib import Path

from app.main import create_app
from app.settings import Settings

FILE = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"


def describe() -> str:
    """The description of this code's API."""
    app = create_app(Settings(database_url="sqlite://"))
    return json.dumps(app.openapi(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(describe(), encoding="utf-8")
