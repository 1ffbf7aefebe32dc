"""`clonecheck reports`: which suspects were reported, what became of it, and what that says of platforms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli_shared import AsJson, open_index, print_json
from app.plain_text import plain

if TYPE_CHECKING:
    from app.scans.reporting import ReportService

reports_app = typer.Typer(help="The ledger of reports: list, record, stats. Nothing is sent.", no_args_is_help=True)
out = Console()

PAGE = 100
_Date = typer.Option(help="When it happened, as in 2026-11-24 or 2026-11-24T15:30Z; without it: now.")
_StatusOption = typer.Option(help="filed, acknowledged, removed, refused or reappeared.")


@contextmanager
def _open_reports() -> Iterator[ReportService]:
    from app.scans.reporting import ReportService  # noqa: PLC0415  # keeps `--help` quick

    with open_index() as (database, settings):
        yield ReportService(database, settings)


@reports_app.command("record")
def record_report(
    what: Annotated[list[str], typer.Argument(help="A scan and a suspect (its id or place), or the id of a report.")],
    status: Annotated[str, _StatusOption] = "filed",
    channel: Annotated[str, typer.Option(help="web_form, in_app, email or api.")] = "web_form",
    at: Annotated[str | None, _Date] = None,
    reference: Annotated[str | None, typer.Option(help="What the platform calls the report.")] = None,
    note: Annotated[str | None, typer.Option(help="A note of your own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write down that you reported a suspect, or what became of a report."""
    from app.reports.ledger_schemas import OutcomeIn, ReportIn  # noqa: PLC0415
    from app.scans.store import read_suspect  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    if len(what) not in (1, 2):
        raise typer.BadParameter("Give a scan and a suspect, or a report.")
    step = {name: value for name, value in (("status", status), ("at", at), ("note", note)) if value is not None}
    with _open_reports() as reports:
        if len(what) == 1:
            body = reports.append(what[0], validate(OutcomeIn, step))
        else:
            scan, suspect = what
            place = read_suspect(suspect)
            named = {"scan_id": scan, "suspect_id": suspect, "channel": channel, "reference": reference}
            given = validate(ReportIn, {**named, **step})
            body = reports.record(given, rank=place if isinstance(place, int) else None).report
    told = body.model_dump(mode="json")
    print_json(told) if as_json else _print_reports([told])


@reports_app.command("list")
def list_reports(
    platform: Annotated[str | None, typer.Option(help="Only reports to this platform.")] = None,
    status: Annotated[str | None, _StatusOption] = None,
    as_json: AsJson = False,
) -> None:
    """List all reports, the newest first."""
    from app.reports.ledger import Wanted  # noqa: PLC0415
    from app.reports.ledger_schemas import OutcomeIn  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    wanted = Wanted(platform, status=validate(OutcomeIn, {"status": status}).status if status else None)
    items: list[dict[str, Any]] = []
    with _open_reports() as reports:
        cursor = None
        while True:
            page = reports.list(wanted, PAGE, cursor)
            items += [item.model_dump(mode="json") for item in page.items]
            cursor = page.next
            if cursor is None:
                break
    print_json({"items": items}) if as_json else _print_reports(items)


@reports_app.command("stats")
def count_reports(as_json: AsJson = False) -> None:
    """Tell how often and how fast platforms acted on your reports."""
    from app.reports.ledger import Wanted  # noqa: PLC0415

    with _open_reports() as reports:
        body = reports.count(Wanted()).model_dump(mode="json")
    print_json(body) if as_json else _print_statistics(body)


def _print_reports(items: list[dict[str, Any]]) -> None:
    table = Table("report", "account", "channel", "what happened")
    for item in items:
        account = item["account"]
        named = f"{account['platform']} @{plain(account['handle'] or account['account_id'] or '', 80)}"
        steps = "; ".join(f"{one['status']} {one['at'][:10]}" for one in item["events"])
        reference = f" ({plain(item['reference'], 80)})" if item["reference"] else ""
        table.add_row(*map(Text, (item["id"], named, f"{item['channel']}{reference}", steps)))
    out.print(table)


def _print_statistics(body: dict[str, Any]) -> None:
    table = Table("platform", "filed", "open", "removed", "refused", "reappeared", "days to answer", "days to removal")
    for one in body["platforms"]:
        cells = (
            one["platform"],
            one["filings"],
            one["open"],
            _say_share(one["removed"], one["removed_share"]),
            _say_share(one["refused"], one["refused_share"]),
            one["reappeared"],
            _say_days(one["median_days_to_acknowledgement"]),
            _say_days(one["median_days_to_removal"]),
        )
        table.add_row(*(Text(str(cell)) for cell in cells))
    out.print(table)
    told = f"Days are medians of what came so far. No share or median of fewer than {body['minimum']} cases."
    out.print(Text(told, style="dim"), highlight=False)


def _say_share(count: int, share: float | None) -> str:
    return str(count) if share is None else f"{count} ({share:.0%})"


def _say_days(days: float | None) -> str:
    return "too few" if days is None else f"{days:.1f}"
