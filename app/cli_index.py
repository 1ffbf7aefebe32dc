"""`clonecheck index`: care of the index of accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli_progress import ProgressTeller
from app.cli_shared import Quiet, open_index, print_json, read_settings

index_app = typer.Typer(help="Look after the index: count, check, rebuild, back up, restore.", no_args_is_help=True)
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_MEBIBYTE = 1024 * 1024


@index_app.command("stats")
def show_stats(as_json: AsJson = False) -> None:
    """Tell what the index holds, how much room it takes, and whether a rebuild is needed."""
    from app.care import gather_stats  # noqa: PLC0415

    with open_index() as (database, settings):
        stats = gather_stats(database, settings)
    if as_json:
        print_json(stats)
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
    """Check the database, and the index in it.

    Exit code 0 where nothing is wrong, or --repair mended all of it; 1 where something is left.
    """
    from app import care  # noqa: PLC0415

    with open_index() as (database, settings):
        told = care.check_index(database, settings, everything=everything, repair=repair)
        left = care.check_index(database, settings, everything=True, repair=False) if repair and told else told
    if as_json:
        print_json({"findings": told, "left": left})
    else:
        for line in told:
            out.print(Text(line))
        if told and repair:
            out.print(Text(f"After the repair {len(left)} findings are left."))
        elif not told:
            out.print(Text("Nothing is wrong."))
    if left:
        raise typer.Exit(1)


@index_app.command("rebuild")
def rebuild_index(as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Make the keys anew that another version made. Others may go on; run it again after an interruption."""
    from app import care  # noqa: PLC0415

    with open_index() as (database, _), ProgressTeller(err, "Rebuilding", "rows", silent=as_json or quiet) as teller:
        done = care.rebuild_index(database, lambda done, total: teller.tell(done, done, total))
    if as_json:
        print_json(done)
    else:
        out.print(Text(f"Rebuilt the keys of {done['accounts']:,} accounts and {done['subjects']:,} subjects."))


@index_app.command("backup")
def back_up(
    file: Annotated[Path, typer.Argument(help="Where to write it; must not exist.", dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Write the whole database to one file, while others go on. It is not migrated before.

    The file holds personal data: keep it as safe as the database, and delete it in time.
    """
    from app.restore import back_up as write  # noqa: PLC0415

    size = write(read_settings(), file)
    if as_json:
        print_json({"bytes": size})
        return
    told = "The file holds personal data: keep it safe, delete it in time."
    out.print(Text(f"Wrote {size / _MEBIBYTE:,.1f} MiB. {told}"))


_ERASURES_UNKNOWN = (
    "Warning: there was no database here, so that nothing is known of erasures made after this backup: whoever was "
    "erased since is in the index again. Where the former database still is, run `clonecheck index suppressions export "
    "FILE` there, and then `clonecheck index suppressions import FILE` here, before the service starts."
)
SuppressionFile = Annotated[
    Path | None, typer.Option("--suppressions", help="Exported erasures to honour too.", exists=True, dir_okay=False)
]


@index_app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", exists=True, dir_okay=False)],
    suppressions: SuppressionFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the database; what was erased since stays erased.

    Erasures that the present database knows are done again in the restored one. On another machine give those that
    `clonecheck index suppressions export` wrote. Refused while the database is in use.
    """
    from app.accounts import erasures  # noqa: PLC0415
    from app.restore import restore as put_back  # noqa: PLC0415

    more = erasures.read_file(suppressions) if suppressions else []
    done = put_back(read_settings(), file, more)
    if as_json:
        print_json({"erased": done.erased, "erasures_known": done.erasures_known or suppressions is not None})
    else:
        out.print(Text(f"Restored. {done.erased:,} accounts and subjects that were erased since are erased again."))
    if not done.erasures_known and suppressions is None:
        err.print(Text(_ERASURES_UNKNOWN, "yellow"))


suppressions_app = typer.Typer(
    help="Carry erasures to another database. The file tells nothing by itself, but who has it can test a guess.",
    no_args_is_help=True,
)
index_app.add_typer(suppressions_app, name="suppressions")


@suppressions_app.command("export")
def export_suppressions(
    file: Annotated[Path, typer.Argument(help="Where to write them.", dir_okay=False)], as_json: AsJson = False
) -> None:
    """Write what is remembered of erasures to a file."""
    from app.accounts import erasures  # noqa: PLC0415

    with open_index() as (database, _), database.read() as session:
        count = erasures.write_file(file, erasures.read_erasures(session))
    print_json({"written": count}) if as_json else out.print(Text(f"Wrote {count:,} suppressions."))


@suppressions_app.command("import")
def import_suppressions(
    file: Annotated[Path, typer.Argument(help="What `export` wrote.", exists=True, dir_okay=False)],
    as_json: AsJson = False,
) -> None:
    """Remember exported erasures here too, and erase what they name."""
    from app.accounts import erasures  # noqa: PLC0415
    from app.restore import take_in  # noqa: PLC0415

    with open_index() as (database, _):
        gone = take_in(database, erasures.read_file(file))
    print_json({"erased": gone}) if as_json else out.print(Text(f"{gone:,} accounts and subjects were erased."))
