"""What our sources make of the replies of real servers. A source that passes here may call itself "live_server"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from pydantic import SecretStr

from app.net.asking import Asker, Net
from app.net.budget import Budget, Ledger
from app.settings import Settings
from app.sources import bluesky, github, mastodon, matrix, nostr
from app.sources.contract import Answer, Connector, Sighting
from app.sources.npub import encode_npub
from tests.servers.atproto import run_at_network
from tests.servers.nostr import run_relay
from tests.servers.people import Person
from tests.servers.prism import run_github
from tests.servers.snac import meet, run_snac
from tests.servers.synapse import run_synapse

pytestmark = [pytest.mark.slow, pytest.mark.data]

NAME = "Annelore Bergström"
BIO = "Writes about bridges."


@contextmanager
def _asking(*addresses: str) -> Iterator[Asker]:
    """Something to ask these servers of this machine with."""
    hosts = tuple(urlsplit(address).netloc for address in addresses)
    net = Net.of(Settings(net_allow_private=hosts, net_calls_per_second=100))
    try:
        yield net.asker(Ledger(Budget(50, 120.0)))
    finally:
        net.close()


def _handles(answer: Answer) -> set[str | None]:
    assert answer.status == "ok", answer.detail
    return {sighting.account.handle for sighting in answer.sightings}


def _only(answer: Answer) -> Sighting:
    assert answer.status == "ok", answer.detail
    [sighting] = answer.sightings
    return sighting


def _assert_picture(ask: Asker, sighting: Sighting, portrait: Path) -> None:
    """The picture comes, and has the shape of what was uploaded."""
    assert sighting.picture is not None
    reply = ask.fetch_picture(sighting.picture.url, sighting.picture.headers, 5_000_000).expect()
    with Image.open(BytesIO(reply.content)) as seen, Image.open(portrait) as given:
        ratios = [image.width / image.height for image in (seen, given)]
    assert ratios[0] in (pytest.approx(ratios[1], rel=0.02), 1.0)


def _lookup(connector: Connector, handles: Sequence[str], ask: Asker) -> Answer:
    return connector.lookup(tuple(handles), ask)


def test_bluesky_on_an_at_protocol_network(portraits: list[Path]) -> None:
    people = [
        Person("annelore.test", NAME, BIO, portraits[0]),
        Person("fake-annelore.test", NAME, "Not her.", parody=True),
        Person("otto.test", "Otto Lind"),
    ]
    with run_at_network(people) as network, _asking(network.url) as ask:
        remote = bluesky.connect(Settings(bluesky_url=network.url))
        [source] = remote.connectors
        assert _handles(source.search(NAME, ask)) == {"annelore.test", "fake-annelore.test"}
        assert ask.ledger.calls == 2, "the search, and what typing offers"
        answer = _lookup(source, ["annelore.test", "missing.test", "fake-annelore.test"], ask)
        found = {one.account.handle: one for one in answer.sightings}
        assert set(found) == {"annelore.test", "fake-annelore.test"}
        account = found["annelore.test"].account
        assert (account.display_name, account.bio) == (NAME, BIO)
        assert account.account_id == network.dids["annelore.test"]
        assert (account.followers, account.posts) == (0, 0)
        assert account.created_at is not None
        assert "parody" in found["fake-annelore.test"].account.labels
        _assert_picture(ask, found["annelore.test"], portraits[0])
    assert remote.info.verified == "live_server"


def test_mastodon_on_two_snac_servers(portraits: list[Path]) -> None:
    with run_snac([Person("annelore", NAME, BIO, portraits[0])]) as home, run_snac([]) as other:
        tokens = tuple(SecretStr(f"{server.host}={server.token}") for server in (home, other))
        remote = mastodon.connect(Settings(mastodon_servers=(home.url, other.url), mastodon_tokens=tokens))
        at_home, elsewhere = remote.connectors
        address = f"annelore@{home.host}"
        with _asking(home.url, other.url) as ask:
            # snac searches in handles alone.
            assert _handles(at_home.search("annel", ask)) == {address}
            sighting = _only(_lookup(at_home, ["annelore", "missing"], ask))
            account = sighting.account
            assert (account.handle, account.display_name, account.bio) == (address, NAME, BIO)
            assert account.created_at is not None
            _assert_picture(ask, sighting, portraits[0])
            meet(other, address)
            assert _only(elsewhere.search("annel", ask)).account == account
    assert remote.info.verified == "live_server"


def test_matrix_on_synapse(portraits: list[Path]) -> None:
    people = [Person("annelore", NAME, picture=portraits[0]), Person("annel0re", NAME), Person("otto", "Otto Lind")]
    with run_synapse(people) as server, _asking(server.url) as ask:
        remote = matrix.connect(Settings(matrix_url=server.url, matrix_token=SecretStr(server.token)))
        [source] = remote.connectors
        full = f"annelore:{server.server_name}"
        assert len(_handles(source.search(NAME, ask))) == 2
        sighting = _only(_lookup(source, [full, f"missing:{server.server_name}"], ask))
        assert sighting.account.display_name == NAME
        assert sighting.account.bio is None
        _assert_picture(ask, sighting, portraits[0])
    assert remote.info.verified == "live_server"


def test_nostr_on_a_relay_that_searches_and_on_one_that_does_not() -> None:
    people = [Person("annelore", NAME, BIO), Person("otto", "Otto Lind")]
    with run_relay(people) as relay, _asking(relay.url) as ask:
        remote = nostr.connect(Settings(nostr_relays=(relay.url,)))
        account = _only(remote.connectors[0].search(NAME, ask)).account
        assert (account.display_name, account.bio) == (NAME, BIO)
        assert account.account_id == encode_npub(bytes.fromhex(relay.keys["annelore"]))
    with run_relay([], fts_enabled=False) as relay, _asking(relay.url) as ask:
        [source] = nostr.connect(Settings(nostr_relays=(relay.url,))).connectors
        assert source.search(NAME, ask).status == "unknown"
    assert remote.info.verified == "live_server"


def test_github_on_its_own_description_and_examples() -> None:
    with run_github() as url, _asking(url) as ask:
        remote = github.connect(Settings(github_url=url))
        [source] = remote.connectors
        account = _only(_lookup(source, ["octocat"], ask)).account
        assert (account.handle, account.display_name) == ("octocat", "monalisa octocat")
        assert account.followers is not None
        assert account.created_at is not None
        assert source.search("octocat", ask).sightings
    # No server of GitHub's was asked: what proves the mapping is in tests/sources/test_github.py.
    assert remote.info.verified == "recorded"
