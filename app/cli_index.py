"""`clonecheck index`: care of the index of accounts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from app.settings import Settings

if TYPE_CHECKING:
    from app.storage import Database

index_app = typer.Typer(help="Look after the index: count, check, rebuild, back up, restore.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_MEBIBYTE = 1 << 20


@contextmanager
def _open() -> Iterator[tuple[Database, Settings]]:
    from app.scans.offline import open_database  # noqa: PLC0415  # keeps `--help` quick

    settings = Settings()
    database = open_database(settings)
    try:
        yield database, settings
    finally:
        database.dispose()


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@index_app.command("stats")
def show_stats(as_json: AsJson = False) -> None:
    """Tell what the index holds, how much room it takes, and whether a rebuild is needed."""
    from app.care import gather_stats  # noqa: PLC0415

    with _open() as (database, settings):
        stats = gather_stats(database, settings)
    if as_json:
        _print_json(stats)
        return
    table = Table("what", "how many")
    for kind in ("accounts", "subjects"):
        table.add_row(kind, f"{stats[kind]['count']:,}")
        table.add_row(f"{kind}: common keys", f"{stats[kind]['common_keys']:,}")
        table.add_row(f"{kind}: keys to rebuild", f"{stats[kind]['to_rebuild']:,}")
    table.add_row("erasures remembered", f"{stats['suppressions']:,}")
    for label in ("by_platform", "by_source", "keys_an_account"):
        for name, count in stats["accounts"][label].items():
            table.add_row(Text(f"accounts, {label.replace('_', ' ')}: {name}"), f"{count:,}")
    for name, size in stats["table_bytes"].items():
        table.add_row(f"table {name}", f"{size / _MEBIBYTE:,.1f} MiB")
    hashes = stats["hash_file"]
    table.add_row(f"file of picture hashes: {hashes['state']}", f"{hashes['bytes'] / _MEBIBYTE:,.1f} MiB")
    if stats["free_disk_bytes"] is not None:
        table.add_row("free disk", f"{stats['free_disk_bytes'] / _MEBIBYTE:,.0f} MiB")
    out.print(table)


@index_app.command("check")
def check_index(
    everything: Annotated[bool, typer.Option("--all", help="Look at every account; else at a sample.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Look at all, and make keys and counts anew.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the database, and the index in it. Exit code 1 where something is wrong; with --repair it was mended."""
    from app import care  # noqa: PLC0415

    with _open() as (database, settings):
        told = care.check_index(database, settings, everything=everything, repair=repair)
        left = care.check_index(database, settings, everything=True, repair=False) if repair and told else told
    if as_json:
        _print_json({"findings": told, "left": left})
    else:
        for line in told:
            out.print(Text(line))
        if told and repair:
            out.print(Text(f"After the repair {len(left)} findings are left."))
        elif not told:
            out.print(Text("Nothing is wrong."))
    if told:
        raise typer.Exit(1)


@index_app.command("rebuild")
def rebuild_index(as_json: AsJson = False) -> None:
    """Make the keys anew that another version made. Others may go on; run it again after an interruption."""
    from app import care  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _open() as (database, _), Progress(*columns, console=err) as bar:
        task = bar.add_task("Rebuilding", total=None)
        done = care.rebuild_index(database, lambda done, total: bar.update(task, completed=done, total=total))
    if as_json:
        _print_json(done)
    else:
        out.print(Text(f"Rebuilt the keys of {done['accounts']:,} accounts and {done['subjects']:,} subjects."))
