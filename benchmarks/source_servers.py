"""The real servers of the benchmark of sources, seeded with copies of some of its people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.people import Legislator
from tests.servers.atproto import run_at_network
from tests.servers.counting import Door, open_door
from tests.servers.nostr import run_relay
from tests.servers.people import Person
from tests.servers.snac import run_snac
from tests.servers.synapse import OPEN_TO_ALL, run_synapse

SOURCES = ("bluesky", "mastodon", "matrix", "nostr")
BIO = "Message me about your prize."
# The longest name that a server of the AT network gives under its own domain is 18 letters.
_LONGEST = 17
# No waiting for a turn: these servers are ours, and what shall show is what the scan itself takes.
UNPACED = {"CLONECHECK_NET_CALLS_PER_SECOND": "1000", "CLONECHECK_NET_BURST": "1000"}
# Seconds until a far server answers, at least: what a reply from another city takes.
ROUND_TRIP = 0.03


@dataclass(frozen=True, slots=True)
class Platforms:
    """Running servers: the addresses of each source, the tokens that they want, and where pictures come from."""

    addresses: Mapping[str, tuple[str, ...]]
    snac_tokens: tuple[str, ...]
    matrix_token: str
    picture_hosts: tuple[str, ...]

    def settings(self) -> dict[str, str]:
        """The settings with which our service finds them."""
        hosts = [urlsplit(address).netloc for urls in self.addresses.values() for address in urls]
        tokens = zip(self.addresses["mastodon"], self.snac_tokens, strict=True)
        return {
            "CLONECHECK_NET_ALLOW_PRIVATE": ",".join(dict.fromkeys((*hosts, *self.picture_hosts))),
            "CLONECHECK_BLUESKY_URL": self.addresses["bluesky"][0],
            "CLONECHECK_MASTODON_SERVERS": ",".join(self.addresses["mastodon"]),
            "CLONECHECK_MASTODON_TOKENS": ",".join(f"{urlsplit(url).netloc}={token}" for url, token in tokens),
            "CLONECHECK_MATRIX_URL": self.addresses["matrix"][0],
            "CLONECHECK_MATRIX_TOKEN": self.matrix_token,
            "CLONECHECK_NOSTR_RELAYS": self.addresses["nostr"][0],
        }


@contextmanager
def run_platforms(people: Sequence[Legislator]) -> Iterator[Platforms]:
    """Run an AT Protocol network, two snac, Synapse and a Nostr relay, with a copy of each person on each server."""

    def make(ending: str, *, picture: bool = True) -> list[Person]:
        return [Person(f"{who.handle}{ending}", who.name, BIO, who.portrait if picture else None) for who in people]

    with ExitStack() as stack:
        network = stack.enter_context(run_at_network(make("1.test")))
        homes = [stack.enter_context(run_snac(make(ending))) for ending in ("_", "2")]
        synapse = stack.enter_context(run_synapse(make("_"), OPEN_TO_ALL))
        relay = stack.enter_context(run_relay(make("_", picture=False)))
        addresses = {
            "bluesky": (network.url,),
            "mastodon": tuple(home.url for home in homes),
            "matrix": (synapse.url,),
            "nostr": (relay.url,),
        }
        hosts = tuple(urlsplit(url).netloc for urls in addresses.values() for url in urls)
        yield Platforms(addresses, tuple(home.token for home in homes), synapse.token, hosts)


@contextmanager
def watch_platforms(
    platforms: Platforms, delay: float = 0.0
) -> Iterator[tuple[Platforms, Mapping[str, Sequence[Door]]]]:
    """The same servers behind doors that note every request, and the doors of each source.

    What is asked through a door comes to the server `delay` seconds later. Pictures do not come through it.
    """
    with ExitStack() as stack:
        doors = {
            source: [stack.enter_context(open_door(url, delay)) for url in urls]
            for source, urls in platforms.addresses.items()
        }
        addresses = {source: tuple(door.url for door in behind) for source, behind in doors.items()}
        yield (
            Platforms(addresses, platforms.snac_tokens, platforms.matrix_token, platforms.picture_hosts),
            doors,
        )


def choose_people(people: Sequence[Legislator], count: int) -> list[Legislator]:
    """The first people with a handle that every platform takes, also with a sign more."""
    plain = [who for who in people if who.handle.isalnum() and who.handle.isascii() and len(who.handle) <= _LONGEST]
    return plain[:count]


def place(folder: Path, platforms: Platforms) -> dict[str, str]:
    """All settings of a service with its database in a folder."""
    return {"CLONECHECK_DATA_DIR": str(folder), **platforms.settings()}
