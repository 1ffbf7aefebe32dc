"""`clonecheck sources`: where a scan can look, and whether asking there works."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from app.cli_shared import AsJson, print_json, read_settings
from app.cli_view import PROOFS
from app.plain_text import plain

sources_app = typer.Typer(help="List where a scan can look, what it costs and what it cannot see; try one.")
out = Console()

# Common enough that a source which works finds somebody.
TRIAL_NAME = "Alex Smith"


@sources_app.callback(invoke_without_command=True)
def list_sources(
    context: typer.Context,
    as_json: AsJson = False,
) -> None:
    """List where a scan can look, what it costs and what it cannot see."""
    if context.invoked_subcommand is not None:
        return
    from app.net.asking import Net  # noqa: PLC0415  # keeps `--help` quick
    from app.sources.registry import build_sources  # noqa: PLC0415
    from app.sources.routes import describe_sources  # noqa: PLC0415
    from app.storage import Database  # noqa: PLC0415

    settings = read_settings()
    net = Net.of(settings)
    known = build_sources(settings, Database.of(settings), net)
    listed = [item.model_dump(mode="json") for item in describe_sources(known)]
    net.close()
    if as_json:
        print_json({"sources": listed})
        return
    for item in listed:
        _print_source(item)


def _print_source(item: dict[str, Any]) -> None:
    """Tell of one source in a few lines: a table of sentences is hard to read."""
    where = "asks others" if item["leaves_machine"] else "stays on this machine"
    where = f"needs a key, {where}" if item["needs_key"] else where
    proof = f", mapping proven by {PROOFS[item['verified']]}" if item["leaves_machine"] else ""
    out.print(
        Text.assemble((item["name"], "bold"), f"  {item['title']}: {_say_state(item)}; {item['cost']}; {where}{proof}")
    )
    _print_line("sees", item["sees"])
    _print_line("cannot see", item["cannot_see"])
    if item["terms"]:
        _print_line("terms", item["terms"])
    if item["settings"]:
        _print_line("settings", ", ".join(f"CLONECHECK_{name.upper()}" for name in item["settings"]))


def _print_line(label: str, text: str) -> None:
    out.print(Padding(Text(f"{label}: {text}", style="dim" if label in {"settings", "terms"} else ""), (0, 0, 0, 4)))


def _say_state(item: dict[str, Any]) -> str:
    if item["ready"]:
        return "ready"
    return plain(item["not_ready"] or "not ready")


@sources_app.command("test")
def try_one(
    source: Annotated[str, typer.Argument(help="Name of the source, as in the list.")],
    name: Annotated[str | None, typer.Option(help="Name to search for.")] = None,
    handle: Annotated[str | None, typer.Option(help="User name to look up.")] = None,
    max_money: Annotated[float, typer.Option(min=0, help="Most US dollars to spend on a paid source.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Ask a source once, to see whether it works. This sends a request to it.

    Exit code 1 where it does not work.
    """
    from app.net.asking import Net  # noqa: PLC0415
    from app.sources.registry import build_sources  # noqa: PLC0415
    from app.sources.trial import try_source  # noqa: PLC0415
    from app.storage import Database  # noqa: PLC0415

    settings = read_settings()
    net = Net.of(settings)
    try:
        known = build_sources(settings, Database.of(settings), net)
        tried = try_source(known, source, name or TRIAL_NAME, handle, max_money)
    finally:
        net.close()
    if as_json:
        print_json({"tried": [{"place": one.place, "told": one.told, "works": one.works} for one in tried]})
    for line in () if as_json else tried:
        style = {True: "green", False: "bold red", None: "yellow"}[line.works]
        out.print(
            f"{plain(line.place)}: {plain(line.told)}", style=style, markup=False, highlight=False, soft_wrap=True
        )
    if any(line.works is False for line in tried):
        raise typer.Exit(1)
