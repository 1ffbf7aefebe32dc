"""`clonecheck routes` and `clonecheck platforms`: how to report an account, and whether that still holds."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli_shared import AsJson, HandleOption, Name, print_json, read_settings
from app.cli_view import Wire, print_link, print_route
from app.plain_text import plain
from app.problems import InvalidInputError, ProblemError

if TYPE_CHECKING:
    from app.reports.schemas import SuspectIn

out = Console()

MONTH = 30
_KNOWN = {
    "documented": "The platform documents this",
    "seen": "Seen in public, not in the platform's own documents",
    "memory": "From memory only: look twice",
    "unknown": "Not established",
}
_HEADINGS = {"email": "The message:", "in_app": "The menu asks, in this order:", "api": "The call carries:"}


class OpeningError(ProblemError):
    """There is nothing to open, or no browser that could."""


class ReviewError(ProblemError):
    """The catalogue has something that must be looked at."""


def routes(
    suspect: Annotated[str, typer.Argument(help="Address of the suspected account.")],
    name: Name = None,
    handle: HandleOption = None,
    own_account: Annotated[list[str] | None, typer.Option(help="Address of an account of yours; repeatable.")] = None,
    suspect_name: Annotated[str | None, typer.Option(help="The name that the suspected account shows.")] = None,
    suspect_bio: Annotated[str | None, typer.Option(help="What the suspected account says of itself.")] = None,
    evidence: Annotated[list[str] | None, typer.Option(help="What was found, in a sentence; repeatable.")] = None,
    verdict: Annotated[str, typer.Option(help="What the account is: clone, lookalike, photo_reuse, namesake ...")] = (
        "clone"
    ),
    role: Annotated[
        str, typer.Option(help="self, authorised_representative, parent_or_guardian or bystander.")
    ] = "self",
    no_account: Annotated[bool, typer.Option("--no-account", help="You have no account on that platform.")] = False,
    country: Annotated[
        str | None, typer.Option(help="Where you live, as in DE; for police and fraud services.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the texts: en, de, es, fr, pt.")] = None,
    your_name: Annotated[str | None, typer.Option(help="Your name, if it may go into texts and links.")] = None,
    your_email: Annotated[str | None, typer.Option(help="Your e-mail address, if it may go into texts and links.")] = (
        None
    ),
    opens: Annotated[bool, typer.Option("--open", help="Open a link in your browser; nothing is sent.")] = False,
    number: Annotated[int, typer.Option(min=1, help="Which of the ways --open opens.")] = 1,
    as_json: AsJson = False,
) -> None:
    """List the ways to report an account, the best first. Nothing is ever sent."""
    from app.reports.schemas import ReporterIn  # noqa: PLC0415  # keeps `--help` quick
    from app.reports.service import find_routes  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    seen = {"display_name": suspect_name, "bio": suspect_bio, "evidence": evidence, "verdict": verdict}
    reporter = {"role": role, "has_account": False if no_account else None, "country": country, "language": language}
    reporter |= {"name": your_name, "email": your_email}
    body = find_routes(
        _read_subject(name, handle, own_account),
        _read_suspect(suspect, seen),
        validate(ReporterIn, _given(reporter)).to_reporter(),
    )
    print_json(body) if as_json else print_routes(out, body)
    if opens:
        _open(body, number)


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _read_subject(name: str | None, handle: str | None, own_accounts: list[str] | None) -> Any:
    from app.subjects.schemas import SubjectIn  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415
    from matchers.profile import Subject  # noqa: PLC0415

    fields = _given({"name": name, "handle": handle, "own_accounts": own_accounts})
    # Without anything about the person the texts are shorter, and still true.
    return validate(SubjectIn, fields).to_subject(read_settings()) if name or handle else Subject()


def _read_suspect(address: str, seen: dict[str, Any]) -> SuspectIn:
    from app.platforms.identity import parse_profile_url  # noqa: PLC0415
    from app.reports.schemas import SuspectIn  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    found = parse_profile_url(address.strip())
    if found is None:
        raise InvalidInputError("The address belongs to no known profile; give it as in https://x.com/janedoe.")
    ref = {"platform": found.platform, "handle": found.handle, "account_id": found.account_id}
    return validate(SuspectIn, _given(ref | seen))


def _open(body: dict[str, Any], number: int) -> None:
    found = body["routes"]
    if number > len(found) or not found[number - 1]["url"]:
        raise OpeningError(f"Way {number} has no link to open.")
    route = found[number - 1]
    err = Console(stderr=True)
    err.print(f"Opening in your browser, way {number} ({route['name']}): {route['url']}", markup=False, soft_wrap=True)
    if not webbrowser.open(route["url"]):
        raise OpeningError("No browser could be started; copy the link from the list above.")


def _say(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    # The terminal breaks long lines itself, so that a text can be copied as it is.
    console.print(Text(" " * indent + text, style=style), highlight=False, soft_wrap=True)


def print_routes(console: Console, body: Wire) -> None:
    """Print every way to report an account, the best first, with the text to paste into each field."""
    for number, route in enumerate(body.get("routes", ()), 1):
        console.print()
        _print_whole_route(console, route, number)
    if body.get("none_because"):
        _say(console, plain(body["none_because"], 1000), "yellow")
    if body.get("legal"):
        _print_legal(console, body["legal"])
    if body.get("routes"):
        _say(console, "\nNothing has been sent. You decide what to file, and where.", "bold")


def _print_whole_route(console: Console, route: Wire, number: int) -> None:
    print_route(console, route, f"{number}.")
    if route.get("note"):
        _say(console, plain(route["note"], 1000), "yellow" if route.get("overdue") else "", 3)
    if route.get("form_url"):
        print_link(console, "   The form as it was last known", route["form_url"])
    if route.get("preselects"):
        _say(console, f"The link does this already: {plain(route['preselects'])}", indent=3)
    if route.get("shortened"):
        told = ", ".join(map(plain, route["shortened"]))
        _say(console, f"Cut in the link, which would be too long: {told}. The whole text is below.", indent=3)
    _print_fields(console, route.get("copy", ()), _HEADINGS.get(route["channel"], "The form asks, in this order:"), 3)
    if route.get("bring"):
        _say(console, "Only you can give:", indent=3)
        for item in route["bring"]:
            _say(console, f"- {plain(item)}", indent=5)
    if route.get("expect"):
        _say(console, f"What happens then: {plain(route['expect'], 1000)}", indent=3)
    if route.get("review_after"):
        known = _KNOWN.get(route["verified"], plain(route["verified"]))
        told = f"{known}; checked on {route['reviewed_at']}, to be checked again after {route['review_after']}"
        _say(console, told, "dim", 3)


def _print_fields(console: Console, fields: Sequence[Wire], heading: str, indent: int) -> None:
    if fields:
        _say(console, heading, indent=indent)
    for item in fields:
        label = plain(item["field"])
        label += "" if label.endswith(("?", ":")) else ":"
        lines = [plain(line, 4000) for line in str(item["text"]).split("\n")]
        if len(lines) > 1:
            _say(console, label, indent=indent + 2)
            for line in lines:
                _say(console, line, indent=indent + 4)
        elif item.get("action") == "choose":
            _say(console, f"{label} choose “{lines[0]}”", indent=indent + 2)
        else:
            _say(console, f"{label} {lines[0]}", indent=indent + 2)


def _print_legal(console: Console, options: Sequence[Wire]) -> None:
    _say(console, f"\nOther ways. {plain(options[0]['notice'])}", "bold")
    for option in options:
        unsure = "; from memory" if option["verified"] == "memory" else ""
        _say(console, f"- {plain(option['name'])} ({plain(option['jurisdiction'])}{unsure})")
        for name in ("applies_when", "where", "effects", "disputes", "in_force", "note"):
            if option.get(name):
                _say(console, plain(option[name], 1000), indent=5)
        for warning in option["warnings"]:
            _say(console, f"Mind: {plain(warning)}", "yellow", 5)
        _print_fields(console, option["copy"], "It must say:", 5)
        for item in option["bring"]:
            _say(console, f"Only you can add: {plain(item)}", indent=7)
        for label, url in (("Address", option["url"]), ("Also", option["also"])):
            if url:
                print_link(console, f"     {label}", url)
        if option["phone"]:
            _say(console, f"Phone: {plain(option['phone'])}", indent=5)


def platforms(
    check: Annotated[bool, typer.Option("--check", help="Check the files: shape, examples, dates of review.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Another folder of catalogue files.", exists=True, file_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the platforms whose report routes are known; with --check, look whether that still holds."""
    from app.platforms.catalogue import DATA, CatalogueError, read_catalogue  # noqa: PLC0415
    from app.platforms.routes import describe_platforms  # noqa: PLC0415

    try:
        catalogue = read_catalogue(folder or DATA)
    except CatalogueError as error:
        raise InvalidInputError(str(error)) from None
    if check:
        _check(catalogue, as_json=as_json)
        return
    listed = describe_platforms(catalogue)
    if as_json:
        print_json({"platforms": listed})
        return
    table = Table("platform", "name", "ways to report", "filed for you by", "checked", "check again after")
    for item in listed:
        dates = (item["reviewed_at"], item["review_after"])
        table.add_row(item["id"], item["name"], str(item["report_channels"]), item["filing"] or "", *dates)
    out.print(table)
    _print_channels()


def _print_channels() -> None:
    """Print how reports can be filed, and how to get the token for it."""
    from app.reports.filing.registry import connect_all  # noqa: PLC0415

    out.print(Text("Filed for you, with your own token, once you have seen and confirmed the report:", style="bold"))
    for filer in connect_all(read_settings()).values():
        info = filer.info
        where = "" if info.fixed_server else " --server YOUR-SERVER"
        where += " --account YOUR-HANDLE" if info.login else ""
        command = f"clonecheck report SCAN SUSPECT --channel {info.name}{where}"
        out.print(Text.assemble("  ", (info.title, "bold"), f": {command}"))
        out.print(Text(f"    token: {info.howto}"), soft_wrap=True)
        out.print(Text(f"    scopes: {info.scope}"), soft_wrap=True)


def _check(catalogue: Any, *, as_json: bool) -> None:
    """Print what was looked at; raises `ReviewError` (exit code 2) if anything must be mended."""
    from app.platforms.review import count_confidence, review_catalogue  # noqa: PLC0415

    today = datetime.now(UTC).date()
    channels = [channel for platform in catalogue.platforms.values() for channel in platform.channels]
    confidence = count_confidence(channels)
    soon = [p.id for p in catalogue.platforms.values() if 0 <= (p.facts.review_after - today).days <= MONTH]
    remarks = review_catalogue(catalogue, today)
    wrong = sum(remark.is_wrong for remark in remarks)
    if as_json:
        told = [{"platform": one.platform, "told": one.told, "wrong": one.is_wrong} for one in remarks]
        print_json({"platforms": len(catalogue.platforms), "ways": dict(confidence), "soon": soon, "remarks": told})
    else:
        _print_review(len(catalogue.platforms), confidence, soon, remarks)
    if wrong:
        raise ReviewError(f"{wrong} thing{'' if wrong == 1 else 's'} to mend; docs/extending.md says how.")


def _print_review(count: int, confidence: Mapping[str, int], soon: Sequence[str], remarks: list[Any]) -> None:
    words = ", ".join(f"{number} {word}" for word, number in confidence.items())
    ways = sum(confidence.values())
    out.print(f"{count} platforms, {ways} ways to report ({words}): the files are valid.")
    if soon:
        out.print(f"To be checked within {MONTH} days: {', '.join(soon)}", highlight=False)
    for line in _tell(remarks):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _tell(remarks: list[Any]) -> Iterator[str]:
    for remark in sorted(remarks, key=lambda one: not one.is_wrong):
        yield f"{'WRONG' if remark.is_wrong else 'note '}  {remark.platform}: {remark.told}"
