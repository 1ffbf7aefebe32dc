"""`clonecheck attack`: what impostors would do with a handle and a photo, and whether each would be caught."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from app.cli_shared import (
    AsJson,
    HandleOption,
    Name,
    PhotoOption,
    PlatformOption,
    print_json,
    read_settings,
    subject_fields,
)
from app.cli_view import MARKED, Wire, say
from app.plain_text import mark_text, plain, say_chance

out = Console()

_HEADINGS = {
    "handle": "User names an impostor might take: register the likeliest yourself",
    "name": "Your name alone",
    "copy": "Your name, and your photo changed",
    "photo": "Your photo, changed, under another name",
}


def attack(
    name: Name = None,
    handle: HandleOption = None,
    platform: PlatformOption = None,
    photo: PhotoOption = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Most user names to try for each handle.")] = 12,
    as_json: AsJson = False,
) -> None:
    """Do to yourself what impostors would, and see whether clonecheck would catch each.

    Everything happens on this machine, in memory: nobody is asked, and nothing is stored.
    """
    from app.scans.attacks import try_attacks  # noqa: PLC0415  # keeps `--help` quick
    from app.subjects.schemas import SubjectIn  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    given = validate(SubjectIn, subject_fields(name, handle, platform, photo))
    tried = try_attacks(given, photo.read_bytes() if photo else None, read_settings(), limit)
    body = tried.model_dump(mode="json")
    print_json(body) if as_json else print_attacks(out, body)


def print_attacks(console: Console, body: Wire) -> None:
    """Print what was tried, kind by kind, and how much of it would be caught."""
    attacks = body["attacks"]
    if body["photo"] and not body["photo"]["usable"]:
        say(console, f"The photo cannot be compared: {plain(body['photo']['reason'])}", "yellow")
    for kind, heading in _HEADINGS.items():
        same = [one for one in attacks if one["kind"] == kind]
        if same:
            say(console, f"\n{heading}", "bold")
        for one in same:
            _print_attack(console, one)
    if not attacks:
        say(console, "Nothing comes to mind that could be done with that.")
        return
    say(console, f"\n{body['caught']} of {body['tried']} would be found and listed as suspects.", "bold")
    if body["caught"] < body["tried"]:
        say(console, "Whoever is not caught looks like a stranger: watch for those yourself.")
        if body["photo"] is None:
            say(console, "A photo tells most: with --photo you see what becomes of copies of yours.")
    told = "Tried on this machine, as if each account were the only one of its kind in an index of a million."
    say(console, f"{told} A platform that is never asked hides them all.", "dim")


def _print_attack(console: Console, one: dict[str, Any]) -> None:
    if one["kind"] == "handle":
        head = Text("  ").append_text(_mark_handle(one)).append(f"  {plain(one['told'])}", "dim")
        console.print(head, highlight=False)
    else:
        say(console, f"  {plain(one['told'])}")
    chance = say_chance(one["probability"])
    reason = f" {plain(one['reason'], 1_000)}." if one["reason"] else ""
    if one["caught"]:
        by = ", once its picture is fetched" if one["needs_picture"] else ""
        say(console, f"    caught{by}: {chance} like this were clones.{reason}", "green")
    elif not one["found"]:
        say(console, "    MISSED: it shares too little with you to come up at all.", "bold red")
    else:
        say(console, f"    MISSED: {chance} like this were clones.{reason}", "bold red")


def _mark_handle(one: Wire) -> Text:
    from matchers.lookalikes import find_difference  # noqa: PLC0415

    text = Text("@")
    for piece in mark_text(one["handle"], find_difference(one["handle"], one["imitates"]), 80):
        text.append(piece.text, MARKED if piece.marked else "bold")
    return text
