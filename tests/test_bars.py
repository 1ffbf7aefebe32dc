"""The bars of the house as tests: sizes, imports, documents."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from scripts.settings_page import describe_settings
from tests.conftest import ROOT

CODE = sorted(
    path for folder in ("app", "matchers") for path in (ROOT / folder).rglob("*.py") if "versions" not in path.parts
)


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or first) - first + 1


def _percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def test_files_stay_readable() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    assert {name: size for name, size in sizes.items() if size > 400} == {}
    assert _percentile(list(sizes.values()), 0.9) <= 250


def test_functions_stay_short() -> None:
    sizes = dict(function for path in CODE for function in _functions(path))
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert _percentile(list(sizes.values()), 0.9) <= 25


@pytest.mark.parametrize("module", ["matchers.model", "matchers.keys"])
def test_the_judgement_imports_quickly_and_alone(module: str) -> None:
    told = f"import sys, time; start = time.perf_counter(); import {module}; taken = time.perf_counter() - start\n"
    told += "heavy = {'numpy', 'PIL', 'scipy', 'sqlalchemy', 'fastapi', 'pydantic', 'app'} & set(sys.modules)\n"
    told += "assert not heavy, heavy\nassert taken < 1.5, taken"
    subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=True, timeout=60)


def test_no_committed_file_names_a_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8"), lock.name


def test_the_settings_page_has_not_drifted() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == describe_settings(), "run `make docs`"
    assert all(field.description for field in Settings.model_fields.values())
