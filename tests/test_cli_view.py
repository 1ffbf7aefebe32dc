"""What the terminal shows: words a layman understands, and strangers' texts without any power."""

from __future__ import annotations

import io
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from app.cli_routes import print_routes
from app.cli_view import (
    print_comparison,
    print_import,
    print_preview,
    print_scan,
    say_effort,
    say_money,
)
from app.plain_text import plain, say_chance

HOSTILE = (
    "[bold red]x[/] [link=https://evil.example]y[/link] \x1b[2J\x1b]8;;https://evil.example\x07 \u202egnp.exe\u200b"
)


def _console() -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, force_terminal=False, width=100), written


def _suspect(**changes: Any) -> dict[str, Any]:
    return {
        "rank": 1,
        "probability": 0.972,
        "verdict": "clone",
        "account": {"platform": "x", "handle": "janed0e", "display_name": "Jane Doe", "profile_url": "https://x.com/janed0e"},
        "evidence": [
            {"signal": "photo", "bits": 13.0, "summary": "Same photo, mirrored"},
            {"signal": "context", "bits": -2.0, "summary": "The account is older than yours"},
        ],
        "hinges_on": {"signal": "photo", "verdict_without": "namesake"},
        "report": {"routes": [{"channel": "web_form", "url": "https://x.com/report", "prefilled": ["username"]}]},
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "told"), [(0, "$0.00"), (2, "$2.00"), (0.5, "$0.50"), (0.03, "$0.03"), (0.0105, "$0.0105")]
)
def test_money_is_told_to_the_part_of_a_cent(amount: float, told: str) -> None:
    assert say_money(amount) == told


@pytest.mark.parametrize(
    ("calls", "cost", "told"), [(0, 0.0, ""), (1, 0.0, "1 call"), (12, 0.0, "12 calls"), (3, 0.2, "3 calls, $0.20")]
)
def test_the_effort_of_a_source_is_told(calls: int, cost: float, told: str) -> None:
    assert say_effort({"source": "x", "calls": calls, "cost": cost}) == told


@pytest.mark.parametrize(("cost", "most"), [(0.0, 0.0), (0.0, 1.0), (0.12, 1.0)])
def test_what_a_scan_has_cost_is_told_beside_what_it_might_have(cost: float, most: float) -> None:
    console, written = _console()
    print_scan(console, _scan(cost=cost, budget={"calls": 200, "seconds": 30, "money": most}))
    told = f"This scan has cost {say_money(cost)} of the $1.00 that it may spend."
    assert (told in written.getvalue()) == (most > 0)


def _scan(**changes: Any) -> dict[str, Any]:
    return {
        "status": "completed",
        "subject": {"name_sharers": {"estimate": 410, "low": 200, "high": 900}, "photo": {"usable": True}},
        "coverage": [{"source": "index", "status": "ok", "accounts": 31, "detail": None}],
        "suspects": [_suspect()],
        "set_aside": [{"account": {"platform": "x", "handle": "jane"}, "verdict": "own_account", "reason": "Yours"}],
        **changes,
    }


@pytest.mark.parametrize(
    ("probability", "told"),
    [(0.972, "97 in 100"), (0.9999, "over 99 in 100"), (0.5, "50 in 100"), (0.0, "under 1 in 100")],
)
def test_chances_are_said_in_words(probability: float, told: str) -> None:
    assert say_chance(probability) == told


def test_a_scan_shows_rank_verdict_chance_evidence_and_links() -> None:
    console, written = _console()
    print_scan(console, _scan())
    shown = written.getvalue()
    for expected in (
        "About 410 people share this name",
        "31 accounts compared",
        "janed0e",
        "97 in 100",
        "suspected clone",
        "+ Same photo, mirrored",
        "- The account is older than yours",
        "without it, another person of the same name",
        "https://x.com/report",
        "filled in: username",
        "Yours",
    ):
        assert expected in shown


def test_a_scan_without_suspects_or_with_a_source_left_out_says_so() -> None:
    console, written = _console()
    left_out = {"source": "x", "status": "skipped", "accounts": 0, "detail": "no key"}
    print_scan(console, _scan(suspects=[], set_aside=[], coverage=[left_out]))
    assert "No suspected clone among the accounts looked at" in written.getvalue()
    assert "NOT looked at" in written.getvalue()


def test_hostile_texts_are_inert_on_a_terminal() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, color_system="truecolor", width=400)
    account = {"platform": "x", "handle": HOSTILE, "display_name": HOSTILE, "profile_url": f"https://x.com/{HOSTILE}"}
    evidence = [{"signal": "name", "bits": 1.0, "summary": HOSTILE}]
    route = {"channel": "web_form", "name": HOSTILE, "url": HOSTILE, "copy": [{"field": HOSTILE, "text": HOSTILE}]}
    print_scan(console, _scan(suspects=[_suspect(account=account, evidence=evidence, report={"routes": [route]})]))
    print_routes(console, {"routes": [route], "none_because": HOSTILE})
    print_comparison(console, {"verdict": "clone", "probability": 1, "evidence": evidence, "reason": HOSTILE})
    lookalike = {"handle": HOSTILE, "platform": HOSTILE, "summary": HOSTILE}
    photo = {"usable": False, "reason": HOSTILE}
    print_preview(console, {"name_note": HOSTILE, "photo": photo, "lookalikes": [lookalike]})
    print_import(console, {"inserted": 1, "errors": [{"line": 3, "reason": HOSTILE}]})
    shown = written.getvalue()
    assert "[bold red]x[/]" in shown
    assert "[link=https://evil.example]" in shown
    assert "\x1b[2J" not in shown
    assert "\x1b]8" not in shown
    assert "\u202e" not in shown
    assert "‹U+202E›" in shown


@given(st.text(max_size=400))
def test_plain_text_holds_nothing_that_hides_turns_or_moves(text: str) -> None:
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in plain(text))
    assert "\n" not in plain(text)


def test_a_tower_of_accents_is_cut_down() -> None:
    assert len(plain("a" + "\u0301" * 200)) < 10


def test_an_import_is_told_in_one_line_each() -> None:
    console, written = _console()
    print_import(console, {"inserted": 2, "errors": [{"line": 7, "reason": "no handle"}], "rejected": 1})
    assert "2 inserted" in written.getvalue()
    assert "line 7: no handle" in written.getvalue()
