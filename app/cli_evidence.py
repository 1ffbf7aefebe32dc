"""`clonecheck evidence` and `clonecheck verify`: bundles of evidence, made and checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from app.cli_shared import AsJson, open_index, print_json, read_settings
from app.plain_text import plain, say_chance

if TYPE_CHECKING:
    from app.reports.evidence.checking import Checked

out = Console()
err = Console(stderr=True)

_Picture = typer.Option(help="Your own photo, to be included.", exists=True, dir_okay=False)
_SuspectPicture = typer.Option(
    help="The account's picture as you saved it, to be included.", exists=True, dir_okay=False
)


def make_evidence(
    scan: Annotated[str | None, typer.Argument(help="The id of a scan.")] = None,
    suspect: Annotated[str | None, typer.Argument(help="The id of a suspect, or its place in the list.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; never overwritten.")] = None,
    picture: Annotated[Path | None, _Picture] = None,
    suspect_picture: Annotated[Path | None, _SuspectPicture] = None,
    fetch_picture: Annotated[
        bool, typer.Option("--fetch-picture", help="Fetch the account's picture now, and include it.")
    ] = False,
    public_key: Annotated[
        bool, typer.Option("--public-key", help="Print the key that signs, and its fingerprint, and stop.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a signed bundle of evidence on a suspect: a page for people, the data for programs, no pictures unasked.

    Give the fingerprint of the key to whoever receives bundles: he checks them with `clonecheck verify --key`.
    """
    from app.reports.evidence.files import write_new  # noqa: PLC0415  # keeps `--help` quick
    from app.reports.evidence.keys import SigningKey  # noqa: PLC0415
    from app.scans.evidence import Choice, EvidenceService  # noqa: PLC0415
    from app.scans.store import read_suspect  # noqa: PLC0415

    if public_key:
        key = SigningKey.of(read_settings())
        if as_json:
            print_json({"public_key": key.public_pem.decode(), "fingerprint": key.fingerprint})
        else:
            sys.stdout.write(f"{key.public_pem.decode()}{key.fingerprint}\n")
        return
    if scan is None or suspect is None:
        raise typer.BadParameter("Give the scan and the suspect, or --public-key.")
    if suspect_picture is not None and fetch_picture:
        raise typer.BadParameter("Give the account's picture, or have it fetched; not both.")
    choice = Choice(_read(picture), _read(suspect_picture), fetch_picture)
    with open_index() as (database, settings):
        made = EvidenceService(database, settings).make(scan, read_suspect(suspect), choice)
    target = output or Path(made.file_name)
    write_new(target, made.data)
    if as_json:
        print_json({"file": str(target), "fingerprint": made.fingerprint})
        return
    out.print(Text(f"Written to {target}"), highlight=False, soft_wrap=True)
    out.print(Text(f"Signed by the key {made.fingerprint}"), highlight=False, soft_wrap=True)


def _read(path: Path | None) -> bytes | None:
    return path.read_bytes() if path else None


def verify(
    bundle: Annotated[Path, typer.Argument(help="The bundle to check.", exists=True, dir_okay=False)],
    key: Annotated[str | None, typer.Option(help="The fingerprint of the key that it must be signed with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a bundle: its signature, every member, and the comparison, judged again here. Needs no database.

    Exit codes: 0 intact, and judged again to the same result; 3 not intact, or no bundle; 4 signed by another key than
    asked for; 5 judged again to another result; 6 judged by another version of the model: both results are shown.
    """
    from app.reports.evidence.checking import Outcome, check_bundle  # noqa: PLC0415
    from app.reports.evidence.container import MAX_BUNDLE, BundleError  # noqa: PLC0415
    from app.reports.evidence.keys import read_fingerprint  # noqa: PLC0415

    wanted = read_fingerprint(key) if key is not None else None
    with bundle.open("rb") as file:
        data = file.read(MAX_BUNDLE + 1)
    try:
        checked = check_bundle(data, wanted)
    except BundleError as fault:
        if as_json:
            print_json({"outcome": Outcome.NOT_INTACT.name.lower(), "detail": fault.detail})
        else:
            err.print(Text(f"Not intact: {fault.detail}", style="bold red"), highlight=False, soft_wrap=True)
        raise typer.Exit(Outcome.NOT_INTACT) from None
    print_json(checked.to_wire()) if as_json else _print_checked(checked, pinned=wanted is not None)
    raise typer.Exit(checked.outcome)


def _print_checked(checked: Checked, *, pinned: bool) -> None:
    from app.reports.evidence.checking import Outcome  # noqa: PLC0415

    verdicts = {
        Outcome.INTACT: ("Intact, and judged again to the same result.", "bold green"),
        Outcome.OTHER_KEY: ("Intact, but signed by ANOTHER KEY than the one that you asked for.", "bold red"),
        Outcome.OTHER_RESULT: ("Intact, but judged again to ANOTHER RESULT: what it says does not follow.", "bold red"),
        Outcome.OTHER_MODEL: (
            "Intact. It was judged by another version of the model; both results are below.",
            "yellow",
        ),
    }
    told, style = verdicts[checked.outcome]
    account = checked.content.inputs.account
    name = plain(account.display_name or "", 80)
    rows = [
        (told, style),
        (f"Account: {plain(account.platform)} @{plain(account.handle or account.account_id or '', 80)} “{name}”", ""),
        (f"Put together on {checked.content.created_at:%Y-%m-%d %H:%M} by {plain(checked.content.generator)}", ""),
        (f"Signed by the key {checked.fingerprint}", ""),
    ]
    if not pinned:
        rows.append(
            ("Anybody can sign with some key: compare it with the one that the sender told you (--key).", "yellow")
        )
    for label, one in (("Recorded", checked.content.comparison), ("Judged again", checked.again)):
        score = f"{one.verdict}, {say_chance(one.probability)}, {one.bits:+.3f} bits"
        rows.append((f"{label}: {score} (model {plain(one.model)})", ""))
    if checked.content.decided:
        rows.append(("The recorded verdict is a person's word; the score is the model's.", ""))
    for text, shade in rows:
        out.print(Text(text, style=shade), highlight=False, soft_wrap=True)
