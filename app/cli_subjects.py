"""`clonecheck subjects` and `clonecheck check`: the protected people, and whom an account copies."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import cli_view
from app.settings import Settings

if TYPE_CHECKING:
    from app.storage import Database
    from app.subjects.protected import ProtectedSubjects

subjects_app = typer.Typer(help="Keep the people to protect: add, list, remove.", no_args_is_help=True)
out = Console()

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON as the HTTP API answers it.")]
Name = Annotated[str | None, typer.Option(help="The name as it is shown on the profile.")]
HandleOption = Annotated[str | None, typer.Option(help="The user name, or the address of the profile.")]
PlatformOption = Annotated[str | None, typer.Option(help="The platform the handle is used on, as in `x`.")]
PhotoOption = Annotated[
    Path | None, typer.Option(help="The profile photo: a JPEG, PNG, WebP or GIF file.", exists=True, dir_okay=False)
]
PAGE = 100


@contextmanager
def _open() -> Iterator[tuple[Database, Settings]]:
    from app.scans.offline import open_database  # noqa: PLC0415  # keeps `--help` quick

    settings = Settings()
    database = open_database(settings)
    try:
        yield database, settings
    finally:
        database.dispose()


@contextmanager
def _open_subjects() -> Iterator[ProtectedSubjects]:
    from app.accounts.scope import Scope  # noqa: PLC0415
    from app.scans.store import forget_subject  # noqa: PLC0415
    from app.subjects.protected import ProtectedSubjects  # noqa: PLC0415

    with _open() as (database, settings):
        scope = Scope.of(settings)
        yield ProtectedSubjects(database, settings, [lambda session, gone: forget_subject(session, scope, gone)])


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _photo(path: Path | None) -> dict[str, str] | None:
    return {"base64": base64.b64encode(path.read_bytes()).decode()} if path else None


def _told(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


@subjects_app.command("add")
def add_subjects(
    file: Annotated[
        Path | None,
        typer.Argument(help="NDJSON: one subject a line, as the HTTP API takes it.", exists=True, dir_okay=False),
    ] = None,
    name: Name = None,
    handle: HandleOption = None,
    platform: PlatformOption = None,
    photo: PhotoOption = None,
    own_account: Annotated[list[str] | None, typer.Option(help="Address of an own account; repeatable.")] = None,
    absent_from: Annotated[list[str] | None, typer.Option(help="Platform without an account; repeatable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Protect a person, or all that a file lists. Photos are kept as hashes, never as pictures."""
    from app.accounts.intake import read_lines  # noqa: PLC0415
    from app.subjects.schemas import SubjectIn  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    with _open_subjects() as subjects:
        if file is not None:
            body = subjects.import_all(read_lines(file.read_bytes(), "subject")).to_wire().model_dump(mode="json")
            _print_json(body) if as_json else cli_view.print_import(out, body)
            return
        fields = _told(name=name, handle=handle, platform=platform, own_accounts=own_account, absent_from=absent_from)
        stored, is_new = subjects.add(validate(SubjectIn, fields | _told(photo=_photo(photo))))
    if as_json:
        _print_json(stored.model_dump(mode="json"))
    else:
        out.print(Text(f"{stored.id} {'added' if is_new else 'is stored already'}"))


@subjects_app.command("list")
def list_subjects(as_json: AsJson = False) -> None:
    """List the people that are protected, the newest first."""
    items: list[dict[str, Any]] = []
    with _open_subjects() as subjects:
        cursor = None
        while not items or cursor:
            page = subjects.list(PAGE, cursor)
            items += page.model_dump(mode="json")["items"]
            cursor = page.next
            if not page.items:
                break
    if as_json:
        _print_json({"items": items})
        return
    table = Table("id", "names", "handles", "photos")
    for item in items:
        handles = ", ".join(f"{one['platform'] or 'any'} @{one['handle']}" for one in item["handles"])
        names = ", ".join(item["names"])
        table.add_row(*map(Text, (item["id"], cli_view.plain(names), cli_view.plain(handles), str(item["photos"]))))
    out.print(table)


@subjects_app.command("remove")
def remove_subject(
    subject_id: Annotated[str, typer.Argument(help="The id, as `clonecheck subjects list` shows it.")],
) -> None:
    """Erase a person with all that is derived from what was given."""
    with _open_subjects() as subjects:
        subjects.erase(subject_id)
    out.print(Text(f"{subject_id} erased"))


def check(
    file: Annotated[
        Path | None,
        typer.Argument(help="NDJSON: one account a line, as the HTTP API takes it.", exists=True, dir_okay=False),
    ] = None,
    name: Name = None,
    handle: HandleOption = None,
    platform: PlatformOption = None,
    photo: PhotoOption = None,
    min_probability: Annotated[float, typer.Option(min=0, max=1, help="Show matches from this chance on.")] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Tell which of the protected people an account copies, or each account of a file."""
    from app.accounts.schemas import AccountIn  # noqa: PLC0415
    from app.checks.schemas import CheckIn  # noqa: PLC0415
    from app.checks.service import CheckService  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    with _open() as (database, settings):
        service = CheckService(database, settings)

        def ask(fields: dict[str, Any]) -> dict[str, Any]:
            account = validate(AccountIn, fields)
            found = service.check(CheckIn(account=account, min_probability=min_probability))
            return found.model_dump(mode="json")

        if file is not None:
            _check_file(file, ask)
            return
        body = ask(_told(display_name=name, handle=handle, platform=platform, avatar=_photo(photo)))
    _print_json(body) if as_json else cli_view.print_check(out, body)


def _check_file(file: Path, ask: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer a line for each line of the file; a bad one is answered with its fault."""
    from fastapi.exceptions import RequestValidationError  # noqa: PLC0415

    from app.accounts.intake import read_lines  # noqa: PLC0415
    from app.accounts.observation import RejectedLine  # noqa: PLC0415
    from app.problems import ProblemError  # noqa: PLC0415

    for line, given in read_lines(file.read_bytes(), "account"):
        told: dict[str, Any] = {"line": line}
        try:
            if isinstance(given, RejectedLine) or not isinstance(given, dict):
                told["rejected"] = given.reason if isinstance(given, RejectedLine) else "is not a JSON object"
            else:
                told |= ask(given)
        except ProblemError as error:
            told["rejected"] = error.detail
        except RequestValidationError as error:
            told["rejected"] = "; ".join(str(fault["msg"]) for fault in error.errors()[:3])
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
