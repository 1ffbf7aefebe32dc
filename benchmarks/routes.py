"""What the report routes of each platform are worth to somebody without an account there, and what making them costs.

Run: python -m benchmarks.routes [--today 2026-12-01] [--role self] [--country DE]

A form's fields are counted as the catalogue lists them for the role; there may be more that a link can fill. What
"arrives" is what the link itself carries; the rest is text to copy, or what only the reporter can bring. Nothing is
opened and nothing is sent.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.platforms.catalogue import Platform, load_catalogue
from app.reports.route import Reporter, Route, RouteList, Statement
from app.reports.service import build_routes, routes_to_wire
from matchers.profile import Account, AccountRef, Handle, Subject

SUSPECTS = 20
RUNS = 50
JANE = Subject(
    names=("Jane Doe",),
    handles=(Handle("janedoe", "x"),),
    own_accounts=(AccountRef("instagram", "jane.doe"), AccountRef("bluesky", "jane.example")),
)
EVIDENCE = (
    Statement("The account uses the same photo, mirrored", ("photo.mirrored",)),
    Statement("Same name: Jane Doe (about 1 in 40,000 people)", ("name.same",)),
    Statement("Made after your own account", ("context.younger",)),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A platform: its best route in numbers, and whether any is open to somebody without an account."""

    platform: str
    routes: int
    open_to_all: str
    best: str
    asked: int
    arriving: int
    copied: int
    confidence: str
    prefill: str
    age_days: int


def make_suspect(platform: Platform) -> Account:
    """An account of the platform's first example, with a copied name."""
    first = platform.facts.examples[0] if platform.facts.examples else None
    return Account(
        platform=platform.id,
        handle=first.handle if first else None,
        account_id=first.account_id if first else None,
        display_name="Jane Doe",
        profile_url="https://jane-doe.example/" if platform.id == "website" else None,
    )


def find(platform: Platform, reporter: Reporter, today: date) -> RouteList:
    """The routes for a clone on this platform."""
    return build_routes(JANE, make_suspect(platform), "clone", EVIDENCE, reporter, today=today)


def count_fields(platform: Platform, route: Route, reporter: Reporter) -> int:
    """How many fields the form of a route shows to this role."""
    channel = next(c for c in platform.channels if c.name == route.name)
    return sum(not field.roles or reporter.role in field.roles for field in channel.fields)


def measure(platform: Platform, reporter: Reporter, today: date) -> Row | None:
    """One row, or None where nobody in this role may file."""
    routes = find(platform, reporter, today).routes
    if not routes:
        return None
    best = routes[0]
    open_to_all = "yes" if any(r.needs_account is False for r in routes) else "perhaps"
    return Row(
        platform=platform.id,
        routes=len(routes),
        open_to_all="no" if all(r.needs_account for r in routes) else open_to_all,
        best=best.channel,
        asked=count_fields(platform, best, reporter),
        arriving=len(best.prefilled),
        copied=len(best.copy),
        confidence=best.verified,
        prefill=best.prefill_verified or "-",
        age_days=(today - best.reviewed_at).days,
    )


def time_routes(platforms: Sequence[Platform], today: date) -> list[float]:
    """Processor time of the routes for 20 suspects as JSON, in milliseconds, once a run; platforms change by turns."""
    taken = []
    for run in range(RUNS):
        chosen = [platforms[(run * 7 + i) % len(platforms)] for i in range(SUSPECTS)]
        reporter = Reporter(has_account=False, language=("en", "de", "es", "fr", "pt")[run % 5])
        started = time.process_time()
        for platform in chosen:
            routes_to_wire(find(platform, reporter, today))
        taken.append(1_000 * (time.process_time() - started))
    return taken


def write(rows: Sequence[Row], silent: Sequence[str], times: Sequence[float]) -> Iterator[str]:
    """The table and its sums, as Markdown."""
    heads = "platform", "routes", "without an account", "best route", "asks", "arrive filled", "copy text"
    yield f"| {' | '.join(heads)} | address known | prefill known | days old |"
    yield "|---" * 10 + "|"
    for row in rows:
        yield (
            f"| {row.platform} | {row.routes} | {row.open_to_all} | {row.best} | {row.asked} | {row.arriving} "
            f"| {row.copied} | {row.confidence} | {row.prefill} | {row.age_days} |"
        )
    asked, arriving, copied = (sum(getattr(row, name) for row in rows) for name in ("asked", "arriving", "copied"))
    yield f"| **{len(rows)} platforms** | {sum(r.routes for r in rows)} | | | {asked} | {arriving} | {copied} | | | |"
    yield ""
    open_to = Counter(row.open_to_all for row in rows)
    yield (
        f"Somebody without an account has a route on {open_to['yes']} platforms and perhaps on {open_to['perhaps']}; "
        f"{open_to['no']} say plainly that every route needs one: "
        f"{', '.join(row.platform for row in rows if row.open_to_all == 'no') or '-'}."
    )
    yield f"Nobody in this role may file, which is said: {', '.join(silent) or '-'}."
    yield ""
    low, median, high = min(times), statistics.median(times), max(times)
    yield (
        f"All routes of {SUSPECTS} suspects as JSON: {median:.1f} ms of processor time (median of {RUNS} runs, "
        f"{low:.1f}-{high:.1f}; the first includes compiling what is used once)."
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--today", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--role", choices=("self", "authorised_representative", "parent_or_guardian", "bystander"))
    parser.add_argument("--country")
    given = parser.parse_args()
    reporter = Reporter(
        role=given.role or "self", has_account=False, name="Jane Doe", email="jane@example.org", country=given.country
    )
    platforms = list(load_catalogue().platforms.values())
    measured = {platform.id: measure(platform, reporter, given.today) for platform in platforms}
    silent = [name for name, row in measured.items() if row is None]
    times = time_routes(platforms, given.today)
    for line in write([row for row in measured.values() if row], silent, times):
        print(line)


if __name__ == "__main__":
    main()
