"""`clonecheck subjects` and `clonecheck check`: the protected people, and whom an account copies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app import cli_view
from app.cli_shared import (
    AsJson,
    HandleOption,
    Name,
    PhotoOption,
    PlatformOption,
    open_index,
    print_json,
    read_photo,
    write_json,
)
from app.plain_text import plain

if TYPE_CHECKING:
    from app.accounts.schemas import AccountIn
    from app.checks.schemas import CheckOptions
    from app.checks.service import CheckService
    from app.subjects.protected import ProtectedSubjects

subjects_app = typer.Typer(help="Keep the people to protect: add, list, remove.", no_args_is_help=True)
out = Console()

PAGE = 100


@contextmanager
def _open_subjects() -> Iterator[ProtectedSubjects]:
    from app.accounts.scope import Scope  # noqa: PLC0415
    from app.scans.store import forget_subject  # noqa: PLC0415
    from app.subjects.protected import ProtectedSubjects  # noqa: PLC0415

    with open_index() as (database, settings):
        scope = Scope.of(settings)
        yield ProtectedSubjects(database, settings, [lambda session, gone: forget_subject(session, scope, gone)])


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
            print_json(body) if as_json else cli_view.print_import(out, body)
            return
        fields = _told(name=name, handle=handle, platform=platform, own_accounts=own_account, absent_from=absent_from)
        stored, is_new = subjects.add(validate(SubjectIn, fields | _told(photo=read_photo(photo))))
    if as_json:
        print_json(stored.model_dump(mode="json"))
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
        print_json({"items": items})
        return
    table = Table("id", "names", "handles", "photos")
    for item in items:
        handles = ", ".join(f"{one['platform'] or 'any'} @{one['handle']}" for one in item["handles"])
        names = ", ".join(item["names"])
        table.add_row(*map(Text, (item["id"], plain(names), plain(handles), str(item["photos"]))))
    out.print(table)


@subjects_app.command("remove")
def remove_subject(
    subject_id: Annotated[str, typer.Argument(help="The id, as `clonecheck subjects list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Erase a person with all that is derived from what was given."""
    with _open_subjects() as subjects:
        subjects.erase(subject_id)
    print_json({"erased": subject_id}) if as_json else out.print(Text(f"{subject_id} erased"))


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
    """Tell which of the protected people an account copies, or each account of a file: a line of JSON for each."""
    from app.accounts.schemas import AccountIn  # noqa: PLC0415
    from app.checks.schemas import CheckIn  # noqa: PLC0415
    from app.checks.service import CheckService  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    with open_index() as (database, settings), closing(CheckService(database, settings)) as service:
        if file is not None:
            _check_file(file, service, min_probability)
            return
        fields = _told(display_name=name, handle=handle, platform=platform, avatar=read_photo(photo))
        given = CheckIn(account=validate(AccountIn, fields), min_probability=min_probability)
        body = service.check(given).model_dump(mode="json")
    print_json(body) if as_json else cli_view.print_check(out, body)


def _check_file(file: Path, service: CheckService, min_probability: float) -> None:
    """Answer a line for each line of the file; a bad one is answered with its fault."""
    from app.accounts.intake import check_record, read_lines  # noqa: PLC0415
    from app.accounts.observation import RejectedLine  # noqa: PLC0415
    from app.accounts.schemas import AccountIn  # noqa: PLC0415
    from app.accounts.service import batched  # noqa: PLC0415
    from app.checks.schemas import MAX_ACCOUNTS, CheckOptions  # noqa: PLC0415

    options = CheckOptions(min_probability=min_probability)
    for lines in batched(read_lines(file.read_bytes(), "account"), MAX_ACCOUNTS):
        read = [(line, check_record(line, given, AccountIn.model_validate)) for line, given in lines]
        answers = iter(_check_good([one for _, one in read if isinstance(one, AccountIn)], service, options))
        for line, one in read:
            told = {"rejected": one.reason} if isinstance(one, RejectedLine) else next(answers)
            sys.stdout.write(write_json({"line": line} | told) + "\n")


def _check_good(accounts: list[AccountIn], service: CheckService, options: CheckOptions) -> list[dict[str, Any]]:
    """Check accounts at once; one by one where one of them is refused, as for its picture."""
    from app.problems import ProblemError  # noqa: PLC0415

    try:
        return [told.model_dump(mode="json") for told in service.check_many(accounts, options)]
    except ProblemError as error:
        if len(accounts) == 1:
            return [{"rejected": error.detail}]
        return [told for one in accounts for told in _check_good([one], service, options)]
