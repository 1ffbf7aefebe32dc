"""All sources of this installation, by name: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.accounts.photo_hashes import PhotoHashes
from app.net.asking import Net
from app.settings import Settings
from app.sources import (
    bluesky,
    brave,
    farcaster,
    github,
    gitlab,
    gravatar,
    instagram,
    lemmy,
    mastodon,
    matrix,
    misskey,
    nostr,
    probes,
    reddit,
    searxng,
    threads,
    tumblr,
    twitch,
    x,
    youtube,
)
from app.sources.contract import Remote, Source, SourceInfo
from app.sources.gathering import Gatherer
from app.sources.index import IndexSource
from app.sources.links import LinksSource
from app.storage import Database

# Each describes one source outside and connects it, as far as the settings allow.
CONNECT: tuple[Callable[[Settings], Remote], ...] = (
    bluesky.connect,
    mastodon.connect,
    misskey.connect,
    lemmy.connect,
    matrix.connect,
    nostr.connect,
    github.connect,
    gitlab.connect,
    gravatar.connect,
    youtube.connect,
    x.connect,
    twitch.connect,
    farcaster.connect,
    reddit.connect,
    tumblr.connect,
    instagram.connect,
    threads.connect,
    searxng.connect,
    brave.connect,
    probes.connect,
)


def build_sources(settings: Settings, database: Database, net: Net) -> Mapping[str, Source]:
    """Make every source; what a source needs is passed in here."""
    remotes = (apply_switches(connect(settings), settings) for connect in CONNECT)
    sources: tuple[Source, ...] = (
        IndexSource(database, settings.corpus, PhotoHashes.of(settings, database), settings.sweep_seconds),
        *(Gatherer(remote, net) for remote in remotes),
        LinksSource(),
    )
    return {source.info.name: source for source in sources}


def apply_switches(remote: Remote, settings: Settings) -> Remote:
    """Mark a source as not ready where the operator has switched it off, or not yet accepted its terms."""
    info = remote.info
    if info.name in settings.sources_off:
        return _switch_off(remote, info, "Switched off here (CLONECHECK_SOURCES_OFF)")
    if info.consent and info.ready and info.name not in settings.terms_accepted:
        told = f"Read the terms first, then add {info.name} to CLONECHECK_TERMS_ACCEPTED"
        return _switch_off(remote, info, told)
    return remote


def _switch_off(remote: Remote, info: SourceInfo, why: str) -> Remote:
    return replace(remote, info=replace(info, ready=False, not_ready=why))
