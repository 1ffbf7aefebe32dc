"""Writes docs/settings.md from the settings class: `make docs`."""

from __future__ import annotations

from pathlib import Path

from pydantic_core import PydanticUndefined

from app.settings import Settings

FILE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
HEAD = """# Settings

Each is an environment variable; nothing else is read. This page is written by `make docs` from `app/settings.py`.

| variable | default | what it decides |
|---|---|---|
"""


def _default(name: str) -> str:
    if name == "data_dir":
        return "`~/.local/share/clonecheck`"
    value = Settings.model_fields[name].default
    if value is PydanticUndefined or value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return f"`{','.join(map(str, value))}`"
    return f"`{value}`"


def describe_settings() -> str:
    """The page for this code's settings."""
    rows = (
        f"| `CLONECHECK_{name.upper()}` | {_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    FILE.write_text(describe_settings(), encoding="utf-8")
