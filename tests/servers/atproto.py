"""An AT Protocol network as Bluesky runs it: PLC directory, PDS, AppView and Ozone, from npm's @atproto/dev-env.

Search is a stand-in of ours (at_network/network.mjs) behind the real AppView: what is found says nothing about ranking.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.servers.parts import find_node, find_node_parts
from tests.servers.people import Person
from tests.servers.postgres import run_postgres
from tests.servers.process import PATIENCE, clean_environment, free_ports, open_client, run_server

HERE = Path(__file__).parent
PARTS = ("plc", "pds", "appview", "ozone", "search")
PASSWORD = "correct-horse-battery"
# The moderators of @atproto/dev-env.
MODERATOR = ("admin", "admin-pass")


@dataclass(frozen=True, slots=True)
class AtNetwork:
    """A running network: the addresses of AppView, PDS and Ozone, the DID of every handle and of the moderators."""

    url: str
    pds_url: str
    dids: Mapping[str, str]
    ozone_url: str
    labeler: str


@contextmanager
def run_at_network(people: Sequence[Person]) -> Iterator[AtNetwork]:
    """Run a network for the time of the block; `people` have handles such as anna.test."""
    node, folder = find_node(), find_node_parts("at_network")
    ports = dict(zip(PARTS, free_ports(len(PARTS)), strict=True))
    urls = {part: f"http://localhost:{port}" for part, port in ports.items()}
    # Node looks for packages beside the script, so the script goes to them.
    script = Path(shutil.copy(HERE / "at_network" / "network.mjs", folder))
    with tempfile.TemporaryDirectory(prefix="cc-at-") as name, run_postgres() as database:
        home = Path(name)
        plan, ready = home / "plan.json", home / "ready.json"
        plan.write_text(json.dumps({"ports": ports, "urls": urls, "people": [_as_told(one) for one in people]}))
        environment = clean_environment(
            DB_POSTGRES_URL=database, REDIS_HOST="unused", NODE_ENV="development", LOG_ENABLED="false", TMPDIR=name
        )
        command = [node, script, plan, ready]
        with run_server(command, home / "log", ready.exists, environment=environment):
            told = json.loads(ready.read_text())
            yield AtNetwork(urls["appview"], urls["pds"], told["dids"], urls["ozone"], told["labeler"])


def make_app_password(network: AtNetwork, handle: str) -> str:
    """Make an app password as its owner does."""
    with open_client(f"{network.pds_url}/xrpc") as client:
        _sign_in(client, handle)
        made = client.post("/com.atproto.server.createAppPassword", json={"name": "reports"}).raise_for_status().json()
    return str(made["password"])


def read_reports(network: AtNetwork, handle: str) -> list[dict[str, Any]]:
    """The reports on an account in the moderators' queue, the newest first."""
    asked = {"subject": network.dids[handle], "types": "tools.ozone.moderation.defs#modEventReport"}
    with open_client(f"{network.ozone_url}/xrpc") as client:
        reply = client.get("/tools.ozone.moderation.queryEvents", params=asked, auth=MODERATOR).raise_for_status()
        found: list[dict[str, Any]] = reply.json()["events"]
        return found


def read_status(network: AtNetwork, handle: str) -> dict[str, Any]:
    """Where an account stands in the moderators' queue; empty if they know nothing of it."""
    with open_client(f"{network.ozone_url}/xrpc") as client:
        asked = {"subject": network.dids[handle]}
        reply = client.get("/tools.ozone.moderation.queryStatuses", params=asked, auth=MODERATOR).raise_for_status()
        found: list[dict[str, Any]] = reply.json()["subjectStatuses"]
        return found[0] if found else {}


def deactivate(network: AtNetwork, handle: str) -> None:
    """Take an account down as its owner does; returns once the AppView shows it no more."""
    with open_client(f"{network.pds_url}/xrpc") as client:
        _sign_in(client, handle)
        client.post("/com.atproto.server.deactivateAccount", json={}).raise_for_status()
    end = time.monotonic() + PATIENCE
    with open_client(f"{network.url}/xrpc") as client:
        while client.get("/app.bsky.actor.getProfiles", params={"actors": [handle]}).json().get("profiles"):
            assert time.monotonic() < end, f"{handle} is still shown"
            time.sleep(0.2)


def _sign_in(client: httpx2.Client, handle: str) -> None:
    asked = {"identifier": handle, "password": PASSWORD}
    session = client.post("/com.atproto.server.createSession", json=asked).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {session['accessJwt']}"


def _as_told(person: Person) -> dict[str, object]:
    told: dict[str, object] = asdict(person) | {"picture_type": person.picture_type, "password": PASSWORD}
    return told | {"picture": str(person.picture) if person.picture else None}
