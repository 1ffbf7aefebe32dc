"""`clonecheck history`: past scans, a scan as a table or as JSON, and erasing one or all."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from app.cli_shared import AsJson, print_json, read_settings, write_json
from app.plain_text import plain
from app.problems import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from app.scans.offline import Kept
    from app.scans.past import Past

history_app = typer.Typer(help="Past scans: list them, write one to a file, erase one or all.")
out = Console()
err = Console(stderr=True)

MOST = 1_000
ScanArgument = Annotated[str | None, typer.Argument(help="The id of a scan; without it, the newest.", metavar="SCAN")]
OnlyNew = Annotated[bool, typer.Option("--only-new", help="Only accounts that the scan before did not find.")]


def choose_scan(kept: Kept, given: str | None) -> str:
    """The id of the scan that is meant; raises `NotFoundError` where there is none."""
    if given is not None:
        return given
    newest, _ = kept.history.list(1)
    if not newest:
        raise NotFoundError("No scan is kept here; start with clonecheck scan.")
    return newest[0].id


@history_app.callback(invoke_without_command=True)
def list_history(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="Most scans to list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List past scans, the newest first, and how many accounts were new in each."""
    if context.invoked_subcommand is not None:
        return
    from app.scans.offline import open_scans  # noqa: PLC0415  # keeps `--help` quick

    with open_scans(read_settings()) as kept:
        past, following = kept.history.list(limit)
    if as_json:
        print_json({"items": [_past_body(one) for one in past], "next": following})
        return
    for one in past:
        _print_past(one)
    if not past:
        _say("No scan is kept here.")
    elif following:
        _say(f"There are older ones: --limit {min(2 * limit, MOST)}", "dim")


def _past_body(past: Past) -> dict[str, Any]:
    moments = {name: value.isoformat() for name, value in asdict(past).items() if name.endswith("_at")}
    return asdict(past) | moments


def _print_past(past: Past) -> None:
    count = f"{past.suspects} suspect{'' if past.suspects == 1 else 's'}"
    new = "" if past.new is None else f", {past.new or 'no'} account{'' if past.new == 1 else 's'} new since the last"
    state = "" if past.status == "completed" else f"; {past.status}"
    _say(f"{past.created_at:%Y-%m-%d %H:%M}  {plain(past.who, 120) or 'a photo alone'}", "bold")
    _say(f"  {count}{new}{state}; kept until {past.expires_at:%Y-%m-%d}")
    _say(f"  clonecheck show {past.id}", "dim")


def _say(text: str, style: str = "") -> None:
    out.print(Text(text, style=style), highlight=False, soft_wrap=True)


@history_app.command("export")
def export(
    scan: ScanArgument = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; never overwritten.")] = None,
    only_new: OnlyNew = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON as the HTTP API answers it; else CSV.")] = False,
) -> None:
    """Write what a scan found as CSV, one account a line, or as JSON. The file holds personal data: keep it safe."""
    from app.scans.export import write_csv  # noqa: PLC0415
    from app.scans.offline import open_scans  # noqa: PLC0415
    from app.scans.past import keep_new  # noqa: PLC0415

    with open_scans(read_settings()) as kept:
        scan_id = choose_scan(kept, scan)
        found = kept.scans.read(scan_id)
        found = keep_new(found, kept.history.find_earlier(scan_id)) if only_new else found
    # On a terminal nothing of what strangers wrote may have power; a file keeps every character.
    shown = output is None and sys.stdout.isatty()
    text = write_json(found.model_dump(mode="json"), indent=2) + "\n" if as_json else write_csv(found, shown=shown)
    if output is None:
        sys.stdout.write(text)
        return
    # Spreadsheets take a file without the mark for one of another encoding.
    _write(output, text.encode() if as_json else b"\xef\xbb\xbf" + text.encode(errors="replace"))
    _say(f"Written to {output}")


def _write(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read (`OSError` where there is one)."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(data)


@history_app.command("erase")
def erase(
    scans: Annotated[list[str] | None, typer.Argument(help="The ids of scans.", metavar="SCAN")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All scans, and all that was said of accounts found.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase scans with everything found in them, and the reports noted from them. It cannot be undone."""
    from app.scans.offline import open_scans  # noqa: PLC0415

    if bool(scans) == everything:
        raise InvalidInputError("Give the ids of scans, or --all.")
    with open_scans(read_settings()) as kept:
        for scan in scans or ():
            # All are there, or none is erased.
            kept.scans.read(scan)
        count = kept.history.count() if everything else len(set(scans or ()))
        _ask(count, yes=yes)
        if everything:
            count = kept.history.erase_all()
        for scan in dict.fromkeys(scans or ()):
            kept.scans.erase(scan)
    print_json({"erased": count}) if as_json else _say(f"Erased {count} scan{'' if count == 1 else 's'}.")


def _ask(count: int, *, yes: bool) -> None:
    """Ask for a yes; raises `InvalidInputError` where nobody can be asked, and aborts on a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidInputError("Nobody can be asked here: add --yes to erase.")
    question = f"Erase {count} scan{'' if count == 1 else 's'} for good, with everything found?"
    typer.confirm(question, abort=True, err=True)
