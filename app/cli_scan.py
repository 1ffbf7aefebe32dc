"""`clonecheck scan` and `clonecheck show`: a search, and a search of before, as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from app import cli_view
from app.cli_history import OnlyNew, ScanArgument, choose_scan
from app.cli_live import ScanTeller
from app.cli_pictures import can_show, choose_side, draw_pair
from app.cli_shared import (
    AsJson,
    HandleOption,
    Name,
    PhotoOption,
    PlatformOption,
    Quiet,
    print_json,
    read_settings,
    subject_fields,
)
from app.problems import InvalidInputError

if TYPE_CHECKING:
    from app.scans.offline import Kept
    from app.scans.schemas import ScanOut
    from app.settings import Settings

out = Console()
err = Console(stderr=True)

SUSPECTS_FOUND = 3
# As shells count an end by SIGINT; Typer ends every other command with it too.
INTERRUPTED = 130
Pictures = Annotated[
    bool, typer.Option("--pictures", help="Fetch the suspects' pictures and show them beside yours, in colours.")
]
FailOnSuspects = Annotated[
    bool, typer.Option("--fail-on-suspects", help=f"Exit with {SUSPECTS_FOUND} where there is a suspect; for scripts.")
]
# The longest that all pictures may take, in seconds, and the most that are fetched.
_PICTURE_SECONDS = 20.0
_MOST_PICTURES = 10


def scan(
    name: Name = None,
    handle: HandleOption = None,
    platform: PlatformOption = None,
    photo: PhotoOption = None,
    subject_id: Annotated[
        str | None, typer.Option(help="A stored subject, in place of name, handle and photo.")
    ] = None,
    own_account: Annotated[list[str] | None, typer.Option(help="Address of an account of yours; repeatable.")] = None,
    absent_from: Annotated[list[str] | None, typer.Option(help="Platform you have no account on; repeatable.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Where to look; repeatable. Default: index.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most suspects to show.")] = 20,
    min_probability: Annotated[float, typer.Option(min=0, max=1, help="Show suspects from this chance on.")] = 0.5,
    max_calls: Annotated[int, typer.Option(min=0, help="Most calls to other services.")] = 200,
    max_seconds: Annotated[float, typer.Option(min=1, max=600, help="Longest time to look.")] = 30,
    max_money: Annotated[float, typer.Option(min=0, help="Most US dollars to spend on paid sources.")] = 0,
    pictures: Pictures = False,
    fail_on_suspects: FailOnSuspects = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Search for accounts that pass themselves off as you.

    Exit code 0 whatever was found, unless --fail-on-suspects is given. Ctrl-C ends it early, keeps and shows what was
    found until then, and exits with 130.
    """
    from app.scans.offline import scan_once  # noqa: PLC0415  # keeps `--help` quick
    from app.scans.schemas import ScanIn  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    _refuse_pictures(pictures, as_json)
    fields = subject_fields(name, handle, platform, photo) | {"limit": limit, "min_probability": min_probability}
    fields |= {"subject_id": subject_id} if subject_id else {}
    fields["budget"] = {"calls": max_calls, "seconds": max_seconds, "money": max_money}
    repeated = {"own_accounts": own_account, "absent_from": absent_from, "sources": source}
    request = validate(ScanIn, fields | {key: value for key, value in repeated.items() if value})
    if max_money:
        err.print(f"Paid sources may spend up to {cli_view.say_money(max_money)} on this scan.", markup=False)
    settings = read_settings()
    with ScanTeller(err, max_seconds, silent=as_json or quiet) as teller:
        found = scan_once(settings, request, on_start=teller.follow)
    _tell(found, photo if pictures else None, pictures=pictures, as_json=as_json, settings=settings)
    if found.status == "cancelled":
        raise typer.Exit(INTERRUPTED)
    if fail_on_suspects and found.suspects:
        raise typer.Exit(SUSPECTS_FOUND)


def show(
    scan: ScanArgument = None,
    only_new: OnlyNew = False,
    pictures: Pictures = False,
    photo: Annotated[
        Path | None, typer.Option(help="Your photo, to stand beside the pictures.", exists=True, dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a past scan again. Nothing is searched."""
    from app.scans.offline import open_scans  # noqa: PLC0415
    from app.scans.past import keep_new  # noqa: PLC0415

    _refuse_pictures(pictures, as_json)
    settings = read_settings()
    with open_scans(settings) as kept:
        scan_id = choose_scan(kept, scan)
        found = kept.scans.read(scan_id)
        if only_new:
            earlier = kept.history.find_earlier(scan_id)
            found = keep_new(found, earlier)
            told = f"Only what is new since {earlier.created_at:%Y-%m-%d %H:%M}." if earlier else "No scan was before."
            err.print(Text(told, "yellow"), highlight=False)
    _tell(found, photo, pictures=pictures, as_json=as_json, settings=settings)


def _refuse_pictures(pictures: bool, as_json: bool) -> None:
    if pictures and as_json:
        raise InvalidInputError("--pictures is for people: leave it out with --json.")


def _tell(found: ScanOut, photo: Path | None, *, pictures: bool, as_json: bool, settings: Settings) -> None:
    body = found.model_dump(mode="json")
    if as_json:
        print_json(body)
        return
    cli_view.print_scan(out, body, _draw_all(found, photo, settings) if pictures else cli_view.NO_PICTURES)


def _draw_all(found: ScanOut, photo: Path | None, settings: Settings) -> Mapping[str, Text]:
    """The suspects' pictures beside the person's own, by the suspects' ids; says once where none can be shown."""
    from app.photos.display import redraw  # noqa: PLC0415
    from app.scans.offline import open_scans  # noqa: PLC0415

    if not can_show(out):
        err.print(Text("No pictures: this is no terminal with colours. None was fetched.", "yellow"))
        return cli_view.NO_PICTURES
    own = redraw(photo.read_bytes(), settings) if photo else None
    with open_scans(settings) as kept, err.status("Fetching pictures ..."):
        theirs = _fetch_all(kept, found, settings)
    side = choose_side(out)
    return {name: _or_reason(own, data, side) for name, data in theirs.items()}


def _or_reason(own: bytes | None, theirs: bytes | str, side: int) -> Text:
    return Text(f"   {theirs}", "dim") if isinstance(theirs, str) else draw_pair(own, theirs, side)


def _fetch_all(kept: Kept, found: ScanOut, settings: Settings) -> dict[str, bytes | str]:
    """The pictures of the first suspects, or why there is none."""
    from app.accounts.scope import Scope  # noqa: PLC0415
    from app.net.budget import Budget, Ledger  # noqa: PLC0415
    from app.net.errors import NetError  # noqa: PLC0415
    from app.photos.display import fetch_shown  # noqa: PLC0415
    from app.photos.intake import PhotoRejectedError  # noqa: PLC0415
    from app.scans.avatars import find_avatar_urls  # noqa: PLC0415

    with kept.database.read() as session:
        urls = find_avatar_urls(session, Scope.of(settings), found.id)
    ask = kept.net.asker(Ledger(Budget(calls=3 * _MOST_PICTURES, seconds=_PICTURE_SECONDS)))
    fetched: dict[str, bytes | str] = {}
    for suspect in found.suspects[:_MOST_PICTURES]:
        url = urls.get(suspect.id)
        if url is None:
            fetched[suspect.id] = "No address of its picture is known."
            continue
        try:
            fetched[suspect.id] = fetch_shown(ask, url, settings)
        except (NetError, PhotoRejectedError):
            fetched[suspect.id] = "Its picture could not be fetched."
    return fetched
