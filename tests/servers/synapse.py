"""Synapse, the reference server of Matrix, from PyPI in the servers' own venv, with its user directory open to all."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.servers.parts import find_in_venv, find_program
from tests.servers.people import Person
from tests.servers.process import answers, clean_environment, free_ports, run_server

SERVER_NAME = "matrix.localhost"
PASSWORD = "correct-horse-battery"
WATCHER = "watcher"
SECRET = "only-for-tests"
# Generous limits for seeding; what a user may ask of the directory and of profiles stays as it comes.
SETTINGS = """
user_directory: {{enabled: true, search_all_users: true}}
enable_registration: true
registration_shared_secret: {secret}
enable_registration_without_verification: true
rc_registration: {{per_second: 1000, burst_count: 1000}}
rc_login: {{address: {{per_second: 1000, burst_count: 1000}}, account: {{per_second: 1000, burst_count: 1000}}}}
listeners:
  - {{port: {port}, type: http, bind_addresses: [127.0.0.1], resources: [{{names: [client, media], compress: false}}]}}
"""
# Limits of asking that hundreds of scans from one address do not reach.
OPEN_TO_ALL = """
rc_user_directory: {per_second: 100000, burst_count: 100000}
rc_profile: {per_second: 100000, burst_count: 100000}
"""


@dataclass(frozen=True, slots=True)
class Synapse:
    """A running server: its address, the name in @user:name, and the token of a user who may search."""

    url: str
    server_name: str
    token: str


@contextmanager
def run_synapse(people: Sequence[Person], more: str = "") -> Iterator[Synapse]:
    """Run a server for the time of the block; handles are local parts in lower case, `more` is further settings."""
    find_in_venv("synapse")
    command = [str(find_program("python")), "-m", "synapse.app.homeserver"]
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="cc-synapse-") as name:
        home = Path(name)
        _write_settings(command, home, port, more)
        with run_server([*command, "-c", "made.yaml", "-c", "ours.yaml"], home / "log", answers(url)):
            with httpx2.Client(base_url=url, trust_env=False, timeout=20) as client:
                for person in people:
                    _create_account(client, person)
                token = _register(client, WATCHER)[1]
            yield Synapse(url, SERVER_NAME, token)


def read_reports(server: Synapse) -> list[dict[str, Any]]:
    """The reports on users that the administrators find, as one of them sees them; each call makes one."""
    with httpx2.Client(base_url=server.url, trust_env=False, timeout=20) as client:
        headers = {"Authorization": f"Bearer {_make_administrator(client)}"}
        reply = client.get("/_synapse/admin/v1/user_reports", headers=headers).raise_for_status()
    found: list[dict[str, Any]] = reply.json()["user_reports"]
    return found


def _make_administrator(client: httpx2.Client) -> str:
    """Make an account with all rights, by the secret that the server shares with its operator; gives its token."""
    name = f"admin-{secrets.token_hex(4)}"
    nonce = client.get("/_synapse/admin/v1/register").raise_for_status().json()["nonce"]
    signed = hmac.new(SECRET.encode(), "\0".join((nonce, name, PASSWORD, "admin")).encode(), hashlib.sha1)
    told = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": True, "mac": signed.hexdigest()}
    made = client.post("/_synapse/admin/v1/register", json=told).raise_for_status().json()
    return str(made["access_token"])


def _write_settings(command: Sequence[str], home: Path, port: int, more: str) -> None:
    told = ["--server-name", SERVER_NAME, "--config-path", "made.yaml", "--generate-config", "--report-stats=no"]
    subprocess.run(
        [*command, *told], cwd=home, check=True, capture_output=True, env=clean_environment(), timeout=60
    )  # fmt: skip
    (home / "ours.yaml").write_text(SETTINGS.format(port=port, secret=SECRET) + more, encoding="utf-8")


def _create_account(client: httpx2.Client, person: Person) -> None:
    user, token = _register(client, person.handle)
    headers = {"Authorization": f"Bearer {token}"}
    shown = {"displayname": person.name}
    client.put(f"/_matrix/client/v3/profile/{user}/displayname", json=shown, headers=headers).raise_for_status()
    if person.picture is not None:
        kind = headers | {"Content-Type": person.picture_type}
        stored = client.post("/_matrix/media/v3/upload", content=person.picture.read_bytes(), headers=kind)
        shown = {"avatar_url": stored.raise_for_status().json()["content_uri"]}
        client.put(f"/_matrix/client/v3/profile/{user}/avatar_url", json=shown, headers=headers).raise_for_status()


def _register(client: httpx2.Client, handle: str) -> tuple[str, str]:
    """Make an account as a visitor would; returns the full name and the access token."""
    told = {"username": handle, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
    made = client.post("/_matrix/client/v3/register", json=told).raise_for_status().json()
    return made["user_id"], made["access_token"]
