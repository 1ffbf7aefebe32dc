"""What `clonecheck demo` does: a real service, a corpus with planted clones, a scan over HTTP, the answer in words."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import httpx2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import cli_view
from app.demo.corpus import Demo, build_demo
from app.demo.service import (
    Service,
    ServiceError,
    is_running,
    open_client,
    read_answer,
    recall,
    remember,
    send_accounts,
    start_service,
    stop_service,
)
from app.plain_text import plain

# Which process runs the service, until it is stopped; and that the database of the folder is a demo's, for good.
_NOTE = "service.json"
_MARK = "made-by-demo"
_DATABASE = ("clonecheck.db", "clonecheck.db-wal", "clonecheck.db-shm")
_PHOTO = "marisol.jpg"


def run_demo(port: int, folder: Path, exit: bool, size: int) -> None:  # noqa: A002  # named like the option
    """Build a demo corpus, import and scan it through a service of its own, and print what was found.

    On a terminal the service then runs until Ctrl-C; elsewhere it is left running, unless `exit` says to end it.
    Raises `SystemExit` with code 1 when the service cannot be started or does not answer.
    """
    console = Console()
    try:
        service = _start_afresh(console, port, folder)
    except ServiceError as error:
        _fail(error, folder)
    try:
        _show(console, service, build_demo(size=size, today=datetime.now(UTC).date()), folder)
    except (ServiceError, httpx2.HTTPError) as error:
        stop_service(service)
        _fail(error, folder)
    except BaseException:
        stop_service(service)
        raise
    _leave(console, service, folder, leave_running=not exit)


def stop_demo(folder: Path) -> None:
    """Stop a demo service that was left running; a process that is not the one we started is left alone."""
    console = Console()
    service = recall(folder / _NOTE)
    if service is not None and stop_service(service):
        console.print(f"Stopped the demo service on port {service.port} (process {service.pid}).", highlight=False)
    else:
        console.print("No demo service of this folder is running.")
    (folder / _NOTE).unlink(missing_ok=True)


def _fail(error: Exception, folder: Path) -> NoReturn:
    Console(stderr=True).print(f"The demo failed: {plain(error)}", style="bold red", markup=False)
    Console(stderr=True).print(f"The service's own words are in {folder / 'service.log'}.", markup=False)
    raise SystemExit(1)


def _start_afresh(console: Console, port: int, folder: Path) -> Service:
    """End the last demo of the folder, remove its database, start the service."""
    last = recall(folder / _NOTE)
    ours = last is not None or (folder / _MARK).exists()
    if not ours and (folder / _DATABASE[0]).exists():
        raise ServiceError(f"{folder} holds a database that no demo made; choose another folder")
    if last is not None and is_running(last):
        stop_service(last)
    for name in _DATABASE:
        (folder / name).unlink(missing_ok=True)
    with console.status("Starting the service ..."):
        service = start_service(folder, port)
    (folder / _MARK).touch()
    remember(service, folder / _NOTE)
    if service.port != port:
        console.print(f"Port {port} is taken; using {service.port}.", highlight=False)
    return service


def _show(console: Console, service: Service, demo: Demo, folder: Path) -> None:
    photo = folder / _PHOTO
    photo.write_bytes(demo.photo)
    console.rule("[bold]clonecheck demo[/]: nobody in it exists, every portrait is drawn")
    with open_client(service) as client:
        _import(console, client, demo)
        console.print("Searching, as you would:")
        console.print(f"  {_command(service, demo, photo)}\n", highlight=False, soft_wrap=True)
        started = time.perf_counter()
        scan = ask_scan(client, demo)
        took = time.perf_counter() - started
    cli_view.print_scan(console, scan)
    console.print(f"\nThe scan of {demo.size:,} accounts took {took * 1000:.0f} ms.", highlight=False)
    _compare_with_plan(console, scan, demo)


def _import(console: Console, client: httpx2.Client, demo: Demo) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Drawing and importing accounts", total=demo.size)
        for taken in send_accounts(client, demo.accounts()):
            progress.advance(task, taken)


def ask_scan(client: httpx2.Client, demo: Demo) -> dict[str, Any]:
    """Scan for the demo's subject as a form post with the photo as a file, and wait for the end."""
    answer = client.post(
        "/v1/scans",
        data={
            "name": demo.name,
            "handle": demo.handle,
            "platform": demo.platform,
            "bio": demo.bio,
            "own_account": list(demo.own_accounts),
        },
        files={"photo": (_PHOTO, demo.photo, "image/jpeg")},
        headers={"Prefer": "wait=60"},
    )
    return read_answer(answer)


def _command(service: Service, demo: Demo, photo: Path) -> str:
    own = " ".join(f"-F own_account={address}" for address in demo.own_accounts)
    return (
        f"curl -F name='{demo.name}' -F handle={demo.handle} -F platform={demo.platform} -F photo=@{photo}"
        f" -F bio='{demo.bio}' {own} {service.url}/v1/scans"
    )


def _compare_with_plan(console: Console, scan: dict[str, Any], demo: Demo) -> None:
    """Say whether the scan found what was planted: a demo that is wrong must say so."""
    given = {_key(item["account"]): item["verdict"] for item in (*scan["suspects"], *scan["set_aside"])}
    wrong = [p for p in demo.planted if given.get(_key(p.account), "unrelated") != p.verdict]
    planted = {_key(p.account) for p in demo.planted}
    strangers = [item for item in scan["suspects"] if _key(item["account"]) not in planted]
    kinds = Counter(p.verdict for p in demo.planted)
    told = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in kinds.items())
    console.print(f"Planted: {told}. Told apart rightly: {len(demo.planted) - len(wrong)} of {len(demo.planted)}.")
    _list_faults(console, [f"{p.how}: meant as {p.verdict}, taken for {given.get(_key(p.account))}" for p in wrong])
    _list_faults(console, [f"a stranger taken for a suspect: {cli_view.say_account(s['account'])}" for s in strangers])


def _program() -> str:
    """The command as the user typed it, or as it is usually typed."""
    return sys.argv[0] if Path(sys.argv[0]).name == "clonecheck" else "clonecheck"


def _list_faults(console: Console, faults: Sequence[str]) -> None:
    for fault in faults:
        console.print(f"  {fault}", style="yellow", markup=False, highlight=False)


def _key(account: dict[str, Any]) -> tuple[str, str]:
    return account["platform"], str(account.get("handle", "")).lower()


def _leave(console: Console, service: Service, folder: Path, *, leave_running: bool) -> None:
    if not leave_running:
        stop_service(service)
        console.print(f"\nThe service is stopped again; `{_program()} demo` without --exit leaves it running.")
        return
    waits = sys.stdin.isatty()
    how_to_stop = "Ctrl-C stops it" if waits else f"`{_program()} demo --stop --folder {folder}` stops it"
    console.print(f"\nThe service goes on running as process {service.pid}; {how_to_stop}.", highlight=False)
    address = (
        f"{service.url}  scan yourself: curl -F name='Your Name' -F handle=yourhandle -F photo=@you.jpg "
        f"{service.url}/v1/scans"
    )
    console.print(address, highlight=False, soft_wrap=True, markup=False)
    try:
        while waits and is_running(service):
            time.sleep(1)
    except KeyboardInterrupt:
        stop_service(service)
