"""A Nostr relay that can search (NIP-50), from PyPI in the servers' own venv."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.servers.parts import find_in_venv, find_program
from tests.servers.people import Person
from tests.servers.process import PATIENCE, answers, clean_environment, free_ports, run_server

SIGN = Path(__file__).with_name("sign_profiles.py")
# Its settings are YAML, of which JSON is a part.
SETTINGS = {"relay_name": "a relay of tests", "fts_enabled": True, "fts_kinds": [0]}


@dataclass(frozen=True, slots=True)
class Relay:
    """A running relay: its address (ws://...), and the public key of every handle, in hexadecimal."""

    url: str
    keys: Mapping[str, str]


@contextmanager
def run_relay(people: Sequence[Person], **settings: Any) -> Iterator[Relay]:
    """Run a relay for the time of the block. Profiles are signed by keys made here; pictures are left out."""
    find_in_venv("nostr_relay")
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="cc-nostr-") as name:
        home = Path(name)
        ours = {
            "storage": {"class": "nostr_relay.storage.kv.LMDBStorage", "path": str(home / "data")},
            "gunicorn": {"bind": f"127.0.0.1:{port}", "workers": 1},
        }
        (home / "settings.yaml").write_text(json.dumps({**SETTINGS, **ours, **settings}), encoding="utf-8")
        command: list[str | Path] = [find_program("nostr-relay"), "-c", home / "settings.yaml", "serve"]
        environment = clean_environment(HOME=name, TMPDIR=name)
        with run_server(command, home / "log", answers(f"http://127.0.0.1:{port}"), environment=environment):
            url = f"ws://127.0.0.1:{port}"
            events = _sign(people)
            _publish(url, events)
            _wait_for_words(url, people)
            yield Relay(url, {one.handle: event["pubkey"] for one, event in zip(people, events, strict=True)})


def ask_relay(url: str, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stored events that fit a filter (NIP-01)."""
    with connect(url, proxy=None) as line:
        line.send(json.dumps(["REQ", "asked", wanted]))
        found = []
        while (message := json.loads(line.recv(PATIENCE)))[0] == "EVENT":
            found.append(message[2])
        assert message[0] == "EOSE", message
        return found


def _sign(people: Sequence[Person]) -> list[dict[str, Any]]:
    profiles = [{"name": one.handle, "display_name": one.name, "about": one.bio} for one in people]
    done = subprocess.run(
        [find_program("python"), SIGN], input=json.dumps(profiles), text=True, capture_output=True, check=True,
        env=clean_environment(), timeout=PATIENCE,
    )  # fmt: skip
    events: list[dict[str, Any]] = json.loads(done.stdout)
    return events


def _publish(url: str, events: Sequence[Mapping[str, Any]]) -> None:
    """Send the events, each until the relay says that it has it."""
    with connect(url, proxy=None) as line:
        for event in events:
            line.send(json.dumps(["EVENT", event]))
            said = json.loads(line.recv(PATIENCE))
            assert said[:3] == ["OK", event["id"], True], said


def _wait_for_words(url: str, people: Sequence[Person]) -> None:
    """The relay stores a profile first and makes it findable a moment later."""
    end = time.monotonic() + PATIENCE
    for person in people:
        same = sum(one.name == person.name for one in people)
        while len(ask_relay(url, {"kinds": [0], "search": person.name})) < same:
            assert time.monotonic() < end, f"the relay does not find {person.name}"
            time.sleep(0.1)
