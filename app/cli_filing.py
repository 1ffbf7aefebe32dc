"""`clonecheck report`: a report by a platform's interface, with your own token, once you have seen and confirmed it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from app.cli_shared import AsJson, open_index, print_json
from app.plain_text import plain
from app.problems import InvalidInputError

if TYPE_CHECKING:
    from app.reports.filing.contract import ChannelInfo
    from app.reports.filing.service import FilingService

TOKEN_VARIABLE = "CLONECHECK_REPORT_TOKEN"  # noqa: S105  # its name
_STATES = {
    None: "will be sent, if you confirm it",
    "filed": "has been filed already",
    "sending": "is being sent at this moment",
    "unclear": "has been sent before, and it is not known whether it arrived",
}
out = Console()
err = Console(stderr=True)


@contextmanager
def _open_filing() -> Iterator[FilingService]:
    from app.net.asking import Net  # noqa: PLC0415  # keeps `--help` quick
    from app.reports.filing.service import FilingService  # noqa: PLC0415
    from app.scans.filing import case_finder  # noqa: PLC0415

    with open_index() as (database, settings):
        net = Net.of(settings)
        try:
            yield FilingService(database, net, settings, case_finder(database, settings))
        finally:
            net.close()


def report(
    scan: Annotated[str, typer.Argument(help="The id of the scan.")],
    suspect: Annotated[str, typer.Argument(help="The suspect's rank in the scan, or its id.")],
    channel: Annotated[str, typer.Option(help="How to file it, as in bluesky-api; `clonecheck platforms` lists them.")],
    server: Annotated[
        str | None, typer.Option(help="The server where you have your account, as in mastodon.social.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="Your handle there, where the token is an app password (Bluesky).")
    ] = None,
    role: Annotated[
        str, typer.Option(help="self, authorised_representative, parent_or_guardian or bystander.")
    ] = "self",
    language: Annotated[str | None, typer.Option(help="Language of the text: en, de, es, fr, pt.")] = None,
    forward: Annotated[
        bool, typer.Option("--forward", help="Send a copy to the account's own server too (Mastodon).")
    ] = False,
    rule: Annotated[
        list[str] | None, typer.Option(help="Id of a rule of your server that it breaks (Mastodon); repeatable.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send it without asking; for scripts.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Send it although an earlier attempt may have arrived.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """File a report on a suspect, with your own token: shows what will be sent, asks, sends it once.

    The token is read from the environment (CLONECHECK_REPORT_TOKEN) or asked for; it is used once and kept nowhere.
    """
    from app.reports.filing.schemas import ConfirmedFilingIn, FilingIn, outcome_to_wire, preview_to_wire  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    fields: dict[str, Any] = {"scan_id": scan, "suspect_id": suspect, "channel": channel, "server": server}
    fields |= {"forward": forward, "rules": rule or [], "reporter": {"role": role, "language": language}}
    with _open_filing() as filing:
        info = filing.filer(channel).info
        shown = preview_to_wire(filing.preview(validate(FilingIn, fields).to_order())).model_dump(mode="json")
        _print_preview(err if as_json else out, shown)
        if shown["earlier"] is None or again:
            _confirm(yes=yes)
            fields |= {"token": _read_token(info, account), "account": account}
        else:
            # It is answered without sending: filed already, under way, or unclear.
            fields |= {"token": "none-is-needed"}
        given = {**fields, "fingerprint": shown["fingerprint"], "confirm": True, "again": again}
        request = validate(ConfirmedFilingIn, given)
        done = filing.file(request.to_order(), request.to_credentials(), request.fingerprint, again=again)
        body = outcome_to_wire(done).model_dump(mode="json")
    print_json(body) if as_json else _print_outcome(body, shown)


def _confirm(*, yes: bool) -> None:
    """Ask; raises `InvalidInputError` where nobody can be asked, and ends where the answer is no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InvalidInputError("Nothing was sent: without a terminal to ask on, say --yes.")
    if not typer.confirm("Send this report?", err=True):
        err.print("Nothing was sent.")
        raise typer.Exit(1)


def _read_token(info: ChannelInfo, account: str | None) -> str:
    """The token from the environment, or from the terminal without showing it."""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if token:
        return token
    if not sys.stdin.isatty():
        raise InvalidInputError(f"Nothing was sent: put your token into {TOKEN_VARIABLE}. {info.howto}")
    err.print(Text(info.howto))
    return str(typer.prompt("App password" if account else "Token", hide_input=True, err=True)).strip()


def _print_preview(console: Console, shown: dict[str, Any]) -> None:
    """Print all that would be sent, as it would be sent."""
    suspect = plain(shown["account"]["handle"] or shown["account"]["account_id"], 200)
    told = _STATES[(shown["earlier"] or {}).get("status")]
    console.print(Text(f"This report on {plain(shown['account']['platform'])} @{suspect} {told}:", style="bold"))
    _line(console, "to", plain(shown["recipients"], 500))
    _line(console, "request", f"{shown['method']} {plain(shown['url'], 2000)}")
    _line(console, "with", "your token")
    for name, value in shown["headers"].items():
        _line(console, "with", f"{name}: {plain(value, 500)}")
    for name, value in shown["body"].items():
        told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        _line(console, name, plain(told, 10_000))
    for note in shown["notes"]:
        console.print(Text(f"  - {plain(note, 1000)}", style="yellow"))


def _line(console: Console, label: str, text: str) -> None:
    console.print(Text(f"  {label}: {text}"), soft_wrap=True)


def _print_outcome(body: dict[str, Any], shown: dict[str, Any]) -> None:
    number = f" Its number there is {plain(body['receipt'])}." if body["receipt"] else ""
    when = f"{body['filed_at'][:19].replace('T', ' ')} UTC"
    if body["already"]:
        told = f"This account was reported to {shown['server']} already, at {when}; nothing was sent now.{number}"
    else:
        told = f"The report was filed with {plain(shown['server'])}.{number}"
    out.print(Text(told, style="bold green"))
