"""snac, a small Fediverse server that speaks the Mastodon API. From the system: Debian has it in bookworm-backports."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.parts import SNAC_HOWTO, find_on_system
from tests.servers.people import Person
from tests.servers.process import PATIENCE, answers, clean_environment, free_ports, open_client, run_server

NO_REDIRECT = "urn:ietf:wg:oauth:2.0:oob"
# The account that searches.
WATCHER = "watcher"


@dataclass(frozen=True, slots=True)
class Snac:
    """A running server: its address, its name in user@host, the token of an account that may search, its folder."""

    url: str
    host: str
    token: str
    data: Path


@contextmanager
def run_snac(people: Sequence[Person]) -> Iterator[Snac]:
    """Run a server for the time of the block; handles have ASCII letters, digits and underscores only."""
    program = find_on_system("snac", SNAC_HOWTO)
    [port] = free_ports(1)
    host = f"localhost:{port}"
    with tempfile.TemporaryDirectory(prefix="cc-snac-") as name:
        home = Path(name)
        data = home / "data"
        _run(program, "init", data, told=f"127.0.0.1\n{port}\n{host}\n\n\n")
        _change(data / "server.json", protocol="http")
        passwords = {one.handle: _add_user(program, data, one) for one in [*people, Person(WATCHER, "Watcher")]}
        url = f"http://{host}"
        with run_server([program, "httpd", data], home / "log", answers(url)):
            for one in people:
                if one.picture is not None:
                    _set_picture(url, one, passwords[one.handle])
            yield Snac(url, host, _log_in(url, WATCHER, passwords[WATCHER]), data)


def meet(server: Snac, address: str) -> None:
    """Make a server know an account of another, user@host: its watcher follows it. It is found there from then on."""
    with open_client(f"{server.url}/api") as client:
        client.headers["Authorization"] = f"Bearer {server.token}"
        asked = {"q": f"@{address}", "resolve": "true"}
        [found] = client.get("/v2/search", params=asked).raise_for_status().json()["accounts"]
        client.post(f"/v1/accounts/{found['id']}/follow").raise_for_status()
        # It is listed once the other side has let itself be followed.
        end = time.monotonic() + PATIENCE
        while not client.get("/v1/accounts/search", params={"q": address.partition("@")[0]}).json():
            assert time.monotonic() < end, f"{server.host} does not list {address}"
            time.sleep(0.2)


def delete(server: Snac, handle: str) -> None:
    """Delete an account of a running server."""
    _run(find_on_system("snac", SNAC_HOWTO), "deluser", server.data, handle)


def _run(program: Path, *arguments: str | Path, told: str = "") -> str:
    done = subprocess.run(
        [program, *arguments], input=told, text=True, check=True, env=clean_environment(), timeout=PATIENCE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def _add_user(program: Path, data: Path, person: Person) -> str:
    """Make the account before the server starts; returns the password that snac made up."""
    shown = _run(program, "adduser", data, person.handle)
    _change(data / "user" / person.handle / "user.json", name=person.name, bio=person.bio)
    found = re.search(r"password is (\S+)", shown)
    assert found, shown
    return found[1]


def _change(file: Path, **values: str) -> None:
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | values), encoding="utf-8")


def _set_picture(url: str, person: Person, password: str) -> None:
    assert person.picture is not None
    told = {"avatar": (person.picture.name, person.picture.read_bytes(), person.picture_type)}
    headers = {"Authorization": f"Bearer {_log_in(url, person.handle, password)}"}
    with open_client() as client:
        client.patch(f"{url}/api/v1/accounts/update_credentials", files=told, headers=headers).raise_for_status()


def _log_in(url: str, handle: str, password: str) -> str:
    """Go the way of OAuth that an app without a website goes; returns the access token."""
    with open_client(url) as client:
        app = {"client_name": "test", "redirect_uris": NO_REDIRECT, "scopes": "read write"}
        keys = client.post("/api/v1/apps", data=app).raise_for_status().json()
        form = {"login": handle, "passwd": password, "redir": NO_REDIRECT, "cid": keys["client_id"], "state": ""}
        code = client.post("/oauth/x-snac-login", data=form).raise_for_status().text.strip()
        grant = {
            "grant_type": "authorization_code",
            "client_id": keys["client_id"],
            "client_secret": keys["client_secret"],
            "redirect_uri": NO_REDIRECT,
            "code": code,
        }
        return str(client.post("/oauth/token", data=grant).raise_for_status().json()["access_token"])
