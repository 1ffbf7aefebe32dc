"""The reports that are sent, checked by the TypeScript compiler against the types that Misskey and PeerTube publish.

No server of theirs can be installed from a registry. This shows that names and kinds of all fields are right, no more.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.reports.filing.contract import Case, Draft, Wishes
from app.reports.filing.drafting import draft_report
from app.reports.filing.registry import connect_all
from app.reports.route import Reporter
from app.settings import Settings
from matchers.profile import Account, Subject
from tests.servers.parts import find_node, find_node_parts
from tests.servers.process import clean_environment

pytestmark = pytest.mark.slow

TYPES = """import type { Endpoints } from 'misskey-js'
import type { AbuseCreate } from '@peertube/peertube-types'
"""
CHECKED = {"misskey": "Endpoints['users/report-abuse']['req']", "peertube": "AbuseCreate"}
NUMBERS: dict[str, Any] = {"misskey": "9abcdefghi", "peertube": 42}


def _draft(platform: str) -> Draft:
    account = Account(platform=platform, handle="adaezebrandvo1d@impostors.example")
    case = Case(Subject(names=("Adaeze Brandvold",)), account, "clone", ("Same photo.",), Reporter())
    return draft_report(connect_all(Settings())[f"{platform}-api"], case, Wishes("home.example"))


def _body(platform: str) -> dict[str, Any]:
    """The body as it is sent. `i` is Misskey's token, which every call takes beside what its type tells."""
    content = _draft(platform).call(NUMBERS[platform], {}, "token").content
    assert content is not None
    body: dict[str, Any] = json.loads(content)
    body.pop("i", None)
    return body


def _compile(folder: Path, lines: list[str]) -> str:
    """What the compiler has to say."""
    parts = find_node_parts("report_types")
    # It looks for packages beside the file and above it.
    (folder / "node_modules").symlink_to(parts / "node_modules")
    (folder / "reports.ts").write_text(TYPES + "\n".join(lines) + "\n", encoding="utf-8")
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", "node"]
    command: list[str | Path] = [
        find_node(),
        parts / "node_modules" / "typescript" / "bin" / "tsc",
        *options,
        "reports.ts",
    ]
    done = subprocess.run(
        command, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False, timeout=120
    )
    return done.stdout + done.stderr


def _line(platform: str, number: int, body: dict[str, Any]) -> str:
    return f"export const report{number}: {CHECKED[platform]} = {json.dumps(body)}"


def test_reports_have_the_types_that_the_platforms_publish(tmp_path: Path) -> None:
    lines = [_line(platform, number, _body(platform)) for number, platform in enumerate(CHECKED)]
    lines.append("export const show: Endpoints['users/show']['req'] = { username: 'a', host: null }")
    assert _compile(tmp_path, lines) == ""


def test_a_wrong_field_is_noticed(tmp_path: Path) -> None:
    wrong = [
        _line("misskey", 1, {**_body("misskey"), "userid": "9abc"}),
        _line("peertube", 2, {**_body("peertube"), "predefinedReasons": ["impersonation"]}),
        _line("peertube", 3, {**_body("peertube"), "account": {"id": "a name"}}),
    ]
    told = _compile(tmp_path, wrong)
    assert [f"reports.ts({number}" in told for number in (3, 4, 5)] == [True] * 3, told
