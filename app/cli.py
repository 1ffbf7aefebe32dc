"""The command line: the same services as the HTTP API, without a server.

Exit codes are in `EXIT_CODES`, which `clonecheck --help` shows.
"""

from __future__ import annotations

import codecs
import logging
import sys
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from app import __version__, cli_view
from app.cli_attack import attack
from app.cli_evidence import make_evidence, verify
from app.cli_filing import report
from app.cli_history import history_app
from app.cli_index import index_app
from app.cli_progress import ProgressTeller
from app.cli_reports import reports_app
from app.cli_routes import platforms, routes
from app.cli_scan import scan, show
from app.cli_shared import (
    AsJson,
    HandleOption,
    Name,
    PhotoOption,
    PlatformOption,
    Quiet,
    open_index,
    print_json,
    read_settings,
    subject_fields,
)
from app.cli_sources import sources_app
from app.cli_subjects import check, subjects_app
from app.plain_text import plain
from app.problems import ProblemError, describe_fault, say_invalid

EXIT_CODES = (
    "Exit codes: 0 done, whatever was found; 1 a fault of ours or of the system, a no to a question, or a check that "
    "found something (index check, sources test); 2 the input or a setting is not valid; 3 scan --fail-on-suspects "
    "found a suspect; 130 ended by Ctrl-C. clonecheck verify has codes of its own, 3 to 6: see its help. Errors stand "
    "on the error output."
)

app = typer.Typer(
    name="clonecheck",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)

app.add_typer(history_app, name="history")
app.add_typer(index_app, name="index")
app.add_typer(reports_app, name="reports")
app.add_typer(sources_app, name="sources")
app.add_typer(subjects_app, name="subjects")
app.command()(scan)
app.command()(show)
app.command()(attack)
app.command()(check)
app.command()(report)
app.command("evidence")(make_evidence)
app.command()(verify)
app.command()(routes)
app.command()(platforms)

out = Console()
err = Console(stderr=True)


def _print_version(asked: bool) -> None:  # as Typer calls it
    if asked:
        sys.stdout.write(f"clonecheck {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Has somebody cloned me? Finds accounts that pass themselves off as a person."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, by default with the process's arguments; raises `SystemExit` with the code at its end.

    Whatever goes wrong becomes one clear line and an exit code.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        app(arguments, prog_name="clonecheck")
    except Exception as error:  # noqa: BLE001  # a traceback may quote names and handles
        _fail(*_explain(error))


def _fail(told: str, code: int = 2) -> NoReturn:
    err.print(f"Error: {plain(told)}", style="bold red", markup=False, highlight=False, soft_wrap=True)
    raise SystemExit(code)


def _explain(error: Exception) -> tuple[str, int]:
    """What to tell about an error, and the exit code."""
    match error:
        case ProblemError():
            return error.detail, 2 if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else 1
        case ModuleNotFoundError():
            return f"The Python module {error.name} is needed for this and is not installed.", 1
        case OSError():
            told = error.strerror or type(error).__name__
            return f"{told}: {error.filename}" if error.filename else told, 1
    fault = f"This is a fault of clonecheck: {describe_fault(error)}", 1
    return _explain_setting(error) or _explain_rarer(error) or fault


def _explain_setting(error: Exception) -> tuple[str, int] | None:
    from pydantic import ValidationError  # noqa: PLC0415  # keeps `--help` quick

    from app.settings import Settings  # noqa: PLC0415

    if not isinstance(error, ValidationError) or error.title != Settings.__name__:
        return None
    prefix = str(Settings.model_config.get("env_prefix"))
    return _tell_places(((prefix + str(i["loc"][0]).upper(),), i["msg"]) for i in error.errors()), 2


def _tell_places(faults: Iterable[tuple[Sequence[str | int], str]]) -> str:
    places = {"/".join(map(str, place)) or "input": say_invalid(told) for place, told in faults}
    return "; ".join(f"{place}: {told}" for place, told in places.items())


def _explain_rarer(error: Exception) -> tuple[str, int] | None:
    """The same for errors of modules that take long to load; None for a fault of ours."""
    from fastapi.exceptions import RequestValidationError  # noqa: PLC0415  # keeps `--help` quick
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError  # noqa: PLC0415

    if isinstance(error, RequestValidationError):
        return _tell_places((item["loc"][1:], item["msg"]) for item in error.errors()), 2
    if isinstance(error, ArgumentError):
        return "CLONECHECK_DATABASE_URL: is no database URL that SQLAlchemy knows", 2
    if isinstance(error, SQLAlchemyError):
        # The message quotes the statement with what is to be stored.
        cause = type(getattr(error, "orig", None) or error).__name__
        return f"The database cannot be used ({cause}); see CLONECHECK_DATA_DIR and CLONECHECK_DATABASE_URL.", 1
    return None


@app.command()
def preview(
    name: Name = None,
    handle: HandleOption = None,
    platform: PlatformOption = None,
    photo: PhotoOption = None,
    limit: Annotated[int, typer.Option(min=0, max=200, help="Most lookalikes to list.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Tell how unique your name is, whether the photo serves, and which handles an impostor might take."""
    from app.subjects.schemas import SubjectIn  # noqa: PLC0415
    from app.subjects.service import preview_subject  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    given = validate(SubjectIn, subject_fields(name, handle, platform, photo))
    body = preview_subject(given, read_settings(), limit).model_dump(mode="json")
    print_json(body) if as_json else cli_view.print_preview(out, body)


@app.command("import")
def import_accounts(
    file: Annotated[
        Path,
        typer.Argument(
            help="NDJSON, JSON, CSV or Parquet (pip install 'clonecheck[parquet]').", exists=True, dir_okay=False
        ),
    ],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Import accounts into the index; run it again after an interruption and it goes on where it was."""
    from app.accounts.importer import Progress, import_file  # noqa: PLC0415

    teller = ProgressTeller(err, "Importing", "accounts", silent=as_json or quiet)

    def tell(done: Progress) -> None:
        teller.tell(done.records_done, done.bytes_done, done.bytes_total, done.records_before)

    with open_index() as (database, settings), teller:
        result = import_file(file, database, settings, tell)
    body = result.to_wire()
    print_json(body) if as_json else cli_view.print_import(out, body)


@app.command()
def compare(
    file: Annotated[
        Path, typer.Argument(help='JSON: {"subject": {...}, "account": {...}}', exists=True, dir_okay=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Compare a subject with one account, without any search."""
    from app.scans.schemas import CompareIn, ComparisonOut  # noqa: PLC0415
    from app.scans.service import compare_pair  # noqa: PLC0415
    from app.wire import validate  # noqa: PLC0415

    settings = read_settings()
    request = validate(CompareIn, file.read_bytes().removeprefix(codecs.BOM_UTF8))
    compared: ComparisonOut = compare_pair(request, settings)
    body = compared.model_dump(mode="json")
    print_json(body) if as_json else cli_view.print_comparison(out, body)


@app.command("hash")
def hash_file(
    photo: Annotated[Path, typer.Argument(help="A picture file.", exists=True, dir_okay=False)],
    exchange: Annotated[
        list[str] | None,
        typer.Option(help="A hash of other systems to add (pdq, phash); repeatable. Without it: phash."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, which it does without this too.")] = True,  # noqa: ARG001
) -> None:
    """Hash a picture, so that the hashes can be sent in its place."""
    from app.photos.schemas import photo_to_wire  # noqa: PLC0415
    from app.photos.service import hash_picture, read_exchange  # noqa: PLC0415
    from matchers.photos import photo_usable  # noqa: PLC0415

    hashed = hash_picture(photo.read_bytes(), read_settings(), read_exchange(exchange or []))
    usable, reason = photo_usable(hashed.photo)
    print_json({"hashes": photo_to_wire(hashed.photo), "usable": usable, "reason": reason})


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; anything but loopback needs API keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Run the HTTP service."""
    import uvicorn  # noqa: PLC0415

    from app.guard import is_loopback  # noqa: PLC0415
    from app.main import create_app  # noqa: PLC0415
    from app.scans.offline import open_database  # noqa: PLC0415

    settings = read_settings()
    if not is_loopback(host) and not settings.api_keys:
        _fail("On any address but loopback the service needs keys: set CLONECHECK_API_KEYS (separated by commas).")
    # The server would tell of a database that cannot be used by a traceback.
    open_database(settings).dispose()
    # Scans and imports share one interpreter: a thread that only wants to read a row should not wait 5 ms for it.
    sys.setswitchinterval(0.001)
    logging.getLogger("clonecheck").setLevel(logging.INFO)
    # The server's own access log would write paths; ours writes route templates.
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=list(settings.trusted_proxies),
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="First port to try.")] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its database.")] = Path(".demo"),
    size: Annotated[int, typer.Option(min=100, max=20_000, help="Accounts in the demo corpus.")] = 3000,
    stop: Annotated[bool, typer.Option("--stop", help="Stop a demo service left running.")] = False,
    leave: Annotated[bool, typer.Option("--exit", help="Stop the service again at the end.")] = False,
) -> None:
    """Build a demo corpus with planted clones, scan it over HTTP, show what was found."""
    from app.demo.run import run_demo, stop_demo  # noqa: PLC0415

    if stop:
        stop_demo(folder)
    else:
        run_demo(port=port, folder=folder, exit=leave, size=size)


@app.command()
def version(as_json: AsJson = False) -> None:
    """Print the version."""
    print_json({"version": __version__}) if as_json else out.print(__version__)


if __name__ == "__main__":
    main()
