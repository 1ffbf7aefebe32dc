from __future__ import annotations

from datetime import date

from app.platforms.catalogue import load_catalogue
from app.reports.route import Reporter
from benchmarks.routes import measure, time_routes, write

TODAY = date(2026, 12, 1)
PLATFORMS = list(load_catalogue().platforms.values())


def test_every_platform_is_a_row_or_says_that_nobody_may_file() -> None:
    for role in ("self", "bystander"):
        rows = {p.id: measure(p, Reporter(role, has_account=False), TODAY) for p in PLATFORMS}
        silent = [name for name, row in rows.items() if row is None]
        assert silent == ([] if role == "self" else ["google_search", "soundcloud"])
        told = list(write([row for row in rows.values() if row], silent, [1.0]))
        assert len([line for line in told if line.startswith("| ")]) == len(rows) - len(silent) + 2
        for row in filter(None, rows.values()):
            assert row.open_to_all in {"yes", "perhaps", "no"}
            assert row.copied <= row.asked


def test_the_routes_of_twenty_suspects_take_little_processor_time() -> None:
    assert min(time_routes(PLATFORMS, TODAY)) < 10
